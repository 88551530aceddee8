using System.Collections.Concurrent;
using MtaStsHost.Checks.Catalogue;

namespace MtaStsHost.Checks.Background;

/// <summary>What is wrong with a domain as far as is known.</summary>
/// <param name="At">When it was checked last.</param>
/// <param name="Kept">Warnings and errors, the most severe first, each with what could not be checked when it was seen; all without the
/// domain's name (<see cref="FindingPool"/>).</param>
internal sealed record DomainFindings(
    DomainName Domain, DateTimeOffset At, IReadOnlyList<(Finding Finding, IReadOnlyList<Finding> Unknown)> Kept)
{
    /// <inheritdoc cref="DomainCheck.Checked"/>
    public FindingArea Checked { get; init; } = FindingArea.All;

    public IEnumerable<Finding> Findings => Kept.Select(kept => kept.Finding with { Subject = Domain.Value });

    /// <summary>Whether a finding would have been found again.</summary>
    public bool WasChecked(Finding finding) =>
        finding.Descriptor.Area == FindingArea.None || (finding.Descriptor.Area & Checked) != 0;

    /// <summary>Whether something that was found in some areas before is fixed.</summary>
    public bool HasFixed(DomainFindings before, FindingArea areas) => before.Kept.Any(kept => (kept.Finding.Descriptor.Area & areas) != 0
        && WasChecked(kept.Finding) && Kept.All(now => now.Finding.Code != kept.Finding.Code));

    public bool HasErrors => Kept is [{ Finding.Severity: FindingSeverity.Error }, ..];

    /// <summary>What is known after a check. What could not be checked neither raises nor clears anything: a name server that fails for an
    /// hour fixes no domain. A finding that was seen although something could not be checked, such as IPv6 from a network without it, is
    /// not kept because of that.</summary>
    /// <param name="before"><c>null</c>: this is the first check.</param>
    public static DomainFindings After(DomainFindings? before, DomainCheck check, FindingPool pool)
    {
        var unknown = check.Findings.Where(finding => finding.Severity == FindingSeverity.Unknown || finding.IsAboutResolver)
            .Select(pool.Share).ToArray();
        var found = check.Findings.Where(finding => finding.Severity >= FindingSeverity.Warning)
            .Select(finding => (Finding: pool.Share(finding), Unknown: (IReadOnlyList<Finding>)unknown)).ToList();
        var hidden = before?.Kept.Where(kept => found.TrueForAll(seen => seen.Finding.Code != kept.Finding.Code)
            && Array.Exists(unknown, now => Hides(now, kept.Finding) && !kept.Unknown.Any(before => Covers(before, now)))) ?? [];
        return new(check.Domain, check.At, [.. found.Concat(hidden).OrderByDescending(kept => kept.Finding.Severity)])
        {
            Checked = check.Checked,
        };
    }

    private static bool Hides(Finding unknown, Finding kept) =>
        (unknown.IsAboutResolver || (unknown.Descriptor.Area & kept.Descriptor.Area) != 0)
        && !(unknown.Descriptor == HostFindings.NoHairpin && unknown.Code == kept.Code);

    /// <summary>Whether nothing is unchecked now that was checked before.</summary>
    private static bool Covers(Finding before, Finding now) =>
        before.Descriptor == now.Descriptor && now.Unchecked.All(before.Unchecked.Contains);
}

/// <summary>Findings of many domains mostly differ only in the domain's name: kept without it, they are one. Otherwise, what is wrong with
/// 100,000 domains would fill hundreds of megabytes. Used by one loop.</summary>
internal sealed class FindingPool
{
    private const int MostEntries = 4096;

    /// <summary>Of one entry. Longer texts are about one domain's own names, and a hostile domain has other ones each time.</summary>
    private const int MostLetters = 500;

    private readonly HashSet<Finding> _known = [];

    public Finding Share(Finding finding)
    {
        var nameless = finding with { Subject = "" };
        if (nameless.Letters > MostLetters) return nameless;
        if (_known.TryGetValue(nameless, out var known)) return known;
        if (_known.Count >= MostEntries) _known.Clear();
        _known.Add(nameless);
        return nameless;
    }
}

/// <summary>What the last checks in the background found: warnings and errors, of the domains that are served.</summary>
internal sealed class CheckResults
{
    private readonly ConcurrentDictionary<DomainName, DomainFindings> _results = [];
    private long _checks;

    /// <summary>Checks that came to an end since the start.</summary>
    public long Checks => Interlocked.Read(ref _checks);

    public IEnumerable<KeyValuePair<DomainName, DomainFindings>> All => _results;

    /// <returns><c>null</c>: it has not been checked yet.</returns>
    public DomainFindings? Find(DomainName domain) => _results.GetValueOrDefault(domain);

    public void Set(DomainName domain, DomainFindings findings)
    {
        _results[domain] = findings;
        Interlocked.Increment(ref _checks);
    }

    public void Remove(DomainName domain) => _results.TryRemove(domain, out _);

    public void Clear() => _results.Clear();
}
