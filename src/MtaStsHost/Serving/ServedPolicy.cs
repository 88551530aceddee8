namespace MtaStsHost.Serving;

/// <summary>A domain's policy, ready to be served: a request copies and builds nothing.</summary>
internal sealed class ServedPolicy(
    DomainName domain, Policy policy, PolicyId id, ReadOnlyMemory<byte> body, ImmutableArray<string> tlsRpt)
{
    public DomainName Domain { get; } = domain;

    /// <summary>The policy host, <c>mta-sts.example.com</c>. RFC 8461 §3.3.</summary>
    public string Host { get; } = PolicyFetcher.HostFor(domain);

    public Policy Policy { get; } = policy;

    public PolicyId Id { get; } = id;

    /// <summary>The policy's text with CRLF line ends.</summary>
    public ReadOnlyMemory<byte> Body { get; } = body;

    /// <summary>Where senders send reports, RFC 8460 §3; empty if not configured.</summary>
    public ImmutableArray<string> TlsRpt { get; } = tlsRpt;

    /// <summary>The DKIM selectors that sign the domain's mail, RFC 6376 §3.1; empty if not configured.</summary>
    public ImmutableArray<string> DkimSelectors { get; init; } = [];

    /// <summary>How far the removal of its domain has come; <c>null</c>: the domain is configured.</summary>
    public Removal? Removal { get; init; }

    /// <summary>Until when a domain that was removed from the configuration is served in mode none, since senders may hold an earlier
    /// policy (RFC 8461 §8.3). <c>null</c>: the domain is configured, or its policy is served still.</summary>
    public DateTimeOffset? RetiredUntil => Removal is { Stage: RemovalStage.None } removal ? removal.Until : null;

    /// <summary>Why the enforce gate serves it in mode <c>testing</c>; <c>null</c>: it is served as configured.</summary>
    public string? HeldBecause { get; init; }

    /// <summary>Of the TXT record, in seconds. An hour: short enough for senders to see a change the same day, long enough to spare the
    /// name servers. <see cref="MtaStsHost.Serving.RemovalStage.Grace"/> follows from it.</summary>
    public const int TxtTtl = 3600;

    public string TxtName => StsRecord.NameFor(Domain);

    public string TxtValue => StsRecord.Format(Id);

    /// <summary>The same policy, of a domain that is no longer configured.</summary>
    public ServedPolicy Leaving(Removal removal) =>
        new(Domain, Policy, Id, Body, TlsRpt) { DkimSelectors = DkimSelectors, Removal = removal };
}
