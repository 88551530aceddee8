using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace MtaSts.Tests;

/// <summary>A TLS server on the loopback that takes one request a connection and does with it what a test says.</summary>
internal sealed class TestPolicyServer : IAsyncDisposable
{
    public const string Body = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n";

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource<string> _request = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _serverName = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _loop;

    public TestPolicyServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _loop = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>The header of the first request.</summary>
    public Task<string> Request => _request.Task;

    /// <summary>The name in the first ClientHello.</summary>
    public Task<string> ServerName => _serverName.Task;

    public required SslStreamCertificateContext? Certificate { get; init; }

    public SslProtocols Protocols { get; init; } = SslProtocols.None;

    /// <summary>What happens before TLS; false ends the connection there.</summary>
    public Func<Socket, Task<bool>> OnConnect { get; init; } = static _ => Task.FromResult(true);

    /// <summary>What answers the request.</summary>
    public Func<Stream, Task> OnRequest { get; init; } = static stream => AnswerAsync(stream, Answer(Body));

    public static string Answer(string body, string status = "200 OK", string headers = "Content-Type: text/plain\r\n") =>
        $"HTTP/1.1 {status}\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public static async Task AnswerAsync(Stream stream, string text)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        await stream.FlushAsync();
    }

    /// <summary>Waits until the client hangs up.</summary>
    public static async Task StallAsync(Stream stream)
    {
        var buffer = new byte[1];
        while (await stream.ReadAsync(buffer) > 0)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _loop;
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptAsync(_end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stopping = _end.Token.Register(socket.Dispose);
        try
        {
            await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            if (!await OnConnect(socket))
                return;
            await stream.AuthenticateAsServerAsync(ChooseAsync, null);
            _request.TrySetResult(await ReadHeaderAsync(stream));
            await OnRequest(stream);
            await stream.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or ObjectDisposedException)
        {
            // Clients that hang up are what many tests are about.
        }
    }

    private ValueTask<SslServerAuthenticationOptions> ChooseAsync(SslStream stream, SslClientHelloInfo hello, object? state,
        CancellationToken cancellationToken)
    {
        _serverName.TrySetResult(hello.ServerName);
        // As the host does for a name it doesn't serve: no certificate, no handshake.
        return Certificate is null
            ? throw new AuthenticationException("No certificate.")
            : ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = Certificate,
                EnabledSslProtocols = Protocols });
    }

    private static async Task<string> ReadHeaderAsync(SslStream stream)
    {
        var header = new StringBuilder();
        var buffer = new byte[1];
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) > 0)
            header.Append((char)buffer[0]);
        return header.ToString();
    }
}
