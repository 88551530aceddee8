using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

/// <summary>What the verbs send to a terminal.</summary>
public sealed class TerminalTests : IDisposable
{
    private readonly HostInstallation _host = new("""
        { "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:1" } } },
          "MtaSts": { "Domains": { "example.com": { "Mode": "testing", "MaxAge": 86400, "Mx": [ "mail.example.com", "*.mx.example.net" ] } } },
          "Storage": { "ConnectionString": "Data Source=store/store.db" } }
        """);

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("validate")]
    [InlineData("validate | cat")]
    [InlineData("validate > /dev/null")]
    [InlineData("config show")]
    [InlineData("--help")]
    [InlineData("history example.com")]
    public async Task No_mode_of_the_terminal_is_changed(string verb)
    {
        var output = await ShowAsync(120, "", verb);

        // Private modes, such as the cursor's, and the keypad's.
        Assert.DoesNotMatch(@"\x1b(\[\?|[=>])", output);
    }

    [Theory]
    [InlineData("validate")]
    [InlineData("config show")]
    public async Task With_NO_COLOR_there_is_plain_text(string verb)
    {
        Assert.Contains("\u001b[1m", await ShowAsync(400, "", verb), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[1m", await ShowAsync(400, "NO_COLOR=1 ", verb), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_history_is_a_table_of_80_columns()
    {
        await using (await _host.StartAsync())
        {
            await Eventually.IsTrueAsync(async () => (await _host.RunAsync("history", "example.com")).ExitCode == 0, "it is recorded");
        }

        var lines = TerminalScreen.Show(await ShowAsync(80, "", "history example.com")).Split('\n');

        Assert.Matches("^│ policy +│ first served +│ last fetched +│$", lines[1]);
        Assert.Matches("^│ example.com +│ 20[0-9]{2}-[0-9: -]+Z +│ -? +│$", lines[4]);
        Assert.All(lines.TakeWhile(line => !line.StartsWith("example.com:", StringComparison.Ordinal)),
            line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains(lines, line => line.StartsWith("│ *.mx.example.net ", StringComparison.Ordinal));
    }

    private async Task<string> ShowAsync(int columns, string environment, string verb)
    {
        var (_, output) = await Tools.RunAsync("env", "TERM=xterm-256color", Tools.Require("script"), "-qec",
            $"stty cols {columns}; cd {_host.Folder.Path}; {environment}{string.Join(' ', _host.Command)} {verb}", "/dev/null");
        return output;
    }
}
