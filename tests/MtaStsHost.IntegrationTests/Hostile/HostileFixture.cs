using System.Globalization;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Hostile;

/// <summary>One host for all of them: what one attack leaves behind, the next test sees.</summary>
public sealed class HostileFixture : IAsyncLifetime, IDisposable
{
    public const string PolicyHost = "mta-sts.example.com";
    public const string Policy = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n";

    /// <summary>Of the lines about requests.</summary>
    private const string LeftOut = "Lines about policy requests left out";

    private readonly TestCa _ca = new();
    private HostProcess? _process;

    public HostInstallation Host { get; } = new("""
        {
          "MtaSts": { "Domains": { "example.com": { "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": 604800 } } },
          "Tls": { "Certificates": [ { "Path": "../tls/tls.pem", "KeyPath": "../tls/tls.key" } ] }
        }
        """);

    public HostProcess Process => _process!;

    public async ValueTask InitializeAsync()
    {
        _ca.Issue([PolicyHost]).Write(Host.Folder["tls"]);
        // The first generation's size follows the processor's cache, a hundred megabytes and more on servers: with a small one, growth
        // is what is kept, not what is not collected yet.
        _process = await Host.StartAsync(new HostStart
        {
            Arguments = Host.HttpsArguments,
            Environment = new Dictionary<string, string?> { ["DOTNET_GCgen0size"] = "0x400000" },
        });
    }

    /// <summary>The process lives, serves the policy with and without TLS, and has complained of nothing.</summary>
    public async Task AssertUnharmedAsync()
    {
        Assert.False(Process.HasExited, Process.Output + Process.Error);
        Assert.Equal((200, Policy), await PolicyClient.GetAsync(Host.Http, PolicyHost));
        using var root = _ca.Root();
        Assert.Equal((200, Policy), await PolicyClient.GetAsync(Host.Https, PolicyHost, trusted: root));
        // Lines about requests are limited.
        var reloads = Reloads();
        await Process.SignalAsync("HUP");
        await Eventually.IsTrueAsync(() => Reloads() > reloads, "the log is written up to here");
        AssertLogIsClean();
    }

    /// <summary>What the managed heap holds, with what is not collected yet.</summary>
    public async Task<long> ManagedBytesAsync()
    {
        const string Metric = "dotnet_total_memory_bytes ";
        using var client = new HttpClient();
        var metrics = await client.GetStringAsync(new Uri(Host.Management, "/metrics"));
        var line = metrics.Split('\n').Single(line => line.StartsWith(Metric, StringComparison.Ordinal));
        return (long)double.Parse(line[Metric.Length..], CultureInfo.InvariantCulture);
    }

    private int Reloads() => Process.Output.Split("Configuration reloaded").Length;

    private void AssertLogIsClean()
    {
        Assert.Equal("", Process.Error);
        Assert.All(Process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.Contains(LeftOut, StringComparison.Ordinal)), line =>
                Assert.Contains("Z INF ", line, StringComparison.Ordinal));
        Assert.DoesNotContain(Process.OutputBytes, value => value is < 0x20 and not (byte)'\n' or 0x7f);
        Assert.DoesNotContain(Process.Output, character => char.IsControl(character) && character != '\n');
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        Dispose();
    }

    public void Dispose()
    {
        Host.Dispose();
        _ca.Dispose();
    }
}
