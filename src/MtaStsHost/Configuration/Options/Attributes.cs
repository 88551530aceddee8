using System.Buffers;
using System.ComponentModel.DataAnnotations;

namespace MtaStsHost.Configuration;

/// <summary>
/// Validates one text, each entry of a list, or each value of a map. The message of a failure is <c>MEMBER: what; remedy</c>; several are
/// separated by <see cref="Separator"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal abstract class TextAttribute : ValidationAttribute
{
    public const char Separator = '\u001E';

    /// <summary>What editors can check: a regular expression of ECMA-262; <c>null</c>: nothing.</summary>
    public virtual string? Pattern => null;

    /// <summary>How an entry of a list or map is called in messages. A key may contain anything.</summary>
    public static string Member(string name, object key) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}[{key}]").Replace(Separator, ' ');

    /// <returns>What goes after the quoted value, and after a semicolon the remedy; <c>null</c>: the text is good.</returns>
    public abstract string? Fault(string text);

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var name = validationContext.DisplayName;
        var faults = value switch
        {
            string text => One(name, text),
            List<string> list => list.SelectMany((text, i) => One(Member(name, i), text)),
            Dictionary<string, string> map => map.SelectMany(entry => One(Member(name, entry.Key), entry.Value)),
            _ => [],
        };
        var message = string.Join(Separator, faults);
        return message.Length == 0 ? ValidationResult.Success : new ValidationResult(message);
    }

    private IEnumerable<string> One(string name, string text) => Fault(text) is { } fault ? [$"{name}: {fault}"] : [];
}

/// <summary>One of a few words, compared without regard to case; the binder spells it as it is written here.</summary>
internal sealed class ChoiceAttribute(params string[] words) : TextAttribute
{
    public IReadOnlyList<string> Words { get; } = words;

    public override string? Fault(string text) => Words.Contains(text) ? null
        : Words.Count == 1 ? $"is not known here; use {Words[0]}"
        : $"is not known here; use {string.Join(", ", Words.SkipLast(1))} or {Words[^1]}";

    public string Spell(string text) => Words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? text;
}

/// <summary>The value must not be shown.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute
{
    /// <summary>A part of it may be secret, such as a password in a connection string.</summary>
    public bool IsPartly { get; set; }
}

/// <summary>A list that may also be written as one value.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOrMoreAttribute : Attribute;

/// <summary>A section that may also be written as the value of one of its keys.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OrValueOfAttribute(string key) : Attribute
{
    public string Key { get; } = key;
}

/// <summary>How the documentation calls the keys of a map.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EntryNameAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>A time span with colons: to TimeSpan, "60" alone is 60 days.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute(string least, string most) : ValidationAttribute
{
    public string Least { get; } = least;

    public string Most { get; } = most;

    public static bool TryParse(string text, out TimeSpan span) =>
        TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out span) && text.Contains(':', StringComparison.Ordinal);

    public override bool IsValid(object? value) => value is TimeSpan span
        && span >= TimeSpan.Parse(Least, CultureInfo.InvariantCulture) && span <= TimeSpan.Parse(Most, CultureInfo.InvariantCulture);

    public override string FormatErrorMessage(string name) =>
        $"{name}: is not a time from {Least} to {Most}; write hours, minutes and seconds, such as \"{Least}\"";
}

/// <summary>A list with at least one entry. The framework's MinLength is not safe for native AOT.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NotEmptyAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is List<string> { Count: > 0 };
}

internal sealed class FilePathAttribute : TextAttribute
{
    public override string? Fault(string text) =>
        text.Contains('\0', StringComparison.Ordinal) ? "is not a path; write the path of a file" : null;
}

internal sealed class IncludePathAttribute : TextAttribute
{
    public override string? Fault(string text) => IncludePattern.Judge(text) is { } fault
        ? $"{fault}; write the path of a file, or one with * in it such as domains.d/*.json" : null;
}

internal sealed class PrintableTextAttribute : TextAttribute
{
    public override string? Fault(string text) =>
        Printable.IsPrintable(text) ? null : "has characters that are not text; write the name as the CA shows it";
}

internal sealed class ListenUrlAttribute : TextAttribute
{
    public override string Pattern => "^[Hh][Tt][Tt][Pp][Ss]?://";

    public override string? Fault(string text) => ListenAddress.TryParse(text, out _) ? null
        : "is not an address to listen on; write http:// or https://, a host or *, and a port, such as http://*:8080";
}

/// <summary>One address of a contact URL (RFC 8555 §7.3): ASCII, and no quoted local part, which CAs refuse.</summary>
internal sealed class MailAddressAttribute : TextAttribute
{
    /// <summary>RFC 5321 §4.5.3.1.3.</summary>
    private const int MaxLength = 254;

