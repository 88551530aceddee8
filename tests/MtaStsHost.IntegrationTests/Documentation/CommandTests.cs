using System.Text;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Documentation;

/// <summary>The commands in blocks marked <c>sh</c> run as they are written, in a checkout with the sample configuration.</summary>
public sealed class CommandTests
{
    private const string Serve = "dotnet run --project src/MtaStsHost";
    private const string Publish = "dotnet publish src/MtaStsHost -c Release -o artifacts/host";

    private const string WaitUntilReady = "until curl -sf http://localhost:9090/health/ready; do kill -0 $service; sleep 0.2; done";

    /// <summary>Their commands need an installation, which other tests of this folder and of Deployment have.</summary>
    private static readonly string[] s_needInstallation = ["docs/guides/backup.md", "docs/guides/move-here.md", "docs/install/systemd.md"];

    [Fact]
    public async Task Every_command_runs()
    {
        await Tools.RequireNamespacesAsync();
        HostBinary.RequireNative(); // made by the documented command, which test.sh runs in the same words
        foreach (var tool in new[] { "curl", "pebble", "openssl" }) Tools.Require(tool);
        Assert.Contains(Publish, Documents.Read("test.sh"), StringComparison.Ordinal);

        // A network namespace of its own: the sample's ports are free in it, and the service ends with it.
        var program = Documents.PathOf("artifacts/host/MtaStsHost");
        var script = new StringBuilder($"set -euo pipefail\nip link set lo up\nexport BENCH_HOST={Quote(program)}\n")
            .Append("MtaStsHost() { dotnet run --no-build --project src/MtaStsHost -- \"$@\"; }\n");
        var commands = 0;
        foreach (var command in Documents.Pages.Except(s_needInstallation).SelectMany(Commands))
        {
            commands++;
            if (command is "./test.sh" or Publish) continue;
            script.Append("printf '>>> %s\\n' ").Append(Quote(command)).Append('\n');
            script.Append(command.Replace("curl ", "curl --fail-with-body -sS ", StringComparison.Ordinal));
            script.Append(command == Serve ? $" &\nservice=$!\n{WaitUntilReady}\n" : "\n");
        }

        script.Append("kill $service\nwait || :\n");
        script.Insert(0, $"cd {Quote(HostBinary.Repository)}\n");
        var (status, output) = await Tools.RunAsync(
            "unshare", "-n", "--kill-child", "--fork", "--pid", "--mount-proc", "bash", "-c", script.ToString());

        Assert.True(status == 0, output);
        Assert.True(commands >= 15, $"the pages have only {commands} commands");
        Assert.Contains("version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n", output, StringComparison.Ordinal);
        Assert.Contains("\"id\": \"ddcfc28c0c2a59db89ddc447d331ecff\"", output, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Commands(string page) =>
        Documents.Blocks(page, "sh").Select(block => block.Replace("|\n  ", "| ", StringComparison.Ordinal))
            .SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Select(line => line.Split("  #")[0].TrimEnd());

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
