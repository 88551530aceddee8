using System.Text.Json;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

public sealed class StatusTests
{
    private const string Settings =
        """{ "MtaSts": { "Domains": { "example.com": { "Mode": "testing", "MaxAge": 86400, "Mx": [ "mx.example.com" ] } } } }""";

    [Fact]
    public async Task It_prints_what_health_reports()
    {
        using var installation = new HostInstallation(Settings);
        await using var host = await installation.StartAsync();
        string[] url = ["--url", installation.Management.ToString()];

        var all = await installation.RunAsync(["status", .. url]);
        var one = await installation.RunAsync(["status", "mta-sts.example.com", "--json", .. url]);
        var typo = await installation.RunAsync(["status", "typo.example", .. url]);

        Assert.Equal(0, all.ExitCode);
        Assert.Matches("^Healthy: MtaStsHost [0-9.]+, configuration of .* with 1 domain\ndomain\t.*\nexample.com\tHealthy\ttesting\t",
            all.Output);
        Assert.Equal(0, one.ExitCode);
        using var json = JsonDocument.Parse(one.Output);
        Assert.Equal("example.com", json.RootElement.GetProperty("domains")[0].GetProperty("domain").GetString());
        Assert.Equal((1, ""), (typo.ExitCode, typo.Output));
        Assert.Equal(["error: typo.example: is not served; check the spelling; MtaStsHost status lists all domains"], typo.ErrorLines);
    }

    [Fact]
    public async Task A_refused_configuration_is_shown_with_its_errors_and_the_exit_code_is_1()
    {
        using var installation = new HostInstallation(Settings);
        await using var host = await installation.StartAsync();
        installation.Write(Settings.Replace("testing", "tasting", StringComparison.Ordinal));
        await Eventually.IsTrueAsync(() => host.Output.Contains("'tasting' is not a mode", StringComparison.Ordinal), "it is refused");

        var result = await installation.RunAsync("status", "--url", installation.Management.ToString());

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("Degraded: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("\n  error: MtaSts:Domains:example.com:Mode (appsettings.json:1): 'tasting' is not a mode; ", result.Output,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense", 2, "error: status: expected an http or https URL, found 'nonsense'; try --url http://localhost:9090")]
    [InlineData("http://127.0.0.1:1", 1, "error: http://127.0.0.1:1/health: can't be reached: ")]
    public async Task Without_an_answer_it_says_so_in_one_line(string url, int exitCode, string error)
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("status", "--url", url);

        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        // On a busy machine, what is waited for comes before it.
        Assert.StartsWith(error, result.ErrorLines[^1], StringComparison.Ordinal);
    }
}
