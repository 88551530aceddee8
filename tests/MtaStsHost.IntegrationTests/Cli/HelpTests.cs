using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

public sealed class HelpTests
{
    private const string Settings = """{ "MtaSts": { "Domains": { "example.com": { "Mode": "testing", "MaxAge": 86400, "Mx": [ "mx.example.com" ] } } } }""";

    [Theory]
    [InlineData("")]
    [InlineData("serve")]
    [InlineData("validate")]
    [InlineData("check")]
    [InlineData("records")]
    [InlineData("import")]
    [InlineData("healthcheck")]
    [InlineData("certificates list")]
    [InlineData("certificates renew")]
    [InlineData("certificates export")]
    [InlineData("certificates revoke")]
    public async Task Each_verb_has_help_with_examples(string verb)
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync([.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"Examples:\n  MtaStsHost {verb}".TrimEnd(), result.Output, StringComparison.Ordinal);
        Assert.Contains("--config", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("validate", "--version")]
    [InlineData("import", "--version")]
    public async Task The_version_comes_first_everywhere_then_the_runtime_and_OpenSSL(params string[] words)
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync(words);

        Assert.Matches(@"^\d+\.\d+\.\d+\n\.NET \d+\.\d+\.\d+\nOpenSSL \d+\.\d+\.\d+\w?\n$", result.Output);
    }

    [Theory]
    [InlineData("srve")]
    [InlineData("validate", "--jsn")]
    [InlineData("--MtaSts:Defaults:Mode", "none")]
    [InlineData("import")]
    [InlineData("--config", "")]
    public async Task Wrong_usage_ends_with_2_and_one_line(params string[] words)
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync(words);

        Assert.Equal(2, result.ExitCode);
        Assert.NotEmpty(result.ErrorLines);
        Assert.All(result.ErrorLines, line => Assert.Matches("^error: command line: .*; see MtaStsHost --help$", line));
    }
}
