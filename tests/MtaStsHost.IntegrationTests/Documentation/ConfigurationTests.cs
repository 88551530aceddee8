using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Documentation;

/// <summary>Each block marked <c>json</c> is a valid configuration.</summary>
public sealed class ConfigurationTests
{
    public static TheoryData<string> Pages => [.. Documents.Pages.Where(page => Documents.Blocks(page, "json").Any())];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_configuration_is_valid(string page)
    {
        using var ca = new TestCa();
        var certificate = ca.Issue(names: ["mta-sts.example.com"]);
        using var installation = new HostInstallation("{}");
        foreach (var name in new[] { "fullchain.pem", "old.pem" }) installation.Folder.Write(name, certificate.ChainPem);
        foreach (var name in new[] { "privkey.pem", "old.key" }) installation.Folder.Write(name, certificate.KeyPem);
        // What a block that shows one section leaves out.
        installation.Folder.Write("rest.json", """
            { "MtaSts": {
                "Defaults": { "Mode": "testing", "MaxAge": 86400 },
                "Domains": { "example.net": { "Mx": [ "mail.example.net" ] } } },
              "Kestrel": { "Endpoints": { "Http": { "Url": "http://*:80" } } } }
            """);

        foreach (var block in Documents.Blocks(page, "json"))
        {
            installation.Folder.Write("block.json", block
                .Replace("/etc/letsencrypt/live/mta-sts.example.com/", "", StringComparison.Ordinal)
                .Replace("/etc/mtastshost/", "", StringComparison.Ordinal));
            var result = await installation.RunAsync("validate", "--config", "rest.json", "--config", "block.json");
            Assert.True(result.ExitCode == 0, $"{block}\n{result.Error}");
        }
    }

    /// <summary>Blocks with a Management listener are whole files: no other file is read.</summary>
    [Fact]
    public async Task A_whole_configuration_serves_its_own_domain_and_no_other()
    {
        var blocks = Documents.Pages.SelectMany(page => Documents.Blocks(page, "json"))
            .Where(block => block.Contains("\"Management\"", StringComparison.Ordinal)).ToList();
        foreach (var block in blocks)
        {
            using var installation = new HostInstallation("{}");
            File.Delete(installation.SettingsPath);
            installation.Folder.Write("mtastshost.json", block.Replace("example.com", "example.org", StringComparison.Ordinal));
            installation.Folder.Write(
                "domains.d/example.net.json", """{ "MtaSts": { "Domains": { "example.net": { "Mx": [ "mail.example.net" ] } } } }""");

            var result = await installation.RunAsync("validate", "--config", "mtastshost.json");

            Assert.True(result.ExitCode == 0, $"{block}\n{result.Error}");
            var served = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split('\t')[0]);
            Assert.Equal(["example.net", "example.org"], served.Order(StringComparer.Ordinal));
        }

        Assert.Equal(3, blocks.Count);
    }
}
