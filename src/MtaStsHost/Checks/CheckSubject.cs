using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Checks;

/// <summary>Why a domain is checked, which decides what is reported.</summary>
internal enum CheckPurpose
{
    /// <summary>A policy that is served; what the running service knows without a check is reported elsewhere.</summary>
    Background,

    /// <summary>The operator wants to know everything about a domain, also that it is held in testing or was removed too early.</summary>
    Explain,

    /// <summary>A policy that is about to be deployed: what the deployment will change is not a fault, but something to do.</summary>
    Planned,

    /// <summary>The same, and the enforce gate will hold the domain if its MX hosts aren't ready.</summary>
    PlannedBehindGate,
}

/// <summary>A domain to check, and what this service knows about it.</summary>
/// <param name="Served">Its policy here; <c>null</c>: it is hosted elsewhere, or not at all, and there is nothing to compare with.</param>
/// <param name="PublicHost">What its policy host should point to; <c>null</c>: not configured.</param>
/// <param name="History">What it was served with; <c>null</c>: not known.</param>
internal sealed record CheckSubject(DomainName Domain, ServedPolicy? Served = null,
    PublicHost? PublicHost = null, DomainHistory? History = null)
{
    public CheckPurpose Purpose { get; init; }

    public bool IsPlanned => Purpose >= CheckPurpose.Planned;

    /// <summary>What was counted for its policy host here; <c>null</c>: it is not served by this process.</summary>
    public HostStatistics? Statistics { get; init; }

    /// <summary>The greatest age of what another domain's check found out about an MX host; <c>null</c>: any age will do.</summary>
    public TimeSpan? ProbesNotOlderThan { get; init; }

    /// <summary>The CAs that a certificate for its policy host is ordered from; empty: none is ordered.</summary>
    public IReadOnlyList<CaaAuthority> Authorities { get; init; } = [];
}

/// <summary>What a check found, the most severe first.</summary>
/// <param name="At">When the check ended.</param>
/// <param name="Verdict">Whether the policy that was checked may be in mode <c>enforce</c>.</param>
internal sealed record DomainCheck(DomainName Domain, IReadOnlyList<Finding> Findings, DateTimeOffset At, MxVerdict Verdict)
{
    /// <summary>What DNS has at the TXT record's name.</summary>
    public RecordSighting? Record { get; init; }

    /// <summary>Of what it was checked; a domain that is not configured any more is checked for less.</summary>
    public FindingArea Checked { get; init; } = FindingArea.All;

    /// <summary><c>ok</c>, <c>warning</c> or <c>error</c>; what could not be checked is not one of these. <c>unknown</c>:
    /// nothing could be.</summary>
    public string Status => Worst switch
    {
        _ when Findings.Any(finding => finding.IsAboutResolver) => "unknown",
        FindingSeverity.Error => "error",
        FindingSeverity.Warning => "warning",
        _ => "ok",
    };

    public FindingSeverity Worst => Findings.Count == 0 ? FindingSeverity.Info : Findings.Max(finding => finding.Severity);
}
