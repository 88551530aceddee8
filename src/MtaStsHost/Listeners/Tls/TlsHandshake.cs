using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using MtaStsHost.Certificates;
using MtaStsHost.Text;

namespace MtaStsHost.Listeners.Tls;

/// <summary>
/// Picks the certificate by SNI. A name that is not served gets none at all: RFC 8461 §7 asks for a matching certificate or an
/// aborted handshake, and a stranger's scan learns nothing. Never orders; waits for nothing but a certificate that must be read from the
/// store.
/// </summary>
internal sealed partial class TlsHandshake(IPolicyHosts hosts, HostCertificates certificates, ILogger<TlsHandshake> log)
{
    private long _noSni;
    private long _unknownName;
    private long _noCertificate;
    private long _store;

    /// <summary>Refused handshakes by reason, since the start.</summary>
    public IEnumerable<(string Reason, long Count)> Refused =>
    [
        ("no_sni", Interlocked.Read(ref _noSni)),
        ("unknown_name", Interlocked.Read(ref _unknownName)),
        ("no_certificate", Interlocked.Read(ref _noCertificate)),
        ("store", Interlocked.Read(ref _store)),
    ];

    /// <summary>
    /// Stands around the framework's handshake. Of a first record that is no ClientHello it never asks <see cref="OnConnection"/>, and then
    /// complains that it has no certificate; Kestrel would log that as an error, with its stack, for every stranger who sends such a thing.
    /// </summary>
    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        try
        {
            await next(connection);
        }
        catch (NotSupportedException)
        {
            Interlocked.Increment(ref _noSni);
            if (log.IsEnabled(LogLevel.Debug)) HandshakeRefused("", "the client sent no ClientHello");
        }
    };

    /// <param name="context">Of the ClientHello.</param>
    /// <param name="protocols">Of the listener.</param>
    public ValueTask<SslServerAuthenticationOptions> OnConnection(TlsHandshakeCallbackContext context, HttpProtocols protocols)
    {
        var name = context.ClientHelloInfo.ServerName;
        if (string.IsNullOrEmpty(name)) return Refuse(ref _noSni, name, "the client sent no server name");
        // .NET decodes A-labels to U-labels; policy hosts are A-labels.
        if (!System.Text.Ascii.IsValid(name) && MtaSts.DomainName.TryToAscii(name, out var ascii)) name = ascii;
        if (!hosts.Contains(name)) return Refuse(ref _unknownName, name, "the server name is not served here");
        return certificates.TryGet(name, out var certificate)
            ? new ValueTask<SslServerAuthenticationOptions>(certificate.TlsOptions(protocols))
            : LoadAsync(name, protocols);
    }

    private async ValueTask<SslServerAuthenticationOptions> LoadAsync(string name, HttpProtocols protocols)
    {
        if (await certificates.LoadAsync(name) is { } certificate) return certificate.TlsOptions(protocols);
        // Told apart, since the remedy is another one: there is a certificate, and the next handshake may get it.
        return await (certificates.IsOutOfReach(name)
            ? Refuse(ref _store, name, "its certificate can't be read from the store now")
            : Refuse(ref _noCertificate, name, "there is no certificate for the server name"));
    }

    /// <summary>Kestrel logs this exception at Debug; a null certificate it would log as an error, for every scanner that passes.</summary>
    private ValueTask<SslServerAuthenticationOptions> Refuse(ref long counter, string? name, string reason)
    {
        Interlocked.Increment(ref counter);
        if (log.IsEnabled(LogLevel.Debug)) HandshakeRefused(Printable.Text(name ?? ""), reason);
        return ValueTask.FromException<SslServerAuthenticationOptions>(new AuthenticationException(reason));
    }

    // Strangers bring these about at will, so nobody's log has them unless asked for; the counts are in /metrics.
    [LoggerMessage(1300, LogLevel.Debug, "Handshake for {Name} refused: {Reason}")]
    private partial void HandshakeRefused(string name, string reason);
}
