using System.Security.Cryptography.X509Certificates;

namespace MtaSts;

/// <summary>How a <see cref="PolicyFetcher"/> reaches policy hosts. The defaults are those of RFC 8461 §3.3.</summary>
public sealed record PolicyFetcherOptions
{
    /// <summary>The limit for the whole fetch, from the first DNS query to the last byte. 60 s by default. RFC 8461 §3.3.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The TCP port, for tests. 443 by default.</summary>
    public int Port { get; init; } = 443;

    /// <summary>
    /// Looks up the addresses of a host, in the order to try, or an empty array; null for the system's resolver.
    /// Its exceptions become <see cref="PolicyFetchFailure.ResolutionFailed"/>.
    /// </summary>
    public Func<string, CancellationToken, ValueTask<IPAddress[]>>? Resolve { get; init; }

    /// <summary>The only trusted roots; null for the system's. Not copied: don't dispose of them.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The <c>User-Agent</c>; null for none.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The clock for the time-out and for certificate dates.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
