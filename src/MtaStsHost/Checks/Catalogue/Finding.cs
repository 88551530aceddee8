using System.Collections;
using System.Text.RegularExpressions;

namespace MtaStsHost.Checks.Catalogue;

/// <summary>What is wrong with a domain, or worth knowing about it. Rendered only where it is shown.</summary>
internal sealed record Finding
{
    private const int MostLetters = 2000;

    /// <param name="subject">The domain.</param>
    /// <param name="arguments">For the descriptor's placeholders. If something could not be checked, the first one names it.</param>
    public Finding(FindingDescriptor descriptor, string subject, params ImmutableArray<object> arguments)
        : this(descriptor, descriptor.Severity, subject, arguments)
    {
    }

    /// <inheritdoc cref="Finding(FindingDescriptor, string, ImmutableArray{object})"/>
    public Finding(FindingDescriptor descriptor, FindingSeverity severity, string subject, params ImmutableArray<object> arguments)
    {
        (Descriptor, Subject, Severity) = (descriptor, subject, severity);
        Arguments =
        [
            .. arguments.Select(argument => argument switch
            {
                string text => Printable.Text(text, MostLetters),
                IEnumerable<string> list => list.Select(text => Printable.Text(text)).ToArray(),
                _ => argument,
            }),
        ];
    }

    public FindingDescriptor Descriptor { get; }

    public string Subject { get; init; }

    /// <summary>Safe to print.</summary>
    public object[] Arguments { get; init; }

    public FindingSeverity Severity { get; init; }

    public string Code => Descriptor.Code;

    public string? Rfc => Descriptor.Rfc;

    /// <summary>No lookup worked, so nothing is known about the domain.</summary>
    public bool IsAboutResolver => Descriptor == ResolverFindings.Unreachable;

    public string Message => Descriptor.Render(Descriptor.Message, Subject, Arguments);

    public string? Fix => Descriptor.Fix is { } fix ? Descriptor.Render(fix, Subject, Arguments) : null;

    /// <summary>What its arguments take, in characters.</summary>
    public int Letters => Arguments.Sum(argument => argument switch
    {
        string text => text.Length,
        string[] list => list.Sum(text => text.Length),
        _ => 0,
    });

    /// <summary>The names or addresses that could not be checked.</summary>
    public IEnumerable<object> Unchecked => Arguments is [string[] all, ..] ? all : Arguments.Take(1);

    public bool Equals(Finding? other) => other is not null && Descriptor == other.Descriptor && Severity == other.Severity
        && Subject == other.Subject && StructuralComparisons.StructuralEqualityComparer.Equals(Arguments, other.Arguments);

    public override int GetHashCode() => HashCode.Combine(Descriptor, Severity, Subject,
        StructuralComparisons.StructuralEqualityComparer.GetHashCode(Arguments));

    public override string ToString() => $"{Severity} {Code}: {Message}; {Fix}";
}

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

internal static class FindingSeverities
{
    extension(FindingSeverity severity)
    {
        /// <summary>As in JSON and in the documentation: <c>error</c>.</summary>
        public string Word => severity.ToString().ToLowerInvariant();
    }
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
