using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// <summary>How an <see cref="AcmeClient"/> reaches its server.</summary>
public sealed record AcmeClientOptions
{
    /// <summary>The <c>User-Agent</c>: a name, preferably with a version (<c>Example/1.0</c>). RFC 8555 §6.1.</summary>
    public string UserAgent { get; init; } = "Acme.NET";

    /// <summary>The limit for one HTTP request, including the connection. 30 seconds by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often one request is repeated at once because the server refused its nonce: RFC 8555 §6.5. 20 by default, which is enough even
    /// for a server that refuses every other nonce.
    /// </summary>
    public int MaxBadNonceRetries { get; init; } = 20;

    /// <summary>Replace the system's roots for the server's TLS certificate, for a private CA. Null for the system's roots.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The clock and the timers.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Replaces the client's own handler, for tests; the caller disposes of it, and <see cref="TrustedRoots"/> has no effect. It must not
    /// follow redirects, since a signed request is for one URL.
    /// </summary>
    public HttpMessageHandler? Handler { get; init; }
}

/// <summary>How to poll a server: at growing intervals, or those of its <c>Retry-After</c> where they are longer. RFC 8555 §7.5.1. Null
/// stands for the defaults.</summary>
public sealed record WaitOptions
{
    /// <summary>The first interval. 250 milliseconds by default.</summary>
    public TimeSpan FirstInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Intervals double up to this one; <c>Retry-After</c> may be longer. 10 seconds by default.</summary>
    public TimeSpan LongestInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The limit for the whole wait. Five minutes by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}
