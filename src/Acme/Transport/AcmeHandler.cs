using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// <summary>
/// HTTP for ACME: no redirects, since a signed request is for one URL, and no cookies. Uses the system's proxy if set.
/// </summary>
internal static class AcmeHandler
{
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(5); // notices a change of address
    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromSeconds(30); // shorter than servers' own, which could race with a request

    public static SocketsHttpHandler Create(AcmeClientOptions options)
    {
        var chain = new X509ChainPolicy
        {
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        if (options.TrustedRoots is { } roots)
        {
            chain.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.CustomTrustStore.AddRange(roots);
        }

        return new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, options, cancellationToken),
            MaxResponseHeadersLength = 32, // KiB
            PooledConnectionIdleTimeout = s_idleTimeout,
            PooledConnectionLifetime = s_connectionLifetime,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = chain },
            UseCookies = false,
        };
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint server, AcmeClientOptions options, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(server.Host, cancellationToken).ConfigureAwait(false);
        SocketException? last = null;
        foreach (var address in addresses)
        {
            // Each address gets a share of the time, so that an unreachable one (often IPv6) leaves time for the others.
            using var share = new CancellationTokenSource(options.Timeout / (addresses.Length + 1), options.TimeProvider);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(share.Token, cancellationToken);
            try
            {
                var socket = await ConnectAsync(new IPEndPoint(address, server.Port), linked.Token).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                last = e;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                last = new SocketException((int)SocketError.TimedOut);
            }
        }

        throw last ?? new SocketException((int)SocketError.NoData);
    }

    private static async ValueTask<Socket> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
