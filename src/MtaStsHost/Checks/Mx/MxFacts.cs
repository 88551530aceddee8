using MtaStsHost.Checks.Catalogue;

namespace MtaStsHost.Checks.Mx;

/// <summary>What DNS and the hosts showed of a domain's MX, for <see cref="MxJudgement"/>.</summary>
internal sealed record MxFacts(DomainName Domain, Policy? Policy, DateTimeOffset Time)
{
    /// <summary>More addresses of a host are not connected to.</summary>
    public const int MaxAddresses = 4;

    /// <summary>Whether senders see the policy, or hold it.</summary>
    public bool IsSeen { get; init; }

    /// <summary>Why the lookup of the MX records failed, or that of the address of a domain without any.</summary>
    public string? LookupError { get; init; }

    /// <summary>RFC 7505.</summary>
    public bool HasNullMx { get; init; }

    /// <summary>There is no MX record, but an address: the domain is its own MX (RFC 5321 §5.1).</summary>
    public bool IsImplicit { get; init; }

    /// <summary>Names that stand in more than one record.</summary>
    public IReadOnlyList<string> Repeated { get; init; } = [];

    /// <summary>How many more names there are in DNS than <see cref="Hosts"/> has.</summary>
    public int DroppedNames { get; init; }

    /// <summary>The hosts, the lowest preference first, without repeats.</summary>
    public IReadOnlyList<MxHost> Hosts { get; init; } = [];

    /// <summary>Of what makes senders that honor the policy refuse to deliver, once its mode is enforce. RFC 8461 §5.</summary>
    public FindingSeverity Severity => Policy is { Mode: PolicyMode.Enforce } ? FindingSeverity.Error : FindingSeverity.Warning;

    public bool IsUncovered(MxHost host) =>
        Policy is { Mode: not PolicyMode.None } policy && host.NameFault is null && !policy.Matches(host.Name);
}

/// <param name="Name">Out of DNS: not safe to print unless <see cref="NameFault"/> is null.</param>
internal sealed record MxHost(string Name)
{
    /// <summary>Why the name can't be one of a mail server; goes after it.</summary>
    public string? NameFault { get; init; }

    /// <summary>Beyond the limit, so it was not checked.</summary>
    public bool IsLeftOut { get; init; }

    /// <summary>Why the lookup of the addresses failed, or that of one family.</summary>
    public string? LookupError { get; init; }

    /// <summary>The targets of the CNAMEs on the way to the addresses.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    public IReadOnlyList<MxAddress> Addresses { get; init; } = [];

    /// <summary>How many addresses more there are in DNS.</summary>
    public int LeftOutAddresses { get; init; }

    /// <summary>How many TLSA records there are; null: the lookup failed.</summary>
    public int? TlsaRecords { get; init; } = 0;

    public bool IsLookedAt => NameFault is null && !IsLeftOut;

    /// <summary>Some address takes mail from senders that honour a policy which names the host.</summary>
    public bool IsGood => Addresses.Any(entry => entry.Result.Outcome == SmtpOutcome.Good);

    public bool IsRefusedByPolicy => Addresses.Any(entry => entry.Result.IsRefusedByPolicy);
}

/// <param name="IsPortOpen">Whether the SMTP port of addresses such as this is known to be reachable from here.</param>
internal sealed record MxAddress(IPAddress Address, SmtpProbeResult Result, bool IsPortOpen)
{
    /// <summary>Whether the fault may lie on this side, or be about the client.</summary>
    public bool IsInconclusive => Result switch
    {
        { Outcome: SmtpOutcome.Refused or SmtpOutcome.NotGlobal } => true,
        { SocketError: SocketError.NetworkUnreachable or SocketError.NetworkDown
            or SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable or SocketError.AccessDenied } => true,
        { Greeted: false } => !IsPortOpen,
        _ => false,
    };
}
