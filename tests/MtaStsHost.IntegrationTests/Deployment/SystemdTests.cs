using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>The unit of deploy/systemd, and what the service reports to systemd.</summary>
public sealed partial class SystemdTests
{
    private const string Settings =
        """{ "MtaSts": { "Domains": { "example.com": { "Mode": "testing", "Mx": [ "mail.example.com" ], "MaxAge": 604800 } } } }""";
    private const string Program = "/usr/local/lib/mtastshost/MtaStsHost";

    private static string UnitPath { get; } = Path.Combine(HostBinary.Repository, "deploy", "systemd", "mtastshost.service");

    [Fact]
    public async Task Systemd_finds_no_fault_in_the_unit()
    {
        var analyze = Tools.Require("systemd-analyze");
        using var folder = new TempFolder();
        // The program is not installed where the unit has it, and systemd looks.
        var unit = folder.Write("mtastshost.service", (await File.ReadAllTextAsync(UnitPath))
            .Replace(Program, "/bin/true", StringComparison.Ordinal));

        var (status, output) = await Tools.RunAsync(analyze, "verify", "--man=no", unit);

        Assert.True(status == 0, output);
        Assert.DoesNotContain("mtastshost", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Systemd_rates_the_exposure_under_2()
    {
        var (status, output) = await Tools.RunAsync(Tools.Require("systemd-analyze"),
            "security", "--offline=true", "--no-pager", "--threshold=20", UnitPath);

        Assert.True(status == 0, output);
        Assert.InRange(double.Parse(Exposure().Match(output).Groups[1].Value, CultureInfo.InvariantCulture), 0.1, 1.9);
    }

    [Fact]
    public async Task The_host_says_that_it_is_ready_when_it_answers_and_that_it_stops()
    {
        using var host = new HostInstallation(Settings);
        using var systemd = new NotifySocket();
        await using var process = HostProcess.Start(host.Command,
            new HostStart { Arguments = host.HttpArguments, Environment = systemd.Environment });

        var first = await systemd.ReceiveAsync();
        var policy = await PolicyClient.GetAsync(host.Http, "mta-sts.example.com");
        var ready = await PolicyClient.GetAsync(host.Management, "localhost", "/health/ready");
        await process.SignalAsync("TERM");
        var second = await systemd.ReceiveAsync();
        var result = await process.WaitForExitAsync();

        Assert.Equal("READY=1", first);
        Assert.Equal((200, 200), (policy.Status, ready.Status));
        Assert.Equal("STOPPING=1", second);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(0, systemd.Waiting);
    }

    [Fact]
    public async Task A_refused_configuration_ends_the_host_with_a_code_that_is_not_tried_again_and_no_word_of_being_ready()
    {
        using var host = new HostInstallation("""{ "MtaSts": { "Domains": { "example.com": { "Mode": "enforced" } } } }""");
        using var systemd = new NotifySocket();

        var result = await host.RunAsync(new HostStart { Arguments = host.HttpArguments, Environment = systemd.Environment });

        Assert.Equal(78, result.ExitCode);
        Assert.Equal(0, systemd.Waiting);
        Assert.Contains("\nRestartPreventExitStatus=2 78\n", await File.ReadAllTextAsync(UnitPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_does_nothing_that_the_unit_forbids()
    {
        HostBinary.RequireNative();
        var (strace, analyze) = (Tools.Require("strace"), Tools.Require("systemd-analyze"));
        using var host = new HostInstallation(Settings);
        using var systemd = new NotifySocket();
        // With a store and orders, though nothing answers there: the calls are those of the whole program.
        string[] acme = ["--Acme:AcceptTermsOfService=true", "--Acme:DirectoryUrl=https://127.0.0.1:1/",
            "--Storage:ConnectionString=Data Source=data/store.db"];
        await using (var process = HostProcess.Start(
            [strace, "-f", "-qq", "-o", host.Folder["calls"], .. host.Command],
            new HostStart { Arguments = [.. host.HttpsArguments, .. acme],
                Environment = systemd.Environment, WorkingDirectory = host.Folder.Path }))
        {
            Assert.Equal("READY=1", await systemd.ReceiveAsync());
            await Eventually.IsTrueAsync(() => process.Output.Contains("No certificate obtained for ", StringComparison.Ordinal),
                "an order is tried");
            Assert.Equal(200, (await PolicyClient.GetAsync(host.Http, "mta-sts.example.com")).Status);
            // strace passes no signal on: the host is its child.
            await Tools.RunAsync("/bin/sh", "-c", $"kill -TERM $(cat /proc/{process.Id}/task/{process.Id}/children)");
            await process.WaitForExitAsync();
        }

        var calls = await File.ReadAllTextAsync(host.Folder["calls"]);
        var unit = await File.ReadAllTextAsync(UnitPath);
        var allowed = new HashSet<string>(await CallsAsync(analyze, "@default"));
        foreach (Match filter in SystemCallFilter().Matches(unit))
        {
            foreach (var group in filter.Groups[2].Value.Split(' '))
            {
                if (filter.Groups[1].Length == 0) allowed.UnionWith(await CallsAsync(analyze, group));
                else allowed.ExceptWith(await CallsAsync(analyze, group));
            }
        }

        var used = Call().Matches(calls).Select(match => match.Groups[1].Value).ToHashSet();
        // SQLite calls it when it runs as root, as tests do, and the unit's user is never that.
        used.Remove("fchown");
        var families = Regex.Match(unit, "\nRestrictAddressFamilies=(.*)\n").Groups[1].Value.Split(' ');

        Assert.InRange(used.Count, 40, 200);
        Assert.Empty(used.Except(allowed));
        Assert.Empty(Family().Matches(calls).Select(match => match.Groups[1].Value).Except(families));
        Assert.DoesNotMatch(@"PROT_WRITE\|PROT_EXEC|mprotect\(.*PROT_EXEC", calls); // MemoryDenyWriteExecute
    }

    /// <summary>The system calls of a group, and of the groups in it.</summary>
    private static async Task<List<string>> CallsAsync(string analyze, string group)
    {
        var (status, output) = await Tools.RunAsync(analyze, "syscall-filter", "--no-pager", group);
        Assert.True(status == 0, output);
        var calls = new List<string>();
        foreach (var name in output.Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (name[0] == '@') calls.AddRange(await CallsAsync(analyze, name));
            else calls.Add(name);
        }

        return calls;
    }

    [GeneratedRegex(@"Overall exposure level for mtastshost\.service: ([0-9.]+)")]
    private static partial Regex Exposure();

    [GeneratedRegex("^SystemCallFilter=(~?)(.*)$", RegexOptions.Multiline)]
    private static partial Regex SystemCallFilter();

    [GeneratedRegex(@"^\d+\s+(\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Call();

    [GeneratedRegex(@"\bsocket\((AF_\w+)")]
    private static partial Regex Family();

    /// <summary>systemd's end of NOTIFY_SOCKET (sd_notify(3)).</summary>
    private sealed class NotifySocket : IDisposable
    {
        private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

        private readonly TempFolder _folder = new();
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

        public NotifySocket() => _socket.Bind(new UnixDomainSocketEndPoint(_folder["notify"]));

        public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string,
            string?> { ["NOTIFY_SOCKET"] = _folder["notify"] };

        /// <summary>Bytes that have not been received yet.</summary>
        public int Waiting => _socket.Available;

        public async Task<string> ReceiveAsync()
        {
            using var deadline = new CancellationTokenSource(s_patience);
            var buffer = new byte[4096];
            return Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer, deadline.Token));
        }

        public void Dispose()
        {
            _socket.Dispose();
            _folder.Dispose();
        }
    }
}
