using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MtaStsHost.Checks.Mx;

/// <summary>One connection from its start to its end.</summary>
internal sealed class SmtpAttempt(string host, IPAddress address, SslProtocols versions, SmtpProbeOptions options,
    TimeProvider time, CancellationToken cancellationToken)
{
    private static readonly TimeSpan s_quitTimeout = TimeSpan.FromSeconds(1);

    private SslProtocols _tlsVersion;
    private ProbeStream? _tlsWire;
    private bool _greeted;
    private DateTimeOffset? _notBefore;
    private DateTimeOffset? _notAfter;
    private SmtpProbeException? _certificateFault;

    public string Step { get; private set; } = "connecting";

    public bool IsConnected { get; private set; }

    /// <summary>The length of the TLS record with the ClientHello; 0: it was not sent.</summary>
    public int HelloBytes => _tlsWire?.HelloBytes ?? 0;

    /// <summary>The ClientHello was sent, and no ServerHello came.</summary>
    public bool IsHelloUnanswered => _tlsWire is { HelloBytes: > 0, IsServerHello: false, IsOldTls: false, IsPlaintext: false };

    /// <summary>The handshake came as far as the server's certificate.</summary>
    public bool IsHelloAccepted => _notAfter is not null;

    public string TlsName => $"TLS 1.{_tlsVersion.ToString()[^1]}"; // Tls12, Tls13

    public SmtpProbeResult Describe(SmtpOutcome outcome, string message) => new(outcome, message)
    {
        Greeted = _greeted,
        CertificateNotBefore = _notBefore,
        CertificateNotAfter = _notAfter,
    };

    public async Task RunAsync()
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await ConnectAsync(socket);
        await using var wire = new ProbeStream(socket);
        var plain = new SmtpDialogue(wire);
        // RFC 5321 §4.1.4 wants it from clients without a name of their own.
        var name = Literal(((IPEndPoint)socket.LocalEndPoint!).Address);

        Step = "waiting for the greeting";
        Require(await plain.ReadReplyAsync(cancellationToken), "refuses the connection");
        _greeted = true;
        Step = "waiting for the answer to EHLO";
        await StartTlsAsync(plain, await EhloAsync(plain, name));

        Step = "in the TLS handshake";
        await using var tls = new SslStream(wire, leaveInnerStreamOpen: true);
        await AuthenticateAsync(tls, wire);
        Step = "waiting for the answer to EHLO in TLS";
        var secured = new SmtpDialogue(tls);
        await EhloAsync(secured, name);
        await QuitAsync(secured);
    }

    private async Task ConnectAsync(Socket socket)
    {
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, options.Port), cancellationToken);
            IsConnected = true;
        }
        catch (SocketException e)
        {
            throw new SmtpProbeException(SmtpOutcome.Unreachable, e.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "refuses connections",
                SocketError.TimedOut => "gave no answer",
                _ => $"can't be reached ({e.SocketErrorCode})",
            }, e);
        }
    }

    private async Task<SmtpReply> EhloAsync(SmtpDialogue dialogue, string name)
    {
        var reply = await dialogue.SendAsync($"EHLO {name}", cancellationToken);
        if (!reply.IsPositive) await QuitAsync(dialogue);
        return Require(reply, "refuses EHLO");
    }

    private async Task StartTlsAsync(SmtpDialogue plain, SmtpReply ehlo)
    {
        // The first line is the server's name (RFC 5321 §4.1.1.1).
        if (!ehlo.Lines.Skip(1).Any(line => line.Split(' ')[0].Equals("STARTTLS", StringComparison.OrdinalIgnoreCase)))
        {
            await QuitAsync(plain);
            throw new SmtpProbeException(SmtpOutcome.NoStartTls, "doesn't offer STARTTLS");
        }

        Step = "waiting for the answer to STARTTLS";
        var reply = await plain.SendAsync("STARTTLS", cancellationToken);
        if (reply.Code != 220)
        {
            await QuitAsync(plain);
            throw new SmtpProbeException(SmtpOutcome.StartTlsRefused, $"offers STARTTLS and refuses it ({reply})");
        }

        if (plain.HasUnread) throw Injected();
    }

    private async Task AuthenticateAsync(SslStream tls, ProbeStream wire)
    {
        wire.BeginTls();
        _tlsWire = wire;
        try
        {
            await tls.AuthenticateAsClientAsync(CreateTlsOptions(), cancellationToken);
            _tlsVersion = tls.SslProtocol;
        }
        catch (Exception e) when (e is AuthenticationException or IOException and not SmtpProbeException or SocketException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw _certificateFault
                ?? (wire.IsPlaintext ? Injected()
                : wire.IsOldTls ? new SmtpProbeException(SmtpOutcome.TlsVersion, "has no TLS 1.2 or later", e)
                : new SmtpProbeException(SmtpOutcome.TlsHandshake,
                    $"aborts the TLS handshake ({Printable.Text(e.GetBaseException().Message)})", e));
        }
    }

    private SslClientAuthenticationOptions CreateTlsOptions() => new()
    {
        TargetHost = host,
        CertificateChainPolicy = ServerCertificate.ChainPolicy(options.TrustedRoots, time),
        AllowTlsResume = false, // a resumed session shows no certificate
        EnabledSslProtocols = versions,
        RemoteCertificateValidationCallback = (_, certificate, chain, _) => Judge(certificate as X509Certificate2, chain),
    };

    private bool Judge(X509Certificate2? certificate, X509Chain? chain)
    {
        if (certificate is null || chain is null)
        {
            _certificateFault = new SmtpProbeException(SmtpOutcome.TlsHandshake, "has no certificate");
            return false;
        }

        _notBefore = new DateTimeOffset(certificate.NotBefore.ToUniversalTime(), TimeSpan.Zero);
        _notAfter = new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        _certificateFault = MxCertificate.Judge(host, certificate, chain);
        return _certificateFault is null;
    }

    /// <summary>RFC 5321 §4.1.1.10. What was to be seen has been seen: a server that doesn't answer changes nothing.</summary>
    private async Task QuitAsync(SmtpDialogue dialogue)
    {
        using var patience = new CancellationTokenSource(s_quitTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await dialogue.SendAsync("QUIT", either.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // See above.
        }
    }

    private static SmtpReply Require(SmtpReply reply, string refusal) =>
        reply.IsPositive ? reply : throw new SmtpProbeException(SmtpOutcome.Refused, $"{refusal} ({reply})");

    private static SmtpProbeException Injected() =>
        new(SmtpOutcome.InjectedPlaintext, "sends plain text after its answer to STARTTLS, where TLS has to begin");

    private static string Literal(IPAddress local) => local.AddressFamily == AddressFamily.InterNetworkV6
        ? $"[IPv6:{new IPAddress(local.GetAddressBytes())}]" // without the zone of a link-local one
        : $"[{local}]";
}
