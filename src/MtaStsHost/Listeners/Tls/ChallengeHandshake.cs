using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Acme;
using Microsoft.AspNetCore.Connections;
using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Text;

namespace MtaStsHost.Listeners.Tls;

/// <summary>
/// TLS-ALPN-01, RFC 8737: stands before the ordinary handshake and takes those that are a CA's. Only a ClientHello that offers
/// <c>acme-tls/1</c> and nothing else, for a host whose challenge is open, gets the challenge's certificate; the ordinary handshake neither
/// knows that protocol nor has that certificate. While no challenge is open it does nothing at all.
/// </summary>
internal sealed partial class ChallengeHandshake(
    OpenChallenges challenges, StoredChallenges stored, IPolicyHosts hosts, TimeProvider time, ILogger<ChallengeHandshake> log)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private static readonly List<SslApplicationProtocol> s_protocol = [new(TlsAlpn01Certificate.Protocol)];

    public ConnectionDelegate Guard(ConnectionDelegate next) => connection => challenges.Any
        ? LookAsync(connection, next) : next(connection);

    private async Task LookAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        (SslStreamCertificateContext Certificate, string Name)? challenge;
        try
        {
            challenge = await PeekAsync(connection) is { ServerName: { } name, Protocols: [TlsAlpn01Certificate.Protocol] }
                ? await FindAsync(connection, name) : null;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Too slow, or gone: there is nobody to go on with. Kestrel would log it as an error of ours.
            connection.Abort();
            return;
        }

        await (challenge is { } open ? AnswerAsync(connection, open.Certificate, open.Name) : next(connection));
    }

    /// <summary>In memory, else in the store: another host may have opened it a moment ago, and the CA asks whom it likes.</summary>
    private async Task<(SslStreamCertificateContext Certificate, string Name)?> FindAsync(ConnectionContext connection, string name)
    {
        if (challenges.FindTlsAlpn01(name) is { } known) return (known, name);
        if (!hosts.Contains(name)) return null;
        using var timeout = new CancellationTokenSource(s_timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, connection.ConnectionClosed);
        return await stored.LookAsync(ended.Token) && challenges.FindTlsAlpn01(name) is { } certificate ? (certificate, name) : null;
    }

    /// <summary>Looks at the first message and leaves every byte where it is. <c>null</c>: it is none of ours.</summary>
    private async Task<ClientHello?> PeekAsync(ConnectionContext connection)
    {
        using var timeout = new CancellationTokenSource(s_timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, connection.ConnectionClosed);
        var input = connection.Transport.Input;
        for (var examined = 0L; ;)
        {
            var result = await input.ReadAsync(ended.Token);
            var (buffer, status) = (result.Buffer, ClientHello.Read(result.Buffer, out var hello));
            if (status == ClientHelloStatus.Incomplete && !result.IsCompleted && buffer.Length < ClientHello.MaxBytes)
            {
                examined = buffer.Length;
                input.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            // Not past what was examined before, so that the next one to read finds something new at once.
            input.AdvanceTo(buffer.Start, buffer.GetPosition(Math.Min(examined, buffer.Length)));
            return status == ClientHelloStatus.Whole ? hello : null;
        }
    }

    private async Task AnswerAsync(ConnectionContext connection, SslStreamCertificateContext certificate, string name)
    {
        using var timeout = new CancellationTokenSource(s_timeout, time);
        await using var stream = new SslStream(new DuplexPipeStream(connection.Transport));
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate,
                    ApplicationProtocols = s_protocol,
#pragma warning disable CA5398 // RFC 8737 §3: 1.2 or later, whatever the system's default is.
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck, // of client certificates; none is asked for
                },
                timeout.Token);
            // The CA looks at the certificate and goes: RFC 8737 §3. Nothing is ever said over this connection.
            await stream.ShutdownAsync();
            if (log.IsEnabled(LogLevel.Debug)) Answered(Printable.Text(name));
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            if (log.IsEnabled(LogLevel.Debug)) NotAnswered(Printable.Text(e.Message));
        }
    }

    [LoggerMessage(1301, LogLevel.Debug, "TLS-ALPN-01 answered for {Name}")]
    private partial void Answered(string name);

    [LoggerMessage(1302, LogLevel.Debug, "A TLS-ALPN-01 handshake failed: {Error}")]
    private partial void NotAnswered(string error);
}
