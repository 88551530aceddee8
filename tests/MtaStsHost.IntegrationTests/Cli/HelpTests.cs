using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

public sealed class HelpTests
{
    private const string Settings =
        """{ "MtaSts": { "Domains": { "example.com": { "Mode": "testing", "MaxAge": 86400, "Mx": [ "mx.example.com" ] } } } }""";

    [Fact]
    public async Task Help_is_printed_and_ends_with_0()
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("certificates", "renew", "--help");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Examples:\n  MtaStsHost certificates renew ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_comes_first_then_the_runtime_and_OpenSSL()
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("import", "--version");

        Assert.Matches(@"^\d+\.\d+\.\d+\n\.NET \d+\.\d+\.\d+\nOpenSSL \d+\.\d+\.\d+\w?\n$", result.Output);
    }

    [Theory]
    [InlineData("error: command line: Unrecognized command or argument 'srve'; see MtaStsHost --help", "srve")]
    [InlineData("error: command line: Unrecognized command or argument '--MtaSts:Defaults:Mode'; see MtaStsHost validate --help",
        "validate", "--MtaSts:Defaults:Mode", "none")]
    [InlineData("error: command line: Unrecognized command or argument 'shwo'; see MtaStsHost config --help", "config", "shwo")]
    [InlineData("error: command line: Required command was not provided; see MtaStsHost config --help", "config")]
    [InlineData("error: command line: --jsn is not an option of check; see MtaStsHost check --help", "check", "--jsn")]
    [InlineData("error: command line: --config needs the path of a file; see MtaStsHost --help", "--config", "")]
    public async Task Wrong_usage_ends_with_2_and_one_line(string error, params string[] words)
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync(words);

        Assert.Equal([error], result.ErrorLines);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
    }
}
