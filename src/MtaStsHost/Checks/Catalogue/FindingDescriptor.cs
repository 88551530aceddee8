using System.Text.RegularExpressions;

namespace MtaStsHost.Checks.Catalogue;

/// <summary>In increasing order of importance to the operator.</summary>
internal enum FindingSeverity
{
    /// <summary>Worth knowing; nothing has to be done.</summary>
    Info,

    /// <summary>Could not be checked from here.</summary>
    Unknown,

    /// <summary>Should be fixed; senders cope with it.</summary>
    Warning,

    /// <summary>Mail or protection is lost, or will be.</summary>
    Error,
}

/// <summary>What has to be checked to see a finding, or what could not be checked.</summary>
[Flags]
internal enum FindingArea
{
    None = 0,
    Txt = 1,
    PolicyHost = 2,
    MxRecords = 4,
    MxHosts = 8,
    Dane = 16,
    History = 32,
    TlsRpt = 64,
    Spf = 128,
    Dmarc = 256,
    Dkim = 512,
    Caa = 1024,
    All = -1,
}

/// <summary>A name that follows from the domain; as an argument it is the same for all domains.</summary>
internal enum DomainPart
{
    PolicyHost,
    TxtName,
}

/// <summary>One way in which a code reads. A code has one for each situation that needs its own text.</summary>
/// <param name="code">Stable: <c>txt-id-stale</c>.</param>
/// <param name="severity">Unless the finding says otherwise.</param>
/// <param name="message">What was seen. <c>{domain}</c>, <c>{policyHost}</c> and <c>{txtName}</c> come from the subject; the other
/// placeholders take the finding's arguments, in the order in which they first appear in the message and then in the fix.</param>
/// <param name="fix">What to do, with the exact record if there is one; <c>null</c>: nothing.</param>
/// <param name="also">Other severities that its findings may have.</param>
internal sealed partial class FindingDescriptor(string code, FindingArea area, FindingSeverity severity, string? rfc,
    string message, string? fix = null, params FindingSeverity[] also)
{
    /// <summary>Longer lists are cut to this many entries.</summary>
    private const int MostListed = 10;

    private static readonly string[] s_fromSubject = ["domain", "policyHost", "txtName"];

    private readonly string[] _names =
        [.. Placeholder().Matches(message + fix).Select(match => match.Groups[1].Value).Except(s_fromSubject)];

    public string Code => code;

    public FindingArea Area => area;

    public FindingSeverity Severity => severity;

    public IEnumerable<FindingSeverity> Severities => also.Prepend(severity);

    /// <summary><c>RFC 8461 §3.1</c>.</summary>
    public string? Rfc => rfc;

    public string Message => message;

    public string? Fix => fix;

    public string Render(string template, string subject, object[] arguments) => Placeholder().Replace(template, match =>
        match.Groups[1].Value switch
        {
            "domain" => subject,
            "policyHost" => Text(DomainPart.PolicyHost, subject),
            "txtName" => Text(DomainPart.TxtName, subject),
            var name => Text(arguments[Array.IndexOf(_names, name)], subject),
        });

    private static string Text(object argument, string subject) => argument switch
    {
        DomainPart part when DomainName.TryParse(subject, out var domain, out _) =>
            part == DomainPart.PolicyHost ? PolicyFetcher.HostFor(domain) : StsRecord.NameFor(domain),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture),
        string[] { Length: > MostListed } list => $"{Text(list[..MostListed], subject)} and {list.Length - MostListed} more",
        string[] list => string.Join(", ", list),
        _ => Convert.ToString(argument, CultureInfo.InvariantCulture)!,
    };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
