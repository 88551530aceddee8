using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates.Files;

public sealed class CertificateSnapshotTests : IDisposable
{
    private static readonly DateTimeOffset s_now = TimeProvider.System.GetUtcNow();

    private readonly TestCa _ca = new();

    public void Dispose() => _ca.Dispose();

    [Theory]
    [InlineData("mta-sts.example.com", "exact")]
    [InlineData("MTA-STS.EXAMPLE.COM", "exact")]
    [InlineData("other.example.com", "wildcard")]
    [InlineData("example.com", null)]
    [InlineData("a.b.example.com", null)]
    [InlineData(".example.com", null)]
    [InlineData("mta-sts.example.org", null)]
    [InlineData("com", null)]
    [InlineData("", null)]
    public void Find_Name_IsTheExactOneThenTheWildcard(string host, string? expected)
    {
        var wildcard = Certificate(90, "*.example.com");
        var exact = Certificate(10, "mta-sts.example.com"); // ends earlier, and is the closer match all the same
        var snapshot = new CertificateSnapshot([wildcard, exact]);

        Assert.Same(expected switch { "exact" => exact, "wildcard" => wildcard, _ => null }, snapshot.Find(host, s_now));
    }

    [Fact]
    public void Find_TwoOfOneName_IsTheOneThatEndsLater()
    {
        var (early, late) = (Certificate(10, "a.example.com", "b.example.com"), Certificate(90, "a.example.com"));

        foreach (var order in new ImmutableArray<ServingCertificate>[] { [early, late], [late, early] })
        {
            Assert.Same(late, new CertificateSnapshot(order).Find("a.example.com", s_now));
            Assert.Same(early, new CertificateSnapshot(order).Find("b.example.com", s_now));
        }
    }

    private ServingCertificate Certificate(int days, params string[] names)
    {
        var issued = _ca.Issue(names, notAfter: TimeProvider.System.GetUtcNow().AddDays(days));
        return new ServingCertificate(X509Certificate2.CreateFromPem(issued.CertificatePem, issued.KeyPem), []);
    }
}
