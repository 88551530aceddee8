using System.Collections.Immutable;
using System.Net.Sockets;
using MtaSts;

namespace MtaStsHost.Serving;

/// <summary>A domain's policy as it goes out: the bytes are ready, a request copies nothing and builds nothing.</summary>
internal sealed class ServedPolicy(
    DomainName domain,
    Policy policy,
    PolicyId id,
    ReadOnlyMemory<byte> body,
    ImmutableArray<string> tlsRpt,
    PolicyStatistics statistics)
{
    public const string HostPrefix = "mta-sts.";

    public DomainName Domain { get; } = domain;

    /// <summary>The policy host, <c>mta-sts.example.com</c>. RFC 8461 §3.3.</summary>
    public string Host { get; } = HostPrefix + domain.Value;

    public Policy Policy { get; } = policy;

    public PolicyId Id { get; } = id;

    /// <summary>The policy's text with CRLF line ends.</summary>
    public ReadOnlyMemory<byte> Body { get; } = body;

    /// <summary>Where senders report to, RFC 8460 §3; empty when nothing is configured.</summary>
    public ImmutableArray<string> TlsRpt { get; } = tlsRpt;

    /// <summary>The DKIM selectors that the domain's mail is signed with, RFC 6376 §3.1; empty when nothing is configured.</summary>
    public ImmutableArray<string> DkimSelectors { get; init; } = [];

    /// <summary>Lives on when the policy is replaced by a newer one of the same domain.</summary>
    public PolicyStatistics Statistics { get; } = statistics;

    /// <summary>
    /// Until when it is served though the domain isn't configured any more, since senders may hold an earlier policy (RFC 8461 §8.3).
    /// <c>null</c>: the domain is configured.
    /// </summary>
    public DateTimeOffset? RetiredUntil { get; init; }

    /// <summary>Why it is served in mode <c>testing</c> where <c>enforce</c> is configured; <c>null</c>: it is what is
    /// configured.</summary>
    public string? HeldBecause { get; init; }

    public string TxtName => StsRecord.NameFor(Domain);

    public string TxtValue => StsRecord.Format(Id);
}

/// <summary>What senders have fetched of one domain. Written by requests, read by <c>/metrics</c>.</summary>
internal sealed class PolicyStatistics
{
    private long _served;
    private long _refused;
    private long _lastServed;
    private long _lastFromOutsideV4;
    private long _lastFromOutsideV6;

    /// <summary>Answers with status 200.</summary>
    public long Served => Interlocked.Read(ref _served);

    /// <summary>Answers with status 405.</summary>
    public long MethodNotAllowed => Interlocked.Read(ref _refused);

    /// <summary>Seconds since 1970 of the last 200; 0 when there was none since the start.</summary>
    public long LastServed => Interlocked.Read(ref _lastServed);

    /// <summary>
    /// Seconds since 1970 of the last 200 over TLS to an address outside of this network, which shows that the policy host can be reached
    /// from
    /// there; 0 when there was none since the start.
    /// </summary>
    /// <param name="family">Which of the policy host's addresses the sender used.</param>
    public long LastFromOutside(AddressFamily family) =>
        Interlocked.Read(ref family == AddressFamily.InterNetworkV6 ? ref _lastFromOutsideV6 : ref _lastFromOutsideV4);

    /// <summary>When a sender outside fetched it last, by either; <c>null</c>: not since the start.</summary>
    public DateTimeOffset? FetchedFromOutside =>
        Math.Max(LastFromOutside(AddressFamily.InterNetwork), LastFromOutside(AddressFamily.InterNetworkV6)) is var at and > 0
            ? DateTimeOffset.FromUnixTimeSeconds(at) : null;

    public void NoteFromOutside(AddressFamily family, long unixSeconds) =>
        Interlocked.Exchange(ref family == AddressFamily.InterNetworkV6 ? ref _lastFromOutsideV6 : ref _lastFromOutsideV4, unixSeconds);

    public void CountServed(long unixSeconds)
    {
        Interlocked.Increment(ref _served);
        Interlocked.Exchange(ref _lastServed, unixSeconds);
    }

    public void CountMethodNotAllowed() => Interlocked.Increment(ref _refused);
}
