using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MtaStsHost.Runtime;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests;

/// <summary>Files for developers and releases agree with the code, and the scripts in <c>eng</c> refuse what they don't know.</summary>
public sealed partial class RepositoryTests
{
    [Fact]
    public void The_newest_version_in_the_changelog_is_the_one_that_is_built() =>
        Assert.Equal(ServiceVersion.Text, Heading().Match(Read("CHANGELOG.md")).Groups[1].Value);

    [Fact]
    public void Every_SDK_of_NET_10_builds_the_project_and_developers_have_the_one_whose_rules_it_follows()
    {
        var sdk = JsonNode.Parse(Read("global.json"))!["sdk"]!;
        var rules = DeveloperSdk().Match(Read("Directory.Build.props")).Groups[1].Value;

        Assert.Equal(("10.0.100", "latestFeature"), ((string?)sdk["version"], (string?)sdk["rollForward"]));
        Assert.Matches($"features/dotnet:2\": {{ \"version\": \"{Regex.Escape(rules)}[0-9]{{2}}\" }}",
            Read(".devcontainer/devcontainer.json"));
        Assert.Contains($"dotnet-version: {rules}xx ", Read(".github/workflows/ci.yml"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_workflow_and_the_dev_container_take_commands_and_packages_from_the_scripts()
    {
        Assert.Contains("run: .ci/run", Read(".github/workflows/ci.yml"), StringComparison.Ordinal);
        Assert.Contains("./test.sh --install-only", Read(".devcontainer/devcontainer.json"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("release", "expected amd64 or arm64 after --arch, found riscv64", "--arch", "riscv64")]
    [InlineData("release", "expected amd64 or arm64 after --arch, found nothing", "--arch")]
    [InlineData("release", "expected a folder after --output, found nothing", "--output")]
    [InlineData("release", "unknown option --fast", "--fast")]
    [InlineData("check-words", "expected words, layout or spelling after --only, found nothing", "--only")]
    [InlineData("check-words", "/ is outside the repository", "/")]
    [InlineData("run-with-pebble", "unknown option --fast", "--fast")]
    public async Task A_script_says_which_argument_is_wrong(string script, string expected, params string[] arguments)
    {
        var (status, output) = await Tools.RunAsync(Path.Combine(HostBinary.Repository, "eng", script), arguments);

        Assert.Equal(2, status);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-dns01 string", "-dns01 127.0.0.1:18153 -management")]
    [InlineData("-dnsserver string -doh string", "-dnsserver 127.0.0.1:18153 -doh  -management")]
    public async Task The_script_starts_either_generation_of_Pebble(string flags, string expected)
    {
        foreach (var tool in (string[])["openssl", "curl"]) Tools.Require(tool);
        using var folder = new TempFolder();
        WriteProgram("pebble-challtestsrv", $"[ \"$1\" != -help ] || {{ echo '{flags}' >&2; exit 2; }}; echo \"started with $*\"");
        // It ends, which ends the script, as soon as the other one has started.
        WriteProgram("pebble", "until [ -s \"${2%/*}/dns.log\" ]; do sleep 0.1; done; exit 1");

        var (status, output) = await Tools.RunAsync("env", $"PATH={folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}",
            Path.Combine(HostBinary.Repository, "eng", "run-with-pebble"), "--pebble-only", "--folder", folder["work"]);

        Assert.Equal(1, status);
        Assert.Contains($"started with {expected}", output, StringComparison.Ordinal);

        void WriteProgram(string name, string script)
        {
            var path = folder.Write($"bin/{name}", $"#!/bin/sh\n{script}\n");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task Wording_and_layout_follow_the_rules()
    {
        var (status, output) = await CheckWordsAsync("--only", "words", "--only", "layout");

        Assert.True(status == 0, output);
    }

    [Fact]
    public async Task Every_word_is_spelled_correctly()
    {
        Tools.Require("npm");
        var (status, output) = await CheckWordsAsync("--only", "spelling");

        // A registry that does not answer is not a fault of the change.
        Assert.SkipWhen(status == 3, output);
        Assert.True(status == 0, output);
    }

    private static Task<(int ExitCode, string Output)> CheckWordsAsync(params string[] arguments) =>
        Tools.RunAsync(Tools.Require("node"), [Path.Combine(HostBinary.Repository, "eng", "check-words"), .. arguments]);

    private static string Read(string path) => File.ReadAllText(Path.Combine(HostBinary.Repository, path));

    [GeneratedRegex("<DeveloperSdk>(.*)</DeveloperSdk>")]
    private static partial Regex DeveloperSdk();

    [GeneratedRegex(@"^## ([0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