    /// <summary>What local parts and domains have only in quotation marks or brackets: RFC 5322 §3.2.3.</summary>
    private static readonly SearchValues<char> s_special = SearchValues.Create("\"(),:;<>[\\]");

    public override string Pattern => "^([^@ ]+@[^@ ]+)?$";

    public override string? Fault(string text) => text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at
        && at < text.Length - 1 && text.Length <= MaxLength && text.LastIndexOf('@') == at
        && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && text.AsSpan().IndexOfAny(s_special) < 0
        ? null : "is not an e-mail address; write one address such as hostmaster@example.com, or leave it empty";
}

/// <summary>Without user information, which would end up in logs, and without a fragment, which is never sent.</summary>
internal sealed class HttpsUrlAttribute : TextAttribute
{
    public override string Pattern => "^https://";

    public override string? Fault(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps
        && url is { Host.Length: > 0, UserInfo: "", Fragment: "" } && Printable.IsPrintable(text)
        ? null : "is not an https URL; write the URL of the CA's ACME directory, such as https://acme-v02.api.letsencrypt.org/directory";
}

internal sealed class HostOrAddressAttribute : TextAttribute
{
    public override string? Fault(string text) =>
        AddressText.TryParse(text, out _) || DomainName.TryParse(text, out _, out var error) ? null
        : $"is neither a host name nor an address: it {error}; write a name such as sts.example.net, or addresses";
}

internal sealed class NetworkAttribute : TextAttribute
{
    private const int MappedPrefix = 96;

    public override string? Fault(string text) => TryParse(text, out _) ? null
        : "is not a network; write an address and a prefix length, such as 172.16.0.0/12 or fd00::/8";

    public static bool TryParse(string text, out IPNetwork network)
    {
        network = default;
        if (AddressText.TryParse(text, out var address)) network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        else if (!AddressText.TryParse(text.Split('/')[0], out _) || !IPNetwork.TryParse(text, out network)) return false;
        // Addresses are compared as IPv4 where they are that; a mapped network would contain none.
        if (network is { BaseAddress.IsIPv4MappedToIPv6: true, PrefixLength: >= MappedPrefix })
            network = new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedPrefix);
        return true;
    }

    /// <summary>Those that are good; the validator reports the others.</summary>
    public static ImmutableArray<IPNetwork> All(IEnumerable<string> texts) =>
        [.. texts.Select(text => TryParse(text, out var network) ? network : (IPNetwork?)null).OfType<IPNetwork>()];
}

internal sealed class ResolverAddressAttribute : TextAttribute
{
    private const int DnsPort = 53;

    public override string? Fault(string text) => TryParse(text, out _) ? null
        : "is not an address; write an address, with a port if it isn't 53: 192.0.2.53, 127.0.0.1:8053 or [2001:db8::53]:53";

    public static bool TryParse(string text, out IPEndPoint endPoint)
    {
        // IPEndPoint reads "53" as 0.0.0.53.
        var isGood = IPEndPoint.TryParse(text, out endPoint!)
            && (endPoint.AddressFamily == AddressFamily.InterNetworkV6 || endPoint.Address.ToString() == text.Split(':')[0]);
        if (isGood && endPoint.Port == 0) endPoint.Port = DnsPort;
        return isGood;
    }
}

/// <summary>
/// Traefik accepts nearly anything as a name, but <c>name@provider</c> refers to another provider; fewer characters are good in all of its
/// file formats, labels and URLs.
/// </summary>
internal sealed class TraefikNameAttribute(string what, string remedy) : TextAttribute
{
    public string What { get; } = what;

    public string Remedy { get; } = remedy;

    private static readonly SearchValues<char> s_characters =
        SearchValues.Create("-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public override string Pattern => "^[-._0-9A-Za-z]+$";

    public override string? Fault(string text) =>
        text.Length > 0 && !text.AsSpan().ContainsAnyExcept(s_characters) ? null : $"is not {What}; {Remedy}";
}

internal sealed class ServiceUrlAttribute : TextAttribute
{
    public override string Pattern => "^([Hh][Tt][Tt][Pp]|h2c)://";

    public override string? Fault(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && IsOfListener(url) && Printable.IsPrintable(text) ? null
        : "is not an address of this service's Http listener; write http://, the name or address under which Traefik reaches it, and the "
        + "port, such as http://mtastshost:8080";

    private static bool IsOfListener(Uri url) =>
        url.Scheme is "http" or TraefikSettings.Http2Scheme && url is { IdnHost.Length: > 0, Port: not 0, UserInfo: "", Fragment: "" }
        // Traefik passes on the request's own path, and would ignore one that is here.
        && url.PathAndQuery is "/" or "" && !url.OriginalString.AsSpan().ContainsAny('?', '#')
        // A wildcard to listen on can't be reached.
        && !(IPAddress.TryParse(url.IdnHost, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));
}
