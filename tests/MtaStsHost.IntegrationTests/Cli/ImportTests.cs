using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

public sealed class ImportTests
{
    private const string Settings = """
        { "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:1" } } }, "MtaSts": { "Defaults": { "Mode": "none", "MaxAge": 1 } } }
        """;

    private const string Body = "version: STSv1\nmode: testing\nmx: mx1.example.org\nmx: *.example.net\nmax_age: 86400\n";

    [Fact]
    public async Task What_it_prints_is_a_file_to_include_and_serves_the_same_policy()
    {
        using var installation = new HostInstallation(Settings);
        installation.Folder.Write("mta-sts.txt", Body);

        var imported = await installation.RunAsync("import", "--no-dns", "--domain", "Example.org.", "mta-sts.txt");
        installation.Folder.Write("imported.json", imported.Output);
        var validated = await installation.RunAsync("validate", "--config", "imported.json");

        Assert.Equal(0, imported.ExitCode);
        Assert.EndsWith("example.org\ttesting\t86400\tmx1.example.org *.example.net\ta64e1b9669ec9cb04a9ada902f7f5bfe\n",
            validated.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_to_write_is_there_whole_or_not_at_all()
    {
        using var installation = new HostInstallation(Settings);
        installation.Folder.Write("mta-sts.txt", Body);
        installation.Folder.Write("bad.txt", "nonsense");

        var good = await installation.RunAsync("import", "--no-dns", "-d",
            "example.org", "mta-sts.txt", "--output", "new/example.org.json");
        var bad = await installation.RunAsync("import", "--no-dns", "-d", "example.net", "bad.txt", "--output", "new/example.net.json");
        var blocked = await installation.RunAsync("import", "--no-dns",
            "-d", "example.org", "mta-sts.txt", "--output", "mta-sts.txt/x.json");

        Assert.Equal((0, 1, 1), (good.ExitCode, bad.ExitCode, blocked.ExitCode));
        Assert.Equal(["example.org.json"], Directory.GetFiles(installation.Folder["new"]).Select(Path.GetFileName));
        Assert.Contains("mx1.example.org", await File.ReadAllTextAsync(installation.Folder["new/example.org.json"]),
            StringComparison.Ordinal);
        Assert.StartsWith("error: mta-sts.txt/x.json: the file can't be written; ", blocked.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_link_stays_one_and_a_named_pipe_is_neither_read_nor_replaced()
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var installation = new HostInstallation(Settings);
        var folder = installation.Folder;
        File.SetUnixFileMode(folder.Write("target.json", "{}"), Private);
        folder.Link("link.json", "target.json");
        folder.Write("mta-sts.txt", Body);
        var (made, output) = await Tools.RunAsync("mkfifo", folder["pipe"]);
        Assert.True(made == 0, output);
        string[] import = ["import", "--no-dns", "-d", "example.org", "--force", "--output"];

        var linked = await installation.RunAsync([.. import, "link.json", "mta-sts.txt"]);
        var piped = await installation.RunAsync([.. import, "pipe", "mta-sts.txt"]);
        var read = await installation.RunAsync([.. import, "other.json", "pipe"]);

        Assert.Equal((0, 1, 1), (linked.ExitCode, piped.ExitCode, read.ExitCode));
        Assert.Equal("target.json", new FileInfo(folder["link.json"]).LinkTarget);
        Assert.Contains("mx1.example.org", await File.ReadAllTextAsync(folder["target.json"]), StringComparison.Ordinal);
        Assert.Equal(Private, File.GetUnixFileMode(folder["target.json"]));
        Assert.Equal("error: pipe: the file can't be written; it is not a regular file", piped.ErrorLines[^1]);
        Assert.Equal("error: pipe: the file can't be read; it is not a regular file", read.ErrorLines[^1]);
        Assert.False(File.Exists(folder["pipe"]) && new FileInfo(folder["pipe"]).Length > 0);
    }

    [Fact]
    public async Task A_file_that_exists_is_replaced_only_by_force()
    {
        using var installation = new HostInstallation(Settings);
        installation.Folder.Write("mta-sts.txt", Body);
        installation.Folder.Write("example.org.json", "by hand");
        string[] import = ["import", "--no-dns", "-d", "example.org", "mta-sts.txt", "--output", "example.org.json"];

        var refused = await installation.RunAsync(import);
        var kept = await File.ReadAllTextAsync(installation.Folder["example.org.json"]);
        var forced = await installation.RunAsync([.. import, "--force"]);

        Assert.Equal(["error: example.org.json: exists already; name another file, or add --force to replace it"], refused.ErrorLines);
        Assert.Equal((1, "by hand", 0), (refused.ExitCode, kept, forced.ExitCode));
        Assert.Contains("mx1.example.org", await File.ReadAllTextAsync(installation.Folder["example.org.json"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.org")]
    [InlineData("mta-sts.Example.org.")]
    public async Task A_domain_is_enough(string source)
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("import", "--no-dns", source, "--Dns:Resolvers:0=127.0.0.1:1");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("error: https://mta-sts.example.org/.well-known/mta-sts.txt: ", result.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirected_into_the_folder_of_included_files_it_sees_no_empty_file()
    {
        using var installation =
            new HostInstallation(
            """{ "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:1" } } }, "MtaSts": { "Include": [ "domains.d/*.json" ] """
                + """} }""");
        installation.Folder.Write("mta-sts.txt", Body);
        installation.Folder.Write("app/domains.d/example.org.json", "");

        var imported = await installation.RunAsync("import", "--no-dns", "-d", "example.org", "mta-sts.txt");
        installation.Folder.Write("app/domains.d/example.org.json", imported.Output);
        var validated = await installation.RunAsync("validate");

        Assert.Equal(0, imported.ExitCode);
        Assert.Contains("a64e1b9669ec9cb04a9ada902f7f5bfe", validated.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resolver_that_gives_no_answer_is_told_and_the_policy_printed()
    {
        using var installation = new HostInstallation(Settings);
        installation.Folder.Write("mta-sts.txt", Body);

        var result = await installation.RunAsync("import", "-d", "example.org", "mta-sts.txt", "--Dns:Resolvers:0=127.0.0.1:1");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("warning: _mta-sts.example.org: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("\"Mode\": \"testing\"", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_with_a_fault_is_refused_with_its_place()
    {
        using var installation = new HostInstallation(Settings);
        installation.Folder.Write("mta-sts.txt", "version: STSv1\nmode: enforced\nmx: a.example\nmax_age: 1\n");

        var result = await installation.RunAsync("import", "--no-dns", "-d", "example.org", "mta-sts.txt");

        Assert.Equal(1, result.ExitCode);
        Assert.Matches("^error: mta-sts.txt:2:7: .*; fix the file; senders reject it as it is", Assert.Single(result.ErrorLines));
    }

    [Theory]
    [InlineData("nothing.txt", "error: nothing.txt: the file can't be read; there is no such file; check the path", 1, "-d", "example.org")]
    [InlineData("nothing.txt", "error: nothing.txt: a policy file doesn't name its domain; give --domain example.com", 2)]
    [InlineData("http://mta-sts.example.org/.well-known/mta-sts.txt",
        "error: http://mta-sts.example.org/.well-known/mta-sts.txt: senders fetch policies over HTTPS only (RFC 8461 §3.3); give the "
        + "https: address", 2)]
    [InlineData("https://www.example.org/.well-known/mta-sts.txt",
        "error: https://www.example.org/.well-known/mta-sts.txt: the host doesn't start with mta-sts.; give --domain example.com", 2)]
    [InlineData("https://mta-sts.example.org/",
        "error: https://mta-sts.example.org/: senders fetch the policy from https://mta-sts.example.org/.well-known/mta-sts.txt; give that "
        + "address, or save the file and import it with --domain", 1)]
    public async Task A_source_that_can_be_none_is_told_in_one_line(string source, string error, int exitCode, params string[] more)
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync(["import", "--no-dns", source, .. more]);

        Assert.Equal([error], result.ErrorLines);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Empty(result.Output);
    }
}
