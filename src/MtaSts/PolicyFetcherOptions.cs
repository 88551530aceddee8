using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace MtaSts;

/// <summary>How a <see cref="PolicyFetcher"/> reaches policy hosts. The defaults are what RFC 8461 §3.3 says.</summary>
public sealed record PolicyFetcherOptions
{
    /// <summary>How long the whole fetch may take, from the first DNS question to the last byte; 60 s. RFC 8461 §3.3.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The TCP port; 443. Another one is for tests.</summary>
    public int Port { get; init; } = 443;

    /// <summary>
    /// Finds the addresses of a host, in the order to try; an empty array means that it has none. Null asks the system.
    /// Whatever it throws becomes <see cref="PolicyFetchFailure.ResolutionFailed"/>.
    /// </summary>
    public Func<string, CancellationToken, ValueTask<IPAddress[]>>? Resolve { get; init; }

    /// <summary>The only roots to trust; null for the system's. The collection is not copied: don't dispose what is in it.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>What to send as <c>User-Agent</c>; null for none.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The clock for the time-out and for the dates in certificates.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
