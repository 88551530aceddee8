using Acme;
using Acme.Testing;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>The clients of the CAs, over TLS.</summary>
public sealed class CertificateAuthoritiesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task For_RootsFileGetsNewContent_IsTrustedFromThenOn()
    {
        using var server = new FakeAcmeServer();
        await using var listener = new FakeAcmeListener(server);
        using var other = new FakeCa("Other CA", TimeProvider.System.GetUtcNow());
        using var otherRoot = other.Root();
        var file = _folder.Write("roots.pem", otherRoot.ExportCertificatePem());
        var authority = new AuthoritySettings(server.DirectoryUrl, file, null);
        var settings = new AcmeSettings([authority], "", [Challenge.Http01], default, null, null, 8, false, 250);
        var context = new IssuingContext("owner", new ScriptedStore(), new CertificateIndex(), new OpenChallenges(_time),
            new PreflightCheck(() => new ScriptedResolver(), new SelfCheck(), PreflightPorts.Default, _time),
            new CurrentBasis(new(new BackgroundSettings(CheckSettings.Default, [], null)), new RootsFiles(_time)), new IssuingCounters(),
            _time);
        using var authorities = new CertificateAuthorities(context);

        var before = authorities.For(authority, settings);
        var e = await Assert.ThrowsAsync<AcmeException>(() => before.GetDirectoryAsync(TestContext.Current.CancellationToken));
        Assert.Equal(FailureKind.Tls, IssuanceException.From(e).Kind);
        Assert.Contains("Acme:TrustedRootsFile", FailureKind.Remedy(FailureKind.Tls, "mta-sts.a.example"), StringComparison.Ordinal);
        Assert.Same(before, authorities.For(authority, settings));

        _folder.Write("roots.pem", listener.Roots[0].ExportCertificatePem());
        _time.Advance(TimeSpan.FromSeconds(1));

        var after = authorities.For(authority, settings);
        Assert.NotNull(await after.GetDirectoryAsync(TestContext.Current.CancellationToken));
    }
}
