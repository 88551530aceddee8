using System.Net;
using System.Net.Sockets;
using System.Text;
using Acme.Testing;
using MtaStsHost.IntegrationTests.Documentation;
using MtaStsHost.Runtime;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>The container image as an engine runs it: read-only, as its own user, without a capability.</summary>
public sealed class ImageTests(ContainerImage image) : IDisposable
{
    private const string PolicyUrl = "http://127.0.0.1:8080/.well-known/mta-sts.txt";
    private const string Policy = "version: STSv1\r\nmode: testing\r\nmx: mail.example.org\r\nmax_age: 86400\r\n";
    private const string User = "1654";

    /// <summary>Of a host that has a store, and asks a CA that isn't there.</summary>
    private const string OrdersSettings = """
        "Acme": { "AcceptTermsOfService": true, "DirectoryUrl": "https://127.0.0.1:1/" }, "Kestrel": { "Endpoints": { "Https": { "Url": "https://*:8443" } } },
        """;

    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(2);

    private readonly TempFolder _folder = new();

    private ContainerStart WithConfiguration => new() { Mounts = [$"{_folder["config"]}:/config:ro"] };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_says_what_an_engine_must_know()
    {
        var configuration = await image.BuildAsync();

        Assert.Equal(User, configuration.User);
        Assert.Equal(["/app/MtaStsHost"], configuration.Entrypoint);
        Assert.Equal(["8080/tcp"], configuration.Ports);
        Assert.Equal(["/data"], configuration.Volumes);
        Assert.Equal("Data Source=/data/mtastshost.db", configuration.Environment["Storage__ConnectionString"]);
        Assert.Equal(ServiceVersion.Text, configuration.Labels["org.opencontainers.image.version"]);
        Assert.Equal("MIT", configuration.Labels["org.opencontainers.image.licenses"]);
    }

