using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Acme.Testing;

/// <summary>Serves a <see cref="FakeAcmeServer"/> over TLS and HTTP/1.1 on a port of its own, faults on the wire included.</summary>
public sealed class FakeAcmeListener : IAsyncDisposable
{
    private readonly FakeAcmeServer _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly SslStreamCertificateContext _certificate;
    private readonly Task _accepting;

    /// <param name="server">Gets this listener's URL as its own.</param>
    /// <param name="trusted">Whether the certificate is from <see cref="FakeAcmeServer.Ca"/>; otherwise it is not trusted.</param>
    public FakeAcmeListener(FakeAcmeServer server, bool trusted = true)
    {
        _server = server;
        var now = TimeProvider.System.GetUtcNow();
        using var otherCa = trusted ? null : new FakeCa("Other CA", now);
        var ca = otherCa ?? server.Ca;
        _certificate = SslStreamCertificateContext.Create(ca.IssueServer(now), [ca.IntermediateCertificate()], offline: true);
        _listener.Start();
        server.BaseUrl = new Uri($"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
    }

    public X509Certificate2Collection Roots => [_server.Ca.Root()];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            await using var stream = new SslStream(client.GetStream());
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificateContext = _certificate,
                    ApplicationProtocols = [SslApplicationProtocol.Http11] },
                _stop.Token);
            while (await ReadAsync(stream) is { } request && await AnswerAsync(stream, _server.Handle(request), request.Method, client))
            {
                // The next request on the same connection.
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The client has gone, or the test is over.
        }
    }

    private async Task<FakeRequest?> ReadAsync(SslStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0) return null;
            head.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(static line => line.Split(": ", 2))
            .ToDictionary(static pair => pair[0], static pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _stop.Token);
        return new FakeRequest
        {
            Method = lines[0].Split(' ')[0], Url = new Uri(_server.BaseUrl, lines[0].Split(' ')[1]), Headers = headers, Body = body,
        };
    }

    /// <returns>Whether the connection can take another request.</returns>
    private async Task<bool> AnswerAsync(SslStream stream, FakeResponse response, string method, TcpClient client)
    {
        if (response.Fault == WireFault.Hang) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
        if (response.Fault == WireFault.Reset)
        {
            client.LingerState = new LingerOption(true, 0); // RST, not FIN
            client.Client.Close();
            return false;
        }

        var length = response.Body.Length + (response.Fault == WireFault.None ? 0 : 100);
        var head = new StringBuilder($"HTTP/1.1 {response.Status} -\r\nContent-Length: {length}\r\n");
        if (response.ContentType is { } type) head.Append($"Content-Type: {type}\r\n");
        foreach (var (name, value) in response.Headers) head.Append($"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _stop.Token);
        if (method != "HEAD") await stream.WriteAsync(response.Body, _stop.Token);
        await stream.FlushAsync(_stop.Token);
        if (response.Fault == WireFault.HangInBody) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
        return response.Fault == WireFault.None;
    }
}
