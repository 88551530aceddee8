using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Acme;
using Microsoft.AspNetCore.Connections;
using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Challenges;

namespace MtaStsHost.Listeners.Tls;

/// <summary>
/// TLS-ALPN-01, RFC 8737: intercepts validation requests before the ordinary handshake. Only a ClientHello that offers <c>acme-tls/1</c>
/// and nothing else, for a host with an open challenge, gets the challenge's certificate, which the ordinary handshake doesn't have.
/// Does nothing while no challenge is open.
/// </summary>
internal sealed partial class ChallengeHandshake(
    OpenChallenges challenges, StoredChallenges stored, IPolicyHosts hosts, TimeProvider time, ILogger<ChallengeHandshake> log)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private static readonly List<SslApplicationProtocol> s_protocol = [new(TlsAlpn01Certificate.Protocol)];

    public ConnectionDelegate Guard(ConnectionDelegate next) => connection => challenges.Any
        ? InterceptAsync(connection, next) : next(connection);

    private async Task InterceptAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        (SslStreamCertificateContext Certificate, string Name)? challenge;
        try
        {
            var hello = await HelloPeek.ReadAsync(connection, ClientHello.Read, time);
            challenge = hello is { ServerName: { } name, Protocols: [TlsAlpn01Certificate.Protocol] }
                ? await FindAsync(connection, name) : null;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Too slow, or closed. Kestrel would log it as our error.
            connection.Abort();
            return;
        }

        await (challenge is { } open ? AnswerAsync(connection, open.Certificate, open.Name) : next(connection));
    }

    /// <summary>In memory, otherwise in the store: another replica may have opened it just now, and the CA may connect to any.</summary>
    private async Task<(SslStreamCertificateContext Certificate, string Name)?> FindAsync(ConnectionContext connection, string name)
    {
        if (challenges.FindTlsAlpn01(name) is { } known) return (known, name);
        if (!hosts.Contains(name)) return null;
        using var timeout = new CancellationTokenSource(s_timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, connection.ConnectionClosed);
        return await stored.RefreshAsync(ended.Token) && challenges.FindTlsAlpn01(name) is { } certificate ? (certificate, name) : null;
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
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck, // of client certificates; none are requested
                },
                timeout.Token);
            // The CA checks the certificate and closes: RFC 8737 §3. No data is ever sent over this connection.
            await stream.ShutdownAsync();
            if (log.IsEnabled(LogLevel.Debug)) Answered(Printable.Text(name));
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            if (log.IsEnabled(LogLevel.Debug)) NotAnswered(Printable.Text(e.Message));
        }
    }

    [LoggerMessage(1301, LogLevel.Debug, "TLS-ALPN-01 validation answered for {Name}")]
    private partial void Answered(string name);

    [LoggerMessage(1302, LogLevel.Debug, "TLS-ALPN-01 handshake failed: {Error}")]
    private partial void NotAnswered(string error);
}
