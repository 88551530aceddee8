using MtaSts;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Checks;

/// <summary>A domain to look at, and what this host knows of it.</summary>
/// <param name="Served">Its policy here; <c>null</c>: it is hosted elsewhere, or not at all, and there is nothing to compare with.</param>
/// <param name="PublicHost">What its policy host should point at; <c>null</c>: nobody said.</param>
/// <param name="History">What it was served with; <c>null</c>: not known.</param>
internal sealed record CheckSubject(DomainName Domain, ServedPolicy? Served = null,
    PublicHost? PublicHost = null, DomainHistory? History = null)
{
    /// <summary>When this policy took another one's place here; <c>null</c>: not known.</summary>
    public DateTimeOffset? ServedSince => History?.ChangedAt;

    /// <summary>
    /// Whether <see cref="Served"/> is about to be deployed, and not served here yet: what the deployment will change is no fault then, but
    /// something to do after it.
    /// </summary>
    public bool IsPlanned { get; init; }

    /// <summary>Whether it is to be told that the enforce gate holds the domain, or will if its MX hosts are not fit; a running host tells
    /// it without a check.</summary>
    public bool IsGated { get; init; }

    /// <summary>Whether it is to be told that the domain was removed too early, if so; a running host tells it without a check.</summary>
    public bool TellsRemoval { get; init; }

    /// <summary>What was counted for its policy host here; <c>null</c>: it is not served by this process.</summary>
    public HostStatistics? Statistics { get; init; }

    /// <summary>How old what an MX host showed another domain may be; <c>null</c>: any age will do.</summary>
    public TimeSpan? ProbesNotOlderThan { get; init; }

    /// <summary>The CAs that a certificate for its policy host is ordered from; empty: none is ordered.</summary>
    public IReadOnlyList<CaaAuthority> Authorities { get; init; } = [];
}

/// <summary>What was found of a domain, the gravest first.</summary>
/// <param name="At">When the check ended.</param>
/// <param name="Fitness">Whether the policy that was looked at may be in mode <c>enforce</c>.</param>
internal sealed record DomainCheck(DomainName Domain, IReadOnlyList<Finding> Findings, DateTimeOffset At, MxFitness Fitness)
{
    /// <summary><c>ok</c>, <c>warning</c> or <c>error</c>; what could not be looked at is neither.</summary>
    public string Status => Worst switch
    {
        FindingSeverity.Error => "error",
        FindingSeverity.Warning => "warning",
        _ => "ok",
    };

    public FindingSeverity Worst => Findings.Count == 0 ? FindingSeverity.Info : Findings.Max(finding => finding.Severity);
}
