using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

/// <summary>A library that the program needs is not on the machine.</summary>
public sealed class MissingLibraryTests : IDisposable
{
    private readonly HostInstallation _host = new("""
        { "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:1" } } },
          "MtaSts": { "Domains": { "example.com": { "Mode": "testing", "MaxAge": 86400, "Mx": [ "mail.example.com" ] } } },
          "Storage": { "ConnectionString": "Data Source=store/store.db" } }
        """);

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("validate", 1, "error: OpenSSL: libssl.so.3 can't be loaded; install OpenSSL 3: ")]
    [InlineData("--version", 0, "OpenSSL not found")]
    public async Task Without_OpenSSL_one_line_says_so(string verb, int exitCode, string expected)
    {
        await Tools.RequireNamespacesAsync();
        // Where each of its versions is, an empty file.
        var script = $"for library in $(find / -xdev -name 'libssl.so*' 2>/dev/null); do mount --bind /dev/null \"$library\"; done; "
            + $"exec {string.Join(' ', _host.Command)} {verb}";

        var (status, output) = await Tools.RunAsync("unshare", "--mount", "--propagation", "private", "bash", "-c", script);

        Assert.Equal(exitCode, status);
        Assert.StartsWith(expected, output.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        if (exitCode != 0) Assert.Single(output.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Without_SQLite_policies_are_served_and_one_line_says_what_is_missing()
    {
        foreach (var library in Directory.GetFiles(_host.Folder["app"], "libe_sqlite3.so", SearchOption.AllDirectories))
            File.Delete(library);
        const string What = "the SQLite library libe_sqlite3.so can't be loaded";
        _host.Folder.Write("app/store/store.db", "");
        Assert.Equal(0, (await Tools.RunAsync("chmod", "-R", "go=", _host.Folder["app/store"])).ExitCode);

        var history = await _host.RunAsync("history", "example.com");
        await using var service = await _host.StartAsync();
        await Eventually.IsTrueAsync(() => service.Output.Contains(What, StringComparison.Ordinal), "it is logged");

        Assert.Equal([$"error: Storage: {What}; install it next to MtaStsHost, from the same release or build"], history.ErrorLines);
        Assert.Equal(1, history.ExitCode);
        Assert.Equal(200, (await PolicyClient.GetAsync(_host.Http, "mta-sts.example.com")).Status);
    }
}
