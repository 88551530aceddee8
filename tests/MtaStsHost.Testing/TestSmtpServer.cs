using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MtaStsHost.Testing;

/// <summary>Where a script can come in.</summary>
public enum SmtpStep
{
    Greeting,
    Ehlo,
    StartTls,
    /// <summary>The ClientHello has come. The script has the rest of the connection.</summary>
    Handshake,

    EhloInTls,
    Quit,
}

/// <summary>What a server does at a step; false ends the connection.</summary>
public delegate Task<bool> SmtpScript(Stream stream, CancellationToken cancellationToken);

/// <summary>An MX host on the loopback: well-behaved, but for the steps that a test has written a script for.</summary>
public sealed class TestSmtpServer : IAsyncDisposable
{
    private readonly LoopbackListener _listener;

    /// <param name="certificate">With its chain and key; null: the server has none, and doesn't offer STARTTLS.</param>
    /// <param name="address">127.0.0.1 when not given; all of 127.0.0.0/8 is there.</param>
    /// <param name="port">A free one when not given.</param>
    public TestSmtpServer(TestCertificate? certificate, IPAddress? address = null, int port = 0)
    {
        Certificate = certificate;
        if (certificate is null) Scripts[SmtpStep.Ehlo] = Say("250-mail.example.com\r\n250 SIZE 1000000\r\n");
        _listener = new LoopbackListener(ServeAsync, address, port);
    }

    public int Port => _listener.Port;

    public TestCertificate? Certificate { get; }

    /// <summary>Whether the intermediate is sent with the leaf.</summary>
    public bool SendsChain { get; set; } = true;

    /// <summary>Which ClientHellos are none of the script's business: with these, the handshake goes on.</summary>
    public Predicate<ReadOnlyMemory<byte>> AcceptsHello { get; set; } = _ => false;

    /// <summary>In place of the answer to a step.</summary>
    public ConcurrentDictionary<SmtpStep, SmtpScript> Scripts { get; } = new();

    /// <summary>What clients have sent, in that order, those inside TLS with a <c>TLS </c> before them.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>The SNI of each handshake.</summary>
    public ConcurrentQueue<string> ServerNames { get; } = new();

    public int Connections => _listener.Connections;

    /// <summary>Bytes that the scripts wrote before clients hung up.</summary>
    public long Flooded { get; private set; }

    /// <summary>For servers and firewalls that can't read a ClientHello of several segments. One for TLS 1.2 alone is the smaller one with
    /// every OpenSSL; TLS 1.3 shows in supported_versions (RFC 8446 §4.2.1).</summary>
    public static bool IsSmallHello(ReadOnlyMemory<byte> hello) => hello.Span.IndexOf<byte>([0, 43, 0, 5, 4, 3, 4, 3, 3]) < 0;

    public static SmtpScript Say(string text) => Say(Encoding.Latin1.GetBytes(text));

    public static SmtpScript Say(byte[] bytes) => async (stream, cancellationToken) =>
    {
        await stream.WriteAsync(bytes, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        return true;
    };

    /// <summary>Says something, and hangs up once the client has read it.</summary>
    public static SmtpScript SayAndClose(byte[] bytes) => async (stream, cancellationToken) =>
    {
        await Say(bytes)(stream, cancellationToken);
        return false;
    };

    public static SmtpScript Close { get; } = (_, _) => Task.FromResult(false);

    /// <summary>Says nothing more, and keeps the connection until the client hangs up.</summary>
    public static SmtpScript Stall { get; } = async (stream, cancellationToken) =>
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, cancellationToken) > 0)
        {
        }

        return false;
    };

    /// <summary>Says the same for as long as the client listens.</summary>
    public SmtpScript Flood(string text, string first = "") => async (stream, cancellationToken) =>
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(first), cancellationToken);
        while (true)
        {
            await stream.WriteAsync(bytes, cancellationToken);
            Flooded += bytes.Length;
        }
    };

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        if (!await DoAsync(SmtpStep.Greeting, stream, "220 mail.example.com ESMTP\r\n", cancellationToken)) return;
        if (!await TalkAsync(stream, SmtpStep.Ehlo, "250-mail.example.com\r\n250-SIZE 1000000\r\n250 STARTTLS\r\n",
            "", cancellationToken)) return;
        if (Scripts.TryGetValue(SmtpStep.Handshake, out var script))
        {
            var hello = new byte[4096];
            var length = await stream.Socket.ReceiveAsync(hello, SocketFlags.Peek, cancellationToken);
            if (length == 0) return;
            if (!AcceptsHello(hello.AsMemory(0, length)))
            {
                // Unread, it would reset the connection at the end.
                await stream.ReadExactlyAsync(hello.AsMemory(0, length), cancellationToken);
                await script(stream, cancellationToken);
                return;
            }
        }

        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(ChooseAsync, null, cancellationToken);
        await TalkAsync(tls, SmtpStep.EhloInTls, "250-mail.example.com\r\n250 SIZE 1000000\r\n", "TLS ", cancellationToken);
    }

    /// <summary>Answers commands. True: the client has been told to begin with TLS.</summary>
    private async Task<bool> TalkAsync(Stream stream, SmtpStep ehlo, string ehloAnswer, string prefix, CancellationToken cancellationToken)
    {
        while (await ReadLineAsync(stream) is { } command)
        {
            Commands.Enqueue(prefix + command);
            var (step, answer) = command.Split(' ')[0] switch
            {
                "EHLO" => (ehlo, ehloAnswer),
                "STARTTLS" => (SmtpStep.StartTls, "220 2.0.0 Ready to start TLS\r\n"),
                "QUIT" => (SmtpStep.Quit, "221 2.0.0 Bye\r\n"),
                _ => throw new IOException($"unexpected: {command}"),
            };
            if (!await DoAsync(step, stream, answer, cancellationToken) || step == SmtpStep.Quit) return false;
            if (step == SmtpStep.StartTls) return true;
        }

        return false;
    }

    private Task<bool> DoAsync(SmtpStep step, Stream stream, string answer, CancellationToken cancellationToken) =>
        Scripts.GetValueOrDefault(step, Say(answer))(stream, cancellationToken);

    private ValueTask<SslServerAuthenticationOptions> ChooseAsync(SslStream stream,
        SslClientHelloInfo hello, object? state, CancellationToken cancellationToken)
    {
        ServerNames.Enqueue(hello.ServerName);
        var certificate = Certificate ?? throw new AuthenticationException("No certificate.");
        var leaf = X509CertificateLoader.LoadPkcs12(certificate.Pkcs12(null), null);
        var chain = SendsChain ? new X509Certificate2Collection(X509Certificate2.CreateFromPem(certificate.IntermediatePem)) : null;
        return ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(leaf, chain, offline: true),
        });
    }

    private static async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var buffer = new byte[1];
        while (await stream.ReadAsync(buffer) > 0)
        {
            if (buffer[0] == '\n') return line.ToString().TrimEnd('\r');
            line.Append((char)buffer[0]);
        }

        return null;
    }
}
