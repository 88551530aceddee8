using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MtaStsHost.Certificates;

/// <summary>
/// A certificate with everything that a handshake needs, prepared once. The context must be kept: it caches OpenSSL's own, and creating one
/// per connection costs as much as the handshake.
/// </summary>
internal sealed class ServingCertificate
{
    private readonly SslServerAuthenticationOptions _both;
    private readonly SslServerAuthenticationOptions _http1;
    private readonly SslServerAuthenticationOptions _http2;

    public ServingCertificate(X509Certificate2 leaf, X509Certificate2Collection intermediates)
    {
        NotBefore = new DateTimeOffset(leaf.NotBefore.ToUniversalTime());
        NotAfter = new DateTimeOffset(leaf.NotAfter.ToUniversalTime());
        Issuer = Printable.Text(leaf.GetNameInfo(X509NameType.SimpleName, forIssuer: true));
        DnsNames = ReadDnsNames(leaf);
        // Without offline, the framework may download what is missing in the chain.
        var context = SslStreamCertificateContext.Create(leaf, intermediates, offline: true);
        _both = Prepare(context, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11);
        _http1 = Prepare(context, SslApplicationProtocol.Http11);
        _http2 = Prepare(context, SslApplicationProtocol.Http2);
    }

    /// <param name="chainPem">Leaf first.</param>
    /// <exception cref="CryptographicException">It can't be read, or the key belongs to another certificate.</exception>
    public static ServingCertificate FromPem(string chainPem, string keyPem)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(chainPem);
#pragma warning disable CA2000 // It lives as long as this object.
        var leaf = X509Certificate2.CreateFromPem(chainPem, keyPem); // of the first certificate in the text
#pragma warning restore CA2000
        return new ServingCertificate(leaf, [.. chain.Skip(1)]);
    }

    /// <summary>The DNS names of the subject alternative names, lower case. Senders match nothing else: RFC 8461 §3.3.</summary>
    public ImmutableArray<string> DnsNames { get; }

    public DateTimeOffset NotBefore { get; }

    public DateTimeOffset NotAfter { get; }

    /// <summary>The issuer's common name, printable.</summary>
    public string Issuer { get; }

    /// <summary>The prepared options of a listener with these protocols; shared, so never change them.</summary>
    public SslServerAuthenticationOptions TlsOptions(HttpProtocols protocols) => protocols switch
    {
        HttpProtocols.Http1 => _http1,
        HttpProtocols.Http2 => _http2,
        _ => _both,
    };

    public bool IsInDate(DateTimeOffset now) => NotBefore <= now && now < NotAfter;

    private static SslServerAuthenticationOptions Prepare(SslStreamCertificateContext context,
        params ReadOnlySpan<SslApplicationProtocol> protocols) => new()
    {
        ServerCertificateContext = context,
        ApplicationProtocols = [.. protocols],
#pragma warning disable CA5398 // Both versions are named on purpose: RFC 8461 §3.3 requires 1.2 or later, whatever the system's default is.
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck, // of client certificates; none are requested
    };

    private static ImmutableArray<string> ReadDnsNames(X509Certificate2 leaf)
    {
        var extension = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return extension is null ? [] : [.. extension.EnumerateDnsNames().Select(name => name.TrimEnd('.').ToLowerInvariant()).Distinct()];
    }
}
