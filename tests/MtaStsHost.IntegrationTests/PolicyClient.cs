using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace MtaStsHost.IntegrationTests;

/// <summary>Asks a listener for a domain's policy, whatever DNS says about the name.</summary>
internal static class PolicyClient
{
    public const string Path = "/.well-known/mta-sts.txt";

    /// <returns>Status and body; status 0 when the connection was refused.</returns>
    public static async Task<(int Status, string Body)> GetAsync(Uri listener,
        string host, string path = Path, X509Certificate2? trusted = null)
    {
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream,
                    System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Parse(listener.Host), listener.Port, cancellation);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        if (trusted is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(trusted);
        }

        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            using var answer = await client.GetAsync(new UriBuilder(listener) { Host = host, Path = path }.Uri);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError
            || e.InnerException?.InnerException
                is System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.ConnectionReset })
        {
            // Reset: the kernel had taken the connection, and the listener was closed before the host took it.
            return (0, "");
        }
        catch (System.Net.Sockets.SocketException e) when (e.SocketErrorCode
            is System.Net.Sockets.SocketError.NotConnected or System.Net.Sockets.SocketError.ConnectionReset)
        {
            // The same, a moment earlier: the client asks its socket for the other end, and there is none any more.
            return (0, "");
        }
    }
}
