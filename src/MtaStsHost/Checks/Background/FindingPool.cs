using MtaStsHost.Checks.Catalogue;

namespace MtaStsHost.Checks.Background;

/// <summary>
/// Findings of many domains mostly differ only in the domain's name: kept without it, they are one. Otherwise, what is wrong with 100,000
/// domains would fill hundreds of megabytes. Used by one loop.
/// </summary>
internal sealed class FindingPool
{
    private const int MostEntries = 4096;

    private readonly HashSet<Finding> _known = [];

    public Finding Share(Finding finding)
    {
        var nameless = finding with { Subject = "" };
        if (_known.TryGetValue(nameless, out var known)) return known;
        if (_known.Count >= MostEntries) _known.Clear();
        _known.Add(nameless);
        return nameless;
    }
}