    [Fact]
    public async Task It_adds_to_its_base_40_MB_at_most_that_its_user_can_not_change()
    {
        await image.BuildAsync();

        var files = new DirectoryInfo(Path.Combine(image.Root, "app")).GetFiles("*", SearchOption.AllDirectories);
        var (_, owners) = await Tools.RunAsync("find", Path.Combine(image.Root, "app"), "(", "!", "-user", "0", "-o", "-perm", "/022", ")");
        var (_, data) = await Tools.RunAsync("stat", "--format", "%u %g %a", Path.Combine(image.Root, "data"));

        // Neither symbols nor documentation.
        Assert.Equal(["LICENSE", "MtaStsHost", "appsettings.json", "libe_sqlite3.so"],
            files.Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.InRange(files.Sum(file => file.Length), 1, 40_000_000);
        Assert.Equal("", owners);
        // The store refuses a folder that others can read.
        Assert.Equal($"{User} {User} 700\n", data);
    }

    [Fact]
    public async Task It_serves_read_only_and_unprivileged_with_a_mounted_configuration()
    {
        WritePolicy("config/appsettings.json", "mail.example.org");
        await using var container = await Container.StartReadyAsync(image, WithConfiguration);

        var policy = await container.FetchAsync(PolicyUrl, "mta-sts.example.org");
        var health = await container.FetchAsync("http://127.0.0.1:9090/health");
        var status = await File.ReadAllLinesAsync($"/proc/{container.Process.Id}/status");

        Assert.Equal((200, Policy), policy);
        Assert.Equal(200, health.Status);
        Assert.Contains("\n_mta-sts.example.org. ", (await container.ExecuteAsync("/app/MtaStsHost", "records", "example.org")).Output,
            StringComparison.Ordinal);
        Assert.Contains($"Uid:\t{User}\t{User}\t{User}\t{User}", status);
        Assert.Contains($"Gid:\t{User}\t{User}\t{User}\t{User}", status);
        Assert.Contains("CapEff:\t0000000000000000", status);
        // Seen from inside, and as root, whom no permission stops.
        var error = Assert.Throws<IOException>(() => File.WriteAllText($"/proc/{container.Process.Id}/root/app/new", ""));
        Assert.Contains("Read-only file system", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_goes_without_any_setting()
    {
        await using var container = await Container.StartReadyAsync(image, new ContainerStart());

        Assert.Equal(200, (await container.FetchAsync(PolicyUrl, "mta-sts.example.com")).Status);
    }

    [Fact]
    public async Task Its_appsettings_json_can_be_mounted_over()
    {
        _folder.Write("mine.json", Settings("mail.example.org",
            """ "Kestrel": { "Endpoints": { "Http": { "Url": "http://*:8081" }, "Management": { "Url": "http://localhost:9090" } } }, """));
        await using var container = await Container.StartReadyAsync(image,
            new ContainerStart { Mounts = [$"{_folder["mine.json"]}:/app/appsettings.json:ro"] });

        Assert.Equal((200, Policy), await container.FetchAsync(PolicyUrl.Replace("8080", "8081", StringComparison.Ordinal),
            "mta-sts.example.org"));
        // Nor does the base image's ASPNETCORE_HTTP_PORTS open that port.
        Assert.Equal(0, (await container.FetchAsync(PolicyUrl, "mta-sts.example.org")).Status);
    }

    [Fact]
    public async Task Its_health_check_is_0_while_the_host_lives_and_1_when_it_does_not()
    {
        var configuration = await image.BuildAsync();
        Assert.Equal("CMD", configuration.HealthCheck[0]); // no shell, which the image hasn't got
        string[] check = [.. configuration.HealthCheck.Skip(1)];
        await using var container = await Container.StartReadyAsync(image, new ContainerStart());

        var living = await container.ExecuteAsync(check);
        await container.Process.SignalAsync("STOP");
        var hung = await container.ExecuteAsync(check);
        await container.Process.SignalAsync("CONT");
        // In a network where no host is.
        await using var alone = await Container.StartAsync(image, new ContainerStart { Arguments = check[1..] });
        var missing = await alone.Process.WaitForExitAsync();

        Assert.Equal((0, "Healthy\n"), living);
        Assert.Equal(1, hung.ExitCode);
        Assert.Contains("did not answer", hung.Output, StringComparison.Ordinal);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("can't be reached", missing.Error, StringComparison.Ordinal);
    }

    /// <summary>As docs/install/container.md says: the engine runs the check with the container's environment, and without its
    /// arguments.</summary>
    [Fact]
    public async Task Its_health_check_asks_the_listener_that_the_environment_names()
    {
        string[] check = [.. (await image.BuildAsync()).HealthCheck.Skip(1)];
        await using var container = await Container.StartAsync(image, new ContainerStart
        {
            Environment = new Dictionary<string, string> { ["Kestrel__Endpoints__Management__Url"] = "http://localhost:9191" },
        });
        await Eventually.IsTrueAsync(async () => (await container.FetchAsync("http://127.0.0.1:9191/health/ready")).Status == 200,
            "the host is ready");

        Assert.Equal((0, "Healthy\n"), await container.ExecuteAsync(check));
        Assert.Equal(0, (await container.FetchAsync("http://127.0.0.1:9090/health/live")).Status);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_it_with_0_within_two_seconds_and_an_open_request_is_answered(string signal)
    {
        await image.BuildAsync();
        // The best of three: other tests keep the machine busy, and what waits for a time-out is late each time.
        var took = TimeSpan.MaxValue;
        for (var i = 0; i < 3 && took > s_within; i++) took = await EndAsync(signal);

        Assert.InRange(took, TimeSpan.Zero, s_within);
    }

    /// <returns>How long it took from the signal to the end.</returns>
    private async Task<TimeSpan> EndAsync(string signal)
    {
        var (http, management) = (new Uri($"http://127.0.0.1:{FreePorts.Next()}"), new Uri($"http://127.0.0.1:{FreePorts.Next()}"));
        await using var container = await Container.StartAsync(image, new ContainerStart
        {
            OwnNetwork = false,
            Arguments = [$"--Kestrel:Endpoints:Http:Url={http}", $"--Kestrel:Endpoints:Management:Url={management}"],
        });
        await container.Process.WaitUntilReadyAsync(management);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, http.Port);
        var stream = client.GetStream();
        // A first answer shows that the host has the connection.
        await stream.WriteAsync("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.com\r\n\r\n"u8.ToArray());
        Assert.StartsWith("HTTP/1.1 200 ", await ReadUntilAsync(stream, "max_age: 604800\r\n"), StringComparison.Ordinal);
        await stream.WriteAsync("GET /.well-known/mta-sts.txt HTTP/1.1\r\n"u8.ToArray());

        var started = TimeProvider.System.GetTimestamp();
        await container.Process.SignalAsync(signal);
        await Eventually.IsTrueAsync(async () => (await PolicyClient.GetAsync(http, "mta-sts.example.com")).Status == 0,
            "no new connection is taken");
        await stream.WriteAsync("Host: mta-sts.example.com\r\nConnection: close\r\n\r\n"u8.ToArray());
        var answer = await ReadUntilAsync(stream, "max_age: 604800\r\n");
        var result = await container.Process.WaitForExitAsync();
        var took = TimeProvider.System.GetElapsedTime(started);

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);
        return took;
    }

    [Fact]
    public async Task A_configuration_folder_that_is_switched_by_symlink_takes_effect_within_two_seconds()
    {
        WritePolicy("config/..1/appsettings.json", "mx1.example.org");
        _folder.Link("config/..data", "..1");
        _folder.Link("config/appsettings.json", "..data/appsettings.json");
        await using var container = await Container.StartReadyAsync(image, WithConfiguration);

        // The middle one of five: other tests keep the machine busy, and a look every few seconds would be late at more than half of them.
        var took = new List<TimeSpan>();
        for (var version = 2; version < 7; version++)
        {
            WritePolicy($"config/..{version}/appsettings.json", $"mx{version}.example.org");
            _folder.Link("config/..data", $"..{version}");
            var switched = TimeProvider.System.GetTimestamp();
            Directory.Delete(_folder[$"config/..{version - 1}"], recursive: true);
            await Eventually.IsTrueAsync(
                async () => (await container.FetchAsync(PolicyUrl, "mta-sts.example.org")).Body.Contains(
                    $"mx: mx{version}.example.org\r\n", StringComparison.Ordinal), $"version {version}");
            took.Add(TimeProvider.System.GetElapsedTime(switched));
        }

        Assert.InRange(took.Order().ElementAt(took.Count / 2), TimeSpan.Zero, s_within);
    }

    /// <summary>docs/guides/backup.md, in its own words, on a folder in the volume's place.</summary>
    [Fact]
    public async Task Its_volume_is_backed_up_beside_the_running_service_and_restored()
    {
        await image.BuildAsync();
        var sqlite = Tools.Require("sqlite3");
        Assert.Equal(0, (await Tools.RunAsync("cp", "-a", Path.Combine(image.Root, "data"), _folder["volume"])).ExitCode);
        _folder.Write("config/appsettings.json", Settings("mail.example.org", OrdersSettings));
        var start = WithConfiguration with { Mounts = [.. WithConfiguration.Mounts, $"{_folder["volume"]}:/data"] };
        await using (var container = await Container.StartReadyAsync(image, start))
        {
            await Eventually.IsTrueAsync(() => File.Exists(_folder["volume/mtastshost.db"]), "the store is there");
            await Eventually.IsTrueAsync(async () => (await ListAsync(container))
                .Contains("mta-sts.example.org", StringComparison.Ordinal), "the host is in the store");
            await RunDocumentedAsync("Backup", sqlite);
            await container.Process.SignalAsync("KILL"); // leaves -wal behind
        }

        await RunDocumentedAsync("Restore", sqlite);
        var (_, files) = await Tools.RunAsync("/bin/sh", "-c", $"cd {_folder["volume"]} && stat --format '%n %u %a' *");
        await using var restored = await Container.StartReadyAsync(image,
            start with { Arguments = [.. start.Arguments, "--Acme:AcceptTermsOfService=false"] });

        Assert.Equal($"mtastshost.db {User} 600\n", files);
        // Only the backup contains it: this service orders nothing.
        Assert.Contains("mta-sts.example.org", await ListAsync(restored), StringComparison.Ordinal);
    }

    /// <summary>As a volume of Kubernetes is under fsGroup: root's, for the group to write.</summary>
    [Fact]
    public async Task On_a_volume_that_others_may_read_the_store_is_made_in_a_folder_of_its_own()
    {
        Directory.CreateDirectory(_folder["volume"]);
        Assert.Equal(0, (await Tools.RunAsync("chown", $"0:{User}", _folder["volume"])).ExitCode);
        Assert.Equal(0, (await Tools.RunAsync("chmod", "2775", _folder["volume"])).ExitCode);
        _folder.Write("config/appsettings.json", Settings("mail.example.org", OrdersSettings));
        var start = WithConfiguration with { Environment = new Dictionary<string,
            string> { ["Storage__ConnectionString"] = "Data Source=/data/store/mtastshost.db" } };
        await using var container = await Container.StartReadyAsync(image,
            start with { Mounts = [.. start.Mounts, $"{_folder["volume"]}:/data"] });

        await Eventually.IsTrueAsync(() => File.Exists(_folder["volume/store/mtastshost.db"]), "the store is there");

        Assert.Equal("600\n", (await Tools.RunAsync("stat", "--format", "%a", _folder["volume/store/mtastshost.db"])).Output);
    }

    private static async Task<string> ListAsync(Container container) =>
        (await container.ExecuteAsync("/app/MtaStsHost", "certificates", "list")).Output;

    /// <summary>A part of the page's block, without the engine and with this test's folders.</summary>
    private async Task RunDocumentedAsync(string part, string sqlite)
    {
        var block = Documents.Blocks("docs/guides/backup.md", "text")
            .Single(block => block.Contains("docker inspect", StringComparison.Ordinal));
        var commands = block.Split("\n\n").Single(commands => commands.StartsWith($"# {part}\n", StringComparison.Ordinal));
        var script = $"data={_folder["volume"]}\n" + commands.Replace("sudo ", "", StringComparison.Ordinal)
            .Replace("docker compose ", ": ", StringComparison.Ordinal)
            .Replace("sqlite3 ", $"{sqlite} ", StringComparison.Ordinal)
                .Replace("/var/backups/", _folder["backup"] + "/", StringComparison.Ordinal);
        var (status, output) = await Tools.RunAsync("/bin/sh", "-ec", script);
        Assert.True(status == 0, $"{script}\n{output}");
    }

    private void WritePolicy(string file, string mx) => _folder.Write(file, Settings(mx));

    private static string Settings(string mx, string more = "") =>
        $$"""{ {{more}} "MtaSts": { "Domains": { "example.org": { "Mode": "testing", "MaxAge": 86400, "Mx": [ "{{mx}}" ] } } } }""";

    private static async Task<string> ReadUntilAsync(NetworkStream stream, string end)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var (buffer, text) = (new byte[4096], new StringBuilder());
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal)
            && await stream.ReadAsync(buffer, deadline.Token) is > 0 and var read)
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        return text.ToString();
    }
}
