using MtaSts;

namespace MtaStsHost.Checks.Background;

/// <summary>
/// The findings of many domains differ in the domain's name alone, mostly: kept without it, they are one. Else what is wrong with 100,000
/// domains would fill hundreds of megabytes. It belongs to one loop.
/// </summary>
internal sealed class FindingPool
{
    private const int MostEntries = 4096;

    /// <summary>In the place of the domain's name; no text that is safe to print has it.</summary>
    private const string Placeholder = "\u0001";

    private readonly Dictionary<Finding, Finding> _known = [];

    /// <summary>Without the domain's name.</summary>
    public Finding Share(Finding finding, DomainName domain)
    {
        var nameless = finding with { Message = Take(finding.Message, domain)!,
            Fix = Take(finding.Fix, domain), Unseen = Take(finding.Unseen, domain) };
        if (_known.TryGetValue(nameless, out var known)) return known;
        if (_known.Count >= MostEntries) _known.Clear();
        _known.Add(nameless, nameless);
        return nameless;
    }

    /// <summary>With it.</summary>
    public static Finding Restore(Finding nameless, DomainName domain) =>
        nameless with { Message = Put(nameless.Message, domain)!, Fix = Put(nameless.Fix, domain), Unseen = Put(nameless.Unseen, domain) };

    private static string? Take(string? text, DomainName domain) => text?.Replace(domain.Value, Placeholder, StringComparison.Ordinal);

    private static string? Put(string? text, DomainName domain) => text?.Replace(Placeholder, domain.Value, StringComparison.Ordinal);
}
