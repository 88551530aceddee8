using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MtaStsHost.Testing;

/// <summary>A policy host on the loopback that answers each request with the same bytes. What it does may be changed at any time.</summary>
public sealed class TestPolicyHost : IAsyncDisposable
{
    private readonly LoopbackListener _listener;

    /// <param name="address">127.0.0.1 when not given.</param>
    public TestPolicyHost(IPAddress? address = null) => _listener = new LoopbackListener(ServeAsync, address);

    public int Port => _listener.Port;

    /// <summary>Null: it aborts the handshake, as a server does that doesn't know the name.</summary>
    public TestCertificate? Certificate { get; set; }

    public string Body { get; set; } = "";

    public string Status { get; set; } = "200 OK";

    /// <summary>Beside the length.</summary>
    public string Headers { get; set; } = "Content-Type: text/plain\r\n";

    /// <summary>Comes before each answer.</summary>
    public Action BeforeAnswer { get; set; } = () => { };

    public int Connections => _listener.Connections;

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(NetworkStream client, CancellationToken cancellationToken)
    {
        if (Certificate is not { } certificate) return;
        await using var stream = new SslStream(client);
        using var leaf = X509CertificateLoader.LoadPkcs12(certificate.Pkcs12(null), null);
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(leaf,
                [X509Certificate2.CreateFromPem(certificate.IntermediatePem)], offline: true),
        };
        await stream.AuthenticateAsServerAsync(options, cancellationToken);
        await ReadHeaderAsync(stream, cancellationToken);
        BeforeAnswer();
        var body = Encoding.UTF8.GetBytes(Body);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(
            $"HTTP/1.1 {Status}\r\n{Headers}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n"), cancellationToken);
        await stream.WriteAsync(body, cancellationToken);
        await stream.ShutdownAsync();
    }

    private static async Task ReadHeaderAsync(SslStream stream, CancellationToken cancellationToken)
    {
        var (header, buffer) = (new StringBuilder(), new byte[1]);
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await stream.ReadAsync(buffer, cancellationToken) > 0) header.Append((char)buffer[0]);
    }
}
