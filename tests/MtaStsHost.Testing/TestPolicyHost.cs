using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MtaStsHost.Testing;

/// <summary>A policy host on the loopback that answers each request with the same bytes. What it does may be changed at any time.</summary>
public sealed class TestPolicyHost : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _loop;
    private int _connections;

    /// <param name="address">127.0.0.1 when not given.</param>
    public TestPolicyHost(IPAddress? address = null)
    {
        _listener.Bind(new IPEndPoint(address ?? IPAddress.Loopback, 0));
        _listener.Listen();
        _loop = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Null: it ends the handshake, as a host does that doesn't know the name.</summary>
    public TestCertificate? Certificate { get; set; }

    public string Body { get; set; } = "";

    public string Status { get; set; } = "200 OK";

    /// <summary>Beside the length.</summary>
    public string Headers { get; set; } = "Content-Type: text/plain\r\n";

    /// <summary>Comes before each answer.</summary>
    public Action BeforeAnswer { get; set; } = () => { };

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _loop;
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                open.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }

        await Task.WhenAll(open);
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            if (Certificate is not { } certificate) return;
            using var leaf = X509CertificateLoader.LoadPkcs12(certificate.Pkcs12(null), null);
            var options = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(leaf, [X509Certificate2.CreateFromPem(certificate.IntermediatePem)], offline: true),
            };
            await stream.AuthenticateAsServerAsync(options, _end.Token);
            await ReadHeaderAsync(stream);
            BeforeAnswer();
            var body = Encoding.UTF8.GetBytes(Body);
            await stream.WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 {Status}\r\n{Headers}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n"), _end.Token);
            await stream.WriteAsync(body, _end.Token);
            await stream.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            // Clients that hang up are what many tests are about.
        }
    }

    private async Task ReadHeaderAsync(SslStream stream)
    {
        var (header, buffer) = (new StringBuilder(), new byte[1]);
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer, _end.Token) > 0) header.Append((char)buffer[0]);
    }
}
