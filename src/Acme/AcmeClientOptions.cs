using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// <summary>How an <see cref="AcmeClient"/> reaches its server.</summary>
public sealed record AcmeClientOptions
{
    /// <summary>What the client tells about itself: RFC 8555 §6.1 wants a name, best with a version (<c>Example/1.0</c>).</summary>
    public string UserAgent { get; init; } = "Acme.NET";

    /// <summary>How long one HTTP request may take, connecting included. 30 seconds when not set.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often a request is sent again at once because the server refused its nonce: RFC 8555 §6.5. 20 when not set, so that even a
    /// server that refuses every other nonce is served.
    /// </summary>
    public int MaxBadNonceRetries { get; init; } = 20;

    /// <summary>Trusted for the server's own TLS instead of the system's roots, for a private CA. Null for the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The clock and the timers.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Sends the requests instead of the client's own handler, for tests; then <see cref="TrustedRoots"/> has no effect, and the caller
    /// disposes of it. It must not follow redirects: a signed request is for one URL.
    /// </summary>
    public HttpMessageHandler? Handler { get; init; }
}
