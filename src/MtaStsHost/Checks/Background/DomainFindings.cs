using MtaSts;

namespace MtaStsHost.Checks.Background;

/// <summary>A warning or an error, and what could not be looked at when it was seen; all without the domain's name
/// (<see cref="FindingPool"/>).</summary>
internal readonly record struct KeptFinding(Finding Finding, IReadOnlyList<Finding> Unknown);

/// <summary>What is wrong with a domain as far as is known.</summary>
/// <param name="At">When it was checked last.</param>
/// <param name="Kept">The gravest first.</param>
internal sealed record DomainFindings(DomainName Domain, DateTimeOffset At, IReadOnlyList<KeptFinding> Kept)
{
    private const string MxRecords = "mx records";

    /// <summary>As they are shown.</summary>
    public IEnumerable<Finding> Findings => Kept.Select(kept => FindingPool.Restore(kept.Finding, Domain));

    public bool HasErrors => Kept.Count > 0 && Kept[0].Finding.Severity == FindingSeverity.Error;

    /// <summary>
    /// What is known after a check. What it could not look at neither raises nor clears anything: a name server that fails for an hour
    /// mends
    /// no domain. Only what it could not look at as well when the finding was seen, such as IPv6 from a network without, keeps none.
    /// </summary>
    /// <param name="before"><c>null</c>: it is the first check.</param>
    public static DomainFindings After(DomainFindings? before, DomainCheck check, FindingPool pool)
    {
        var unknown = check.Findings.Where(finding => finding.Severity == FindingSeverity.Unknown)
            .Select(finding => pool.Share(finding, check.Domain)).ToArray();
        var found = check.Findings.Where(finding => finding.Severity >= FindingSeverity.Warning)
            .Select(finding => new KeptFinding(pool.Share(finding, check.Domain), unknown)).ToList();
        var hidden = before?.Kept.Where(kept => found.TrueForAll(seen => seen.Finding.Code != kept.Finding.Code)
            && IsHidden(kept, unknown)) ?? [];
        KeptFinding[] kept = [.. found.Concat(hidden).OrderByDescending(kept => kept.Finding.Severity)];
        return new DomainFindings(check.Domain, check.At, kept);
    }

    private static bool IsHidden(KeptFinding kept, Finding[] unknown)
    {
        var areas = AreasOf(kept.Finding.Code);
        return Array.Exists(unknown, finding => areas.Contains(AreaOf(finding.Code))
            && finding.Settles != kept.Finding.Code && !kept.Unknown.Any(before => Covers(before, finding)));
    }

    /// <summary>Whether all that could not be looked at now could not be before.</summary>
    private static bool Covers(Finding before, Finding now) =>
        before.Code == now.Code && (now.Unseen is { } unseen && before.Unseen is { } seen
            ? unseen.Split(' ').All(seen.Split(' ').Contains) : before.Message == now.Message);

    /// <summary>What must be looked at to see a finding.</summary>
    private static string[] AreasOf(string code) => code switch
    {
        "mail-refused" => ["txt", "host", MxRecords, "mx", "history"],
        "mx-cached-policy" => [MxRecords, "history"],
        "txt-at-apex" => ["txt", "spf"], // both are the domain's own TXT
        _ when AreaOf(code) == "mx" => [MxRecords, "mx"],
        _ => [AreaOf(code)],
    };

    /// <summary>What a finding is about, and what nobody could look at when its severity is unknown.</summary>
    private static string AreaOf(string code) => code switch
    {
        // Whatever the hosts that they name show.
        "mx-missing" or "mx-null" or "mx-invalid" or "mx-repeated" or "mx-not-covered" or "mx-pattern-unused" => MxRecords,
        "mx-dane" => code,
        "id-not-changed" or "not-safe-to-remove" => "history",
        "certificate-expiring" => "host", // seen in a fetch
        _ when code.StartsWith("policy-", StringComparison.Ordinal) => "host",
        _ => code.Split('-')[0],
    };
}
