using System.Collections;

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

    public string Message => Descriptor.Render(Descriptor.Message, Subject, Arguments);

    public string? Fix => Descriptor.Fix is { } fix ? Descriptor.Render(fix, Subject, Arguments) : null;

    /// <summary>The names or addresses that could not be checked.</summary>
    public IEnumerable<object> Unchecked => Arguments is [string[] all, ..] ? all : Arguments.Take(1);

    public bool Equals(Finding? other) => other is not null && Descriptor == other.Descriptor && Severity == other.Severity
        && Subject == other.Subject && StructuralComparisons.StructuralEqualityComparer.Equals(Arguments, other.Arguments);

    public override int GetHashCode() => HashCode.Combine(Descriptor, Severity, Subject,
        StructuralComparisons.StructuralEqualityComparer.GetHashCode(Arguments));

    public override string ToString() => $"{Severity} {Code}: {Message}; {Fix}";
}
