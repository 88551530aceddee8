using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class CertificateSourceTests
{
    [Theory]
    [InlineData("""{ "KeyPath": "a.key" }""")]
    [InlineData("""{ "Path": null }""")]
    [InlineData("""{ "Path": "" }""")]
    [InlineData("{}")]
    [InlineData("""{ "Password": "secret" }""")]
    public void Read_NoPath_IsAnErrorAtTheEntry(string entry)
    {
        using var configuration = new ConfigurationFixture(Json.With("{}", $$"""
            "Tls": { "Certificates": [
              {{entry}} ] }
            """));

        Assert.Equal(["error: Tls:Certificates:0:Path (appsettings.json:2): is not set; name the file with the certificate and its chain"],
            configuration.Errors());
    }

    [Fact]
    public void Read_EveryBadFile_IsAnErrorAtItsLine()
    {
        using var configuration = new ConfigurationFixture(Json.With("{}", """
            "Tls": { "Certificates": [
              { "Path": "a.pem" },
              { "Path": "b.pem", "KeyPath": "b.key", "Password": "hunter2" } ] }
            """));

        var errors = configuration.Errors();

        Assert.Equal(
            [
                $"error: Tls:Certificates:0 (appsettings.json:2): {configuration.Folder["a.pem"]} can't be read; there is no such file; "
                    + $"check the path",
                $"error: Tls:Certificates:1 (appsettings.json:3): {configuration.Folder["b.pem"]} can't be read; there is no such file; "
                    + $"check the path",
            ],
            errors);
        Assert.DoesNotContain("hunter2", string.Join('\n', errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Expired_IsAWarning()
    {
        using var ca = new TestCa();
        using var configuration =
            new ConfigurationFixture(Json.With("{}", """ "Tls": { "Certificates": [ { "Path": "tls.pem", "KeyPath": "tls.key" } ] } """));
        ca.Issue(["mta-sts.example.com"], DateTimeOffset.UnixEpoch.AddYears(40), DateTimeOffset.UnixEpoch.AddYears(41))
            .Write(configuration.Folder.Path);

        Assert.Empty(configuration.Errors());
        Assert.Contains(
            $"warning: Tls:Certificates:0 (appsettings.json:1): the certificate in {configuration.Folder["tls.pem"]} expired on "
            + $"2011-01-01; renew it; senders refuse it", configuration.Warnings());
    }
}
