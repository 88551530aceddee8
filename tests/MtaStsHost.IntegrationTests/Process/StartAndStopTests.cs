using System.Net;
using System.Net.Sockets;
using System.Text;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Process;

/// <summary>The host as its supervisor sees it: exit codes, signals, standard output and error.</summary>
public sealed class StartAndStopTests
{
    private const string Settings =
        """{ "MtaSts": { "Domains": { "example.com": { "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": 604800 } } } }""";
    private const string Policy = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n";

    [Fact]
    public async Task A_bad_configuration_ends_the_host_with_78_and_one_line_per_error()
    {
        using var host = new HostInstallation("""
            { "MtaSts": {
              "Domains": {
                "example.com": { "Mode": "enforced", "Mx": [ "mail.example.com" ], "MaxAge": 604800 },
                "example.org": { "Mode": "testing", "Mx": [ "mail.*.example.org" ], "MaxAge": -1 } } } }
            """);

        var result = await host.RunAsync(host.HttpArguments);

        Assert.Equal(78, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Equal(3, result.ErrorLines.Length);
        Assert.All(result.ErrorLines, line => Assert.StartsWith("error: MtaSts:Domains:example.", line));
        Assert.Contains(result.ErrorLines, line =>
            line.StartsWith("error: MtaSts:Domains:example.com:Mode (appsettings.json:3): ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ \"MtaSts\": {")]
    [InlineData("[]")]
    [InlineData("{ \"MtaSts\": { \"Domains\": { \"a.example\": 1 } } }")]
    [InlineData("{ \"Kestrel\": { \"Endpoints\": { \"Http\": { \"Url\": \"nonsense\" } } } }")]
    [InlineData("{ \"Tls\": { \"Certificates\": [ { \"Path\": \"/nowhere.pem\" } ] } }")]
    [InlineData("{ \"Serilog\": { \"Format\": \"xml\" } }")]
    public async Task Whatever_is_wrong_with_the_file_there_is_no_stack_trace(string settings)
    {
        using var host = new HostInstallation(settings);

        var result = await host.RunAsync($"--Kestrel:Endpoints:Management:Url={host.Management}");

        Assert.Equal(78, result.ExitCode);
        Assert.NotEmpty(result.ErrorLines);
        Assert.All(result.ErrorLines, line => Assert.Matches("^(error|warning): ", line));
    }

    [Fact]
    public async Task A_missing_configuration_file_is_named()
    {
        using var host = new HostInstallation(Settings);

        var result = await host.RunAsync([.. host.HttpArguments, "--config", "no-such-file.json"]);

        Assert.Equal(78, result.ExitCode);
        Assert.Contains("no-such-file.json", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_usage_ends_with_2()
    {
        using var host = new HostInstallation(Settings);

        var result = await host.RunAsync("--no-such-option");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--no-such-option", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sigterm_ends_the_host_with_0_within_two_seconds_and_an_open_request_is_answered()
    {
        using var host = new HostInstallation(Settings);
        await using var process = await host.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, host.Http.Port);
        await using var stream = client.GetStream();
        // A first answer shows that the host has the connection; the second request is under way when the signal comes.
        await stream.WriteAsync("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.com\r\n\r\n"u8.ToArray());
        await ReadUntilAsync(stream, Policy);
        await stream.WriteAsync("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.com\r\n"u8.ToArray());
        await Eventually.IsTrueAsync(() => IsRead(client), "the host has read the first half");

        var started = TimeProvider.System.GetTimestamp();
        await process.SignalAsync("TERM");
        await Eventually.IsTrueAsync(async () => (await PolicyClient.GetAsync(host.Http, "mta-sts.example.com")).Status == 0,
            "no new connection is taken");
        await stream.WriteAsync("Connection: close\r\n\r\n"u8.ToArray());
        var answer = await ReadUntilAsync(stream, Policy);
        var result = await process.WaitForExitAsync();

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Error);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0, 2);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Connections_that_are_held_open_do_not_hold_up_the_end(string signal)
    {
        using var host = new HostInstallation(Settings);
        await using var process = await host.StartAsync();
        using var silent = new TcpClient();
        await silent.ConnectAsync(IPAddress.Loopback, host.Http.Port);
        using var half = new TcpClient();
        await half.ConnectAsync(IPAddress.Loopback, host.Http.Port);
        await half.GetStream().WriteAsync("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts"u8.ToArray());
        using var idle = new TcpClient();
        await idle.ConnectAsync(IPAddress.Loopback, host.Http.Port);
        await idle.GetStream().WriteAsync("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.com\r\n\r\n"u8.ToArray());
        await ReadUntilAsync(idle.GetStream(), Policy);

        var started = TimeProvider.System.GetTimestamp();
        await process.SignalAsync(signal);
        var result = await process.WaitForExitAsync();

        Assert.Equal(0, result.ExitCode);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0, 2);
    }

    [Fact]
    public async Task A_taken_port_ends_the_host_with_1_and_one_line()
    {
        using var host = new HostInstallation(Settings);
        using var taken = new TcpListener(IPAddress.Loopback, host.Http.Port);
        taken.Start();

        var result = await host.RunAsync(host.HttpArguments);

        Assert.Equal(1, result.ExitCode);
        Assert.Matches($"^error: .*{host.Http.Port}.*; ss -ltnp 'sport = :{host.Http.Port}' shows which; ",
            Assert.Single(result.ErrorLines));
        Assert.DoesNotContain("   at ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_another_machine_ends_the_host_with_1_and_one_line()
    {
        using var host = new HostInstallation(Settings);

        var result = await host.RunAsync("--Kestrel:Endpoints:Http:Url=http://192.0.2.1:8080",
            $"--Kestrel:Endpoints:Management:Url={host.Management}");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("error: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HostOutput.FullDisk)]
    [InlineData(HostOutput.Unread)]
    public async Task A_log_that_cannot_be_written_does_not_stop_the_serving(HostOutput output)
    {
        using var host = new HostInstallation(Settings);
        await using var process = await host.StartAsync(new HostStart { Arguments = host.HttpArguments, Output = output });
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, host.Http.Port);
        await using var stream = client.GetStream();
        var request = Encoding.ASCII.GetBytes(
            $"GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.com\r\nUser-Agent: {new string('x', 200)}\r\n\r\n");

        // Each line has over 200 bytes: several times what a pipe holds.
        for (var i = 0; i < 2000; i++)
        {
            await stream.WriteAsync(request);
            await ReadUntilAsync(stream, Policy);
        }

        Assert.Equal((200, Policy), await PolicyClient.GetAsync(host.Http, "mta-sts.example.com"));
        Assert.Equal("", process.Error);
    }

    [Fact]
    public async Task A_service_whose_log_is_not_read_ends_at_sigterm()
    {
        using var host = new HostInstallation(Settings);
        await using var process = await host.StartAsync(new HostStart { Arguments = host.HttpArguments, Output = HostOutput.Unread });
        for (var i = 0; i < 600; i++) await PolicyClient.GetAsync(host.Http,
            $"mta-sts.{new string('x', 60)}.{new string('y', 60)}.example");

        await process.SignalAsync("TERM");

        Assert.Equal(0, (await process.WaitForExitAsync(TimeSpan.FromSeconds(10))).ExitCode);
    }

    [Fact]
    public async Task It_starts_from_any_working_directory()
    {
        using var host = new HostInstallation(Settings);
        // Includes are relative to the file that names them, --config to the working directory.
        host.Folder.Write("elsewhere/more.json", """{ "MtaSts": { "Include": [ "domains.d/*.json" ] } }""");
        host.Folder.Write("elsewhere/domains.d/a.json", """{ "Domains": { "example.org": { "Mode": "none", "MaxAge": 86400 } } }""");

        await using var process = await host.StartAsync(new HostStart
        {
            Arguments = [.. host.HttpArguments, "--config", "more.json"],
            WorkingDirectory = host.Folder["elsewhere"],
        });

        Assert.Equal((200, Policy), await PolicyClient.GetAsync(host.Http, "mta-sts.example.com"));
        Assert.Equal((200, "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"),
            await PolicyClient.GetAsync(host.Http, "mta-sts.example.org"));
    }

    [Fact]
    public async Task The_environment_is_laid_over_the_file_and_the_command_line_over_both()
    {
        using var host = new HostInstallation(Settings);

        await using var process = await host.StartAsync(new HostStart
        {
            Arguments = [.. host.HttpArguments, "--MtaSts:Domains:example.com:MaxAge=86400"],
            Environment = new Dictionary<string, string?>
            {
                ["MtaSts__Domains__example.com__Mode"] = "testing",
                ["MtaSts__Domains__example.com__MaxAge"] = "99999",
            },
        });

        Assert.Equal(
            (200, "version: STSv1\r\nmode: testing\r\nmx: mail.example.com\r\nmax_age: 86400\r\n"),
            await PolicyClient.GetAsync(host.Http, "mta-sts.example.com"));
    }

    [Fact]
    public async Task The_published_host_is_one_native_program()
    {
        HostBinary.RequireNative();
        using var host = new HostInstallation(Settings);

        var result = await host.RunAsync(new HostStart
        {
            Arguments = ["--version"],
            // A program that needs a runtime finds none.
            Environment = new Dictionary<string, string?> { ["PATH"] = "", ["DOTNET_ROOT"] = "/nonexistent" },
        });

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", result.Output);
    }

    /// <summary>Whether the host has taken all that the client sent out of the kernel's hands.</summary>
    private static bool IsRead(TcpClient client)
    {
        var (port, listener) = (((IPEndPoint)client.Client.LocalEndPoint!).Port, ((IPEndPoint)client.Client.RemoteEndPoint!).Port);
        // local and remote address, state (01: established), tx_queue:rx_queue, in hexadecimal; this is the host's end
        var host = File.ReadLines("/proc/net/tcp").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Single(fields =>
            fields[1].EndsWith($":{listener:X4}", StringComparison.Ordinal)
                && fields[2].EndsWith($":{port:X4}", StringComparison.Ordinal) && fields[3] == "01");
        return host[4].EndsWith(":00000000", StringComparison.Ordinal);
    }

    private static async Task<string> ReadUntilAsync(NetworkStream stream, string end)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, deadline.Token);
            if (read == 0) throw new EndOfStreamException($"the connection ended after: {text}");
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return text.ToString();
    }
}
