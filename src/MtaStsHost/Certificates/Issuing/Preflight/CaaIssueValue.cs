using System.Diagnostics.CodeAnalysis;

namespace MtaStsHost.Certificates.Issuing.Preflight;

/// <summary>The value of a CAA <c>issue</c> property: <c>ca.example; validationmethods=http-01</c>. RFC 8659 §4.2.</summary>
/// <param name="Issuer">The CA's name, lower case; empty when none is permitted.</param>
/// <param name="Parameters">In their order; a tag may be there more than once.</param>
internal sealed record CaaIssueValue(string Issuer, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    private const string WhiteSpace = " \t";

    /// <returns>Whether it keeps to the grammar. A value that doesn't permits nobody.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out CaaIssueValue? value)
    {
        value = null;
        // Neither a tag nor a value has a semicolon in it.
        var parts = text.Split(';');
        var issuer = Trim(parts[0]);
        if (issuer.Length > 0 && !issuer.Split('.').All(IsLabel)) return false;
        var parameters = new List<KeyValuePair<string, string>>();
        foreach (var part in parts.AsSpan(1))
        {
            // One semicolon with nothing after it is good, but none after the last parameter is.
            if (parts.Length == 2 && Trim(part).Length == 0) break;
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) return false;
            var (tag, content) = (Trim(part[..equals]), Trim(part[(equals + 1)..]));
            if (!IsLabel(tag) || content.AsSpan().ContainsAnyExceptInRange('!', '~')) return false;
            parameters.Add(new(tag, content));
        }

        value = new CaaIssueValue(issuer.ToLowerInvariant(), parameters);
        return true;
    }

    /// <summary>The parameters of a tag. RFC 8657 writes its tags in lower case, and CAs look for them so.</summary>
    public IReadOnlyList<string> All(string tag) =>
        [.. Parameters.Where(parameter => parameter.Key == tag).Select(parameter => parameter.Value)];

    public override string ToString() => string.Join("; ", Parameters.Select(parameter => $"{parameter.Key}={parameter.Value}")
        .Prepend(Issuer));

    private static string Trim(string text) => text.Trim(WhiteSpace.ToCharArray());

    /// <summary>Letters, digits, and hyphens between them; a parameter's tag has the same form.</summary>
    private static bool IsLabel(string text) =>
        text.Length > 0 && text[0] != '-' && text[^1] != '-' && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
