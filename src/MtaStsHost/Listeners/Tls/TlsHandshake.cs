using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using MtaStsHost.Certificates;

namespace MtaStsHost.Listeners.Tls;

/// <summary>
/// Picks the certificate by SNI. A name that is not served gets none: RFC 8461 §7 requires a matching certificate or an aborted
/// handshake, and a scan by unknown clients learns nothing. Never orders; waits only for a certificate to be read from the store.
/// </summary>
internal sealed partial class TlsHandshake(
    IPolicyHosts hosts, HostCertificates certificates, TimeProvider time, ILogger<TlsHandshake> log)
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
    /// Wraps the framework's handshake, which never calls <see cref="OnConnection"/> if the first record is not a ClientHello, and then
    /// throws because it has no certificate. Kestrel would log that as an error with a stack trace for every such client. It doesn't find a
    /// server name past the first record, either.
    /// </summary>
    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (await HelloPeek.ReadAsync(connection, ClientHello.ReadFragmented, time) is { ServerName: { } name })
                connection.Features.Set(new FragmentedHello(name));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Too slow, or closed.
            connection.Abort();
            return;
        }

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
        if (string.IsNullOrEmpty(name)) name = context.Connection.Features.Get<FragmentedHello>()?.ServerName;
        if (string.IsNullOrEmpty(name)) return Refuse(ref _noSni, name, "the client sent no server name");
        // .NET decodes A-labels to U-labels; policy hosts are A-labels.
        if (!System.Text.Ascii.IsValid(name) && MtaSts.DomainName.TryToAscii(name, out var ascii)) name = ascii;
        if (!hosts.Contains(name)) return Refuse(ref _unknownName, name, "the server name is not served here");
        var lookup = certificates.FindAsync(name);
        return lookup.IsCompletedSuccessfully ? Answer(lookup.Result, name, protocols) : AnswerAsync(lookup, name, protocols);
    }

    private async ValueTask<SslServerAuthenticationOptions> AnswerAsync(
        ValueTask<CertificateLookup> lookup, string name, HttpProtocols protocols) => await Answer(await lookup, name, protocols);

    private ValueTask<SslServerAuthenticationOptions> Answer(CertificateLookup found, string name, HttpProtocols protocols) => found switch
    {
        { Certificate: { } certificate } => new(certificate.TlsOptions(protocols)),
        { IsStoreUnreachable: true } => Refuse(ref _store, name, "its certificate can't be read from the store now"),
        _ => Refuse(ref _noCertificate, name, "the server name has no certificate"),
    };

    /// <summary>Kestrel logs this exception at Debug, but a null certificate as an error, for every passing scanner.</summary>
    private ValueTask<SslServerAuthenticationOptions> Refuse(ref long counter, string? name, string reason)
    {
        Interlocked.Increment(ref counter);
        if (log.IsEnabled(LogLevel.Debug)) HandshakeRefused(Printable.Text(name ?? ""), reason);
        return ValueTask.FromException<SslServerAuthenticationOptions>(new AuthenticationException(reason));
    }

    // Unknown clients cause these at will, so they are logged at Debug only; /metrics counts them.
    [LoggerMessage(1300, LogLevel.Debug, "TLS handshake for {Name} refused: {Reason}")]
    private partial void HandshakeRefused(string name, string reason);

    private sealed record FragmentedHello(string ServerName);
}
