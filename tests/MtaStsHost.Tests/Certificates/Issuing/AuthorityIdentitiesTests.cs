using Acme;
using Acme.Testing;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates.Issuing;

public sealed class AuthorityIdentitiesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ReadAsync_Directory_NamesTheCa()
    {
        using var server = new FakeAcmeServer();
        await using var listener = new FakeAcmeListener(server);
        var roots = _folder.Write("roots.pem", listener.Roots[0].ExportCertificatePem());

        var authority = Assert.Single(await ReadAsync(new AuthoritySettings(server.DirectoryUrl, roots, null)));

        Assert.Equal((server.DirectoryUrl.Authority, ""), (authority.Name, authority.Fault));
        Assert.Equal(["ca.example"], authority.Request!.CaaIdentities);
        Assert.Equal(["http-01"], authority.Request.ChallengeTypes);
    }

    [Fact]
    public async Task ReadAsync_CaThatCannotBeAsked_SaysWhyAndLeavesTheOthersAlone()
    {
        var authorities = await ReadAsync(
            new AuthoritySettings(new Uri($"https://127.0.0.1:{FreePorts.Next()}/directory"), null, null),
            new AuthoritySettings(new Uri("https://ca.example/directory"), _folder["none.pem"], null));

        Assert.All(authorities, authority => Assert.Null(authority.Request));
        Assert.All(authorities, authority => Assert.NotEmpty(authority.Fault));
        Assert.Contains("roots", authorities[1].Fault, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<MtaStsHost.Certificates.Issuing.Preflight.CaaAuthority>> ReadAsync(
        params AuthoritySettings[] authorities) => AuthorityIdentities.ReadAsync(
        new AcmeSettings([.. authorities], "", ["http-01"], KeyAlgorithm.ES256, null, null, 1, true, 250),
            TimeProvider.System, TestContext.Current.CancellationToken);
}
