using System.Collections.Concurrent;
using System.Net.Security;
using Acme;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Challenges;

/// <summary>The challenges that a CA may validate now, at any replica. Written by issuing, read by the listeners.</summary>
internal sealed class OpenChallenges(TimeProvider time)
{
    private readonly Lock _writing = new();
    private readonly ConcurrentDictionary<string, ImmutableArray<Open>> _own = new(StringComparer.OrdinalIgnoreCase);
    private ImmutableDictionary<string, ImmutableArray<Open>> _stored = ImmutableDictionary<string,
        ImmutableArray<Open>>.Empty.WithComparers(StringComparer.OrdinalIgnoreCase);
    private volatile bool _any;

    /// <summary>Whether any challenge is open; otherwise handshakes skip the lookup.</summary>
    public bool Any => _any;

    /// <summary>Replaces the open challenges of one host, before the CA is told.</summary>
    public void Set(string host, IReadOnlyList<StoredChallenge> challenges)
    {
        lock (_writing)
        {
            if (challenges.Count > 0) _own[host] = [.. challenges.Select(Prepare)];
            else _own.TryRemove(host, out _);
            _any = !_own.IsEmpty || !_stored.IsEmpty;
        }
    }

    /// <summary>Replaces the challenges that other replicas have opened in the store.</summary>
    public void ReplaceStored(IReadOnlyList<StoredChallenge> challenges)
    {
        // Several writers at once: none may set _any to false while another opens a challenge.
        lock (_writing)
        {
            var stored = challenges.Where(challenge => !_own.ContainsKey(challenge.Host))
                .GroupBy(challenge => challenge.Host, StringComparer.OrdinalIgnoreCase)
                .ToImmutableDictionary(group => group.Key, group => group.Select(Prepare).ToImmutableArray(),
                    StringComparer.OrdinalIgnoreCase);
            Volatile.Write(ref _stored, stored);
            _any = !_own.IsEmpty || !stored.IsEmpty;
        }
    }

    /// <summary>The key authorization, RFC 8555 §8.3; <c>null</c>: no such challenge is open.</summary>
    public string? FindHttp01(string host, string token) =>
        Find(host).FirstOrDefault(open => open.Challenge.Type == Challenge.Http01
            && open.Challenge.Token == token && IsOpen(open))?.Challenge.KeyAuthorization;

    /// <summary>The certificate that answers, RFC 8737 §3; <c>null</c>: no such challenge is open.</summary>
    public SslStreamCertificateContext? FindTlsAlpn01(string host) =>
        Find(host).FirstOrDefault(open => open.Challenge.Type == Challenge.TlsAlpn01 && IsOpen(open))?.Certificate!.Value;

    private IEnumerable<Open> Find(string host)
    {
        IEnumerable<Open> own = _own.TryGetValue(host, out var mine) ? mine : [];
        return Volatile.Read(ref _stored).TryGetValue(host, out var theirs) ? own.Concat(theirs) : own;
    }

    private bool IsOpen(Open open) => open.Challenge.Expires > time.GetUtcNow();

    // Lazy: the challenges of other replicas are rarely validated here.
    private Open Prepare(StoredChallenge challenge) =>
        new(challenge, challenge.Type != Challenge.TlsAlpn01 ? null : new Lazy<SslStreamCertificateContext>(() =>
        SslStreamCertificateContext.Create(
            TlsAlpn01Certificate.Create(new Identifier(Identifier.DnsType, challenge.Host), challenge.KeyAuthorization, time),
                null, offline: true)));

    private sealed record Open(StoredChallenge Challenge, Lazy<SslStreamCertificateContext>? Certificate);
}
