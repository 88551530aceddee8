using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class PemRootsTests : IDisposable
{
    private const string Damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

    private readonly TempFolder _folder = new();
    private readonly TestCa _ca = new();

    public void Dispose()
    {
        _folder.Dispose();
        _ca.Dispose();
    }

    [Fact]
    public void TryLoad_GoodFile_HasItsCertificates()
    {
        Assert.True(PemRoots.TryLoad(_folder.Write("roots.pem", _ca.RootPem + _ca.RootPem), out var roots, out _));
        Assert.Equal(2, roots!.Count);
    }

    [Fact]
    public void TryLoad_NoFile_IsTheSystems()
    {
        Assert.True(PemRoots.TryLoad(null, out var roots, out _));
        Assert.Null(roots);
    }

    [Theory]
    [InlineData(null, "can't be read; there is no such file")]
    [InlineData("", "has no certificate in it; name a file of PEM certificates")]
    [InlineData("nothing", "has no certificate in it; name a file of PEM certificates")]
    [InlineData(Damaged, "has a certificate that can't be read; name a file of PEM certificates")]
    public void TryLoad_BadFile_HasAFault(string? content, string expected)
    {
        if (content is not null) _folder.Write("roots.pem", content);

        Assert.False(PemRoots.TryLoad(_folder["roots.pem"], out _, out var fault));
        Assert.StartsWith($"{_folder["roots.pem"]} {expected}", $"{fault.What}; {fault.Remedy}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"Acme\": {\n \"TrustedRootsFile\": \"none.pem\" }", "Acme:TrustedRootsFile")]
    [InlineData("\"Acme\": { \"Fallbacks\": [ { \"DirectoryUrl\": \"https://ca.example/\",\n \"TrustedRootsFile\": \"none.pem\" } ] }",
        "Acme:Fallbacks:0:TrustedRootsFile")]
    [InlineData("\"Checks\": {\n \"TrustedRootsFile\": \"none.pem\" }", "Checks:TrustedRootsFile")]
    public void Load_FileThatIsMissing_IsAnErrorAtItsLineAndParsingDoesNotSeeIt(string section, string path)
    {
        using var configuration = new ConfigurationFixture($$"""{ {{Json.Endpoints}}, {{section}} }""");

        Assert.StartsWith($"error: {path} (appsettings.json:2): {configuration.Folder["none.pem"]} can't be read; ",
            Assert.Single(configuration.Errors()), StringComparison.Ordinal);
        Assert.NotNull(ServiceConfiguration.Parse(configuration.Load()));
    }
}
