using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtaSts.Tests;

/// <summary>A root, an intermediate and what they issue, valid around <see cref="Now"/>.</summary>
internal sealed class TestCertificates
{
    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _root = Issue("CN=Test Root", null, authority: true, Now.AddYears(-1), Now.AddYears(9), []);
    private readonly X509Certificate2 _intermediate;

    public TestCertificates() =>
        _intermediate = Issue("CN=Test Intermediate", _root, authority: true, Now.AddMonths(-6), Now.AddYears(5), []);

    public X509Certificate2Collection Roots => [_root];

    /// <summary>A server's certificate with its chain.</summary>
    public SslStreamCertificateContext Server(
        string[] dnsNames, string subject = "CN=Test Server", DateTimeOffset? from = null, DateTimeOffset? to = null,
            bool withIntermediate = true, string usage = "1.3.6.1.5.5.7.3.1") =>
        SslStreamCertificateContext.Create(
            Issue(subject, _intermediate, authority: false, from ?? Now.AddDays(-30), to ?? Now.AddDays(60), dnsNames, usage),
            withIntermediate ? [_intermediate] : [], offline: true);

    private static X509Certificate2 Issue(
        string subject, X509Certificate2? issuer, bool authority, DateTimeOffset from, DateTimeOffset to, string[] dnsNames,
            string usage = "")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, critical: true));
        if (dnsNames.Length > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var name in dnsNames)
                names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
        }

        if (usage.Length > 0)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        if (issuer is null)
            return request.CreateSelfSigned(from, to);
        using var certificate = request.Create(issuer, from, to, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }
}
