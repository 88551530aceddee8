namespace MtaSts;

/// <summary>The destinations of TLS reports: <c>mailto:</c> (RFC 6068) and <c>https:</c>. RFC 8460 §3.</summary>
internal static class ReportUri
{
    private const string Mailto = "mailto:";
    private const string Https = "https://";

    /// <remarks>With <c>mayBeAddress</c>, the host of an <c>https:</c> URI may be an IP address: RFC 3986 §3.2.2.</remarks>
    public static bool TryNormalise(string? text, out string? uri, out string? error, bool mayBeAddress = false)
    {
        uri = null;
        var rest = text.AsSpan();
        if (rest.StartsWith(Mailto, StringComparison.OrdinalIgnoreCase))
            error = NormaliseMailto(rest[Mailto.Length..], out uri);
        else if (rest.StartsWith(Https, StringComparison.OrdinalIgnoreCase))
            error = NormaliseHttps(rest[Https.Length..], mayBeAddress, out uri);
        else
            error = rest.IsEmpty ? "is empty" : "is not a mailto: or https:// URI";
        // RFC 8460 §3: these three are separators in the record.
        uri = uri?.Replace(",", "%2C", StringComparison.Ordinal)
            .Replace("!", "%21", StringComparison.Ordinal)
            .Replace(";", "%3B", StringComparison.Ordinal);
        return error is null;
    }

    public static string? RemarkOn(string uri) => uri.StartsWith(Mailto, StringComparison.Ordinal)
        ? uri.StartsWith(Mailto + "//", StringComparison.Ordinal) ? "begins with mailto://, which some senders (mox) don't accept"
            : uri.Contains('%', StringComparison.Ordinal) ? "has a percent escape, which some senders (mox) don't decode" : null
        : TryNormalise(uri, out _, out _) ? null : "has an IP address as its host, for which few servers have a certificate";

    private static string? NormaliseMailto(ReadOnlySpan<char> rest, out string? uri)
    {
        uri = null;
        var query = rest.IndexOf('?');
        var address = query < 0 ? rest : rest[..query];
        var tail = query < 0 ? [] : rest[query..];
        var at = address.LastIndexOf('@');
        if (at <= 0)
            return "has no mail address";
        var local = address[..at];
        if (local.Contains('@') || local[0] == '.' || local[^1] == '.' || local.Contains("..", StringComparison.Ordinal))
            return "has no mail address";
        if (local.Length > 64)
            return $"has {local.Length} characters before the @; SMTP allows 64";
        if ((JudgeCharacters(local) ?? JudgeCharacters(tail)) is { } reason)
            return reason;
        if (!DomainName.TryParse(address[(at + 1)..].ToString(), out var domain, out var error))
            return $"has a domain that {error}";
        uri = $"{Mailto}{local}@{domain.Value}{tail}";
        return null;
    }

    private static string? NormaliseHttps(ReadOnlySpan<char> rest, bool mayBeAddress, out string? uri)
    {
        uri = null;
        var end = rest.IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        var tail = end < 0 ? [] : rest[end..];
        if (JudgeCharacters(tail) is { } reason)
            return reason;
        if (mayBeAddress && IsAddress(authority))
        {
            uri = $"{Https}{authority}{tail}";
            return null;
        }

        var colon = authority.LastIndexOf(':');
        var host = colon < 0 ? authority : authority[..colon];
        var port = colon < 0 ? [] : authority[colon..];
        if (colon >= 0
            && !(ushort.TryParse(port[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
            return "has a malformed port";
        if (!DomainName.TryParse(host.ToString(), out var domain, out var error))
            return $"has a host that {error}";
        uri = $"{Https}{domain.Value}{port}{tail}";
        return null;
    }

    /// <summary>An IP address as a host, with or without a port. .NET also reads 1 and 0x7f.1 as addresses.</summary>
    private static bool IsAddress(ReadOnlySpan<char> authority) =>
        IPEndPoint.TryParse(authority, out var endPoint) && (authority is ['[', ..]
            || (endPoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
                && authority.StartsWith(endPoint.Address.ToString(), StringComparison.Ordinal)));

    /// <summary>RFC 3986 §2: unreserved, reserved without fragment and brackets, whole escapes that hide no control character.</summary>
    private static string? JudgeCharacters(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                    return "has a malformed percent escape";
                if (text[i + 1] is '0' or '1' || text[i + 1] == '7' && (text[i + 2] | 0x20) == 'f')
                    return "has an escaped control character";
            }
            else if (!char.IsAsciiLetterOrDigit(text[i]) && !"-._~:/?@!$&'()*+,;=".Contains(text[i], StringComparison.Ordinal))
            {
                return "has a character that must be percent-encoded in a URI";
            }
        }

        return null;
    }
}
