using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

/// <summary>Verbs run by a user who has no access to the service's store.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class HiddenStoreTests : IAsyncLifetime
{
    private const string OtherUser = "65534";

    private readonly HostInstallation _host = new("""
        { "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:1" } } }, "MtaSts": { "Domains": { "example.com": { "Mode": "enforce", "MaxAge": 604800, "Mx": [ "mail.example.com" ] } } } }
        """);

    private string Store => _host.Folder["app/data/mtastshost.db"];

    public async ValueTask InitializeAsync()
    {
        await using (await _host.StartAsync())
            await Eventually.IsTrueAsync(async () => (await _host.RunAsync("history", "example.com")).ExitCode == 0,
                "the store knows what is served");
        if (Environment.IsPrivilegedProcess)
        {
            var (status, output) = await Tools.RunAsync("chmod", "-R", "a+rX", _host.Folder.Path);
            Assert.True(status == 0, output);
        }

        // Only for the service's user, as the service creates it; if the tests are that user, for no user at all.
        SetMode(Environment.IsPrivilegedProcess ? UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            : UnixFileMode.None);
    }

    public ValueTask DisposeAsync()
    {
        SetMode(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _host.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("history", "example.com")]
    [InlineData("certificates", "list")]
    public async Task A_verb_that_needs_the_store_says_who_may_look(params string[] verb)
    {
        var result = await RunAsync(verb);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Equal(
            $"error: Storage:ConnectionString: this user may not access the store at {Store}; run it as the service's user, or with sudo",
            Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task Records_goes_on_and_says_what_is_not_known()
    {
        var result = await RunAsync("records");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("_mta-sts.example.com. 3600 IN TXT \"v=STSv1; id=", result.Output, StringComparison.Ordinal);
        Assert.Equal(
            $"warning: Storage:ConnectionString: this user may not access the store at {Store}, so earlier policies and removed domains "
                + "are unknown here; run it as the service's user, or with sudo",
            Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task Where_there_is_no_store_the_remedy_is_not_another_user()
    {
        SetMode(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Move(_host.Folder["app/data"], _host.Folder["app/moved"]);
        try
        {
            Assert.Equal(
                $"error: Storage:ConnectionString: there is no store at {Store}; check the setting, or start the service, which creates it",
                Assert.Single((await RunAsync("history", "example.com")).ErrorLines));
            Assert.Equal((0, ""), (await RunAsync("records")) is var records ? (records.ExitCode, records.Error) : default);
        }
        finally
        {
            Directory.Move(_host.Folder["app/moved"], _host.Folder["app/data"]);
        }
    }

    private void SetMode(UnixFileMode mode) => File.SetUnixFileMode(_host.Folder["app/data"], mode);

    private async Task<HostResult> RunAsync(params string[] arguments)
    {
        string[] otherUser = Environment.IsPrivilegedProcess
            ? [Tools.Require("setpriv"), $"--reuid={OtherUser}", $"--regid={OtherUser}", "--clear-groups", "--"] : [];
        await using var process = HostProcess.Start([.. otherUser, .. _host.Command],
            new HostStart { Arguments = arguments, WorkingDirectory = _host.Folder.Path });
        return await process.WaitForExitAsync();
    }
}
