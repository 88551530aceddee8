using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Acme.Testing;

/// <summary>Answers HTTP-01 and TLS-ALPN-01 on two ports of its own, with nothing but a socket and TLS.</summary>
public sealed class ChallengeResponder : IAsyncDisposable
{
    private static readonly SslApplicationProtocol s_protocol = new("acme-tls/1");

    private readonly TcpListener _http = new(IPAddress.Loopback, 0);
    private readonly TcpListener _tls = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _accepting;

    public ChallengeResponder()
    {
        _http.Start();
        _tls.Start();
        _accepting = [AcceptAsync(_http, AnswerHttpAsync), AcceptAsync(_tls, AnswerTlsAsync)];
    }

    public int HttpPort => ((IPEndPoint)_http.LocalEndpoint).Port;

    public int TlsPort => ((IPEndPoint)_tls.LocalEndpoint).Port;

    /// <summary>Key authorizations by path.</summary>
    public ConcurrentDictionary<string, string> Http { get; } = new();

    /// <summary>Certificates by name.</summary>
    public ConcurrentDictionary<string, X509Certificate2> Tls { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _http.Dispose();
        _tls.Dispose();
        await Task.WhenAll(_accepting);
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, Func<NetworkStream, Task> answer)
    {
        var open = new List<Task>();
        try
        {
            while (true) open.Add(ServeAsync(await listener.AcceptTcpClientAsync(_stop.Token), answer));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private static async Task ServeAsync(TcpClient client, Func<NetworkStream, Task> answer)
    {
        using var _ = client;
        try
        {
            await answer(client.GetStream());
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException)
        {
            // The CA has gone, or was told no.
        }
    }

    private async Task AnswerHttpAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var path = (await reader.ReadLineAsync(_stop.Token))?.Split(' ').ElementAtOrDefault(1) ?? "";
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
        {
            // Nothing in the header matters here.
        }

        var (status, body) = Http.TryGetValue(path, out var text) ? (200, text) : (404, "");
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"HTTP/1.1 {status} -\r\nContent-Type: application/octet-stream\r\nContent-Length: {body.Length}\r\nConnection: "
                + $"close\r\n\r\n{body}"),
            _stop.Token);
    }

    private async Task AnswerTlsAsync(NetworkStream stream)
    {
        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(
            (_, hello, _, _) => Tls.TryGetValue(hello.ServerName, out var certificate)
                ? ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificate = certificate,
                    ApplicationProtocols = [s_protocol] })
                : throw new AuthenticationException("No challenge is open for this name."),
            null,
            _stop.Token);
        // The CA closes: RFC 8737 §3.
        await tls.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, _stop.Token);
    }
}
