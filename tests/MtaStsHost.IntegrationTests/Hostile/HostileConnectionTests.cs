using System.Security.Authentication;
using System.Text;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Hostile;

/// <summary>Connections that no sender makes: half ones, held ones, of the wrong protocol, and many of them.</summary>
public sealed class HostileConnectionTests(HostileFixture fixture) : IClassFixture<HostileFixture>
{
    private const int Many = 300;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Garbage_ends_the_connection(bool https)
    {
        var random = new Random(8461);
        for (var i = 0; i < 50; i++)
        {
            var bytes = new byte[random.Next(1, 8192)];
            random.NextBytes(bytes);
            using var attacker = await Attacker.ConnectAsync(https ? fixture.Host.Https : fixture.Host.Http);
            await attacker.SendAsync(bytes);
        }

        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Plain_HTTP_on_the_TLS_port_gets_no_policy()
    {
        var answer = await Attacker.SendAsync(fixture.Host.Https,
            Encoding.ASCII.GetBytes($"GET {PolicyClient.Path} HTTP/1.1\r\nHost: {HostileFixture.PolicyHost}\r\n\r\n"));

        Assert.DoesNotContain("STSv1", answer, StringComparison.Ordinal);
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task TLS_on_the_plain_port_gets_no_handshake()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => RawHttp.HandshakeAsync(fixture.Host.Http, HostileFixture.PolicyHost));

        await fixture.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("unknown.example")]
    [InlineData("example.com")]
    [InlineData("mta-sts.example.com.evil.example")]
    public async Task A_name_that_is_not_served_gets_no_certificate(string sni)
    {
        var seen = 0;

        var e = await Assert.ThrowsAnyAsync<Exception>(() => RawHttp.HandshakeAsync(fixture.Host.Https, sni, (_, _) => seen++));

        Assert.True(e is AuthenticationException or IOException, e.ToString());
        Assert.Equal(0, seen);
        await fixture.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    public async Task Old_TLS_versions_are_refused(string version)
    {
        var openssl = Tools.Require("openssl");
        string[] arguments = ["s_client", "-connect", $"127.0.0.1:{fixture.Host.Https.Port}",
            "-servername", HostileFixture.PolicyHost, "-cipher", "DEFAULT@SECLEVEL=0", "-brief"];

        var (status, output) = await Tools.RunAsync(openssl, [.. arguments, version]);
        var (statusOf12, _) = await Tools.RunAsync(openssl, [.. arguments, "-tls1_2"]);

        Assert.True(status != 0, output);
        Assert.Equal(0, statusOf12);
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Half_requests_are_ended_after_a_while()
    {
        using var attacker = await Attacker.ConnectAsync(fixture.Host.Http);
        await attacker.SendAsync(
            Encoding.ASCII.GetBytes($"GET {PolicyClient.Path} HTTP/1.1\r\nHost: {HostileFixture.PolicyHost}\r\nX-Slow: "));

        // Returns when the host hangs up, and throws when it hasn't in 30 s.
        var answer = await attacker.ReadToEndAsync();

        Assert.DoesNotContain("STSv1", answer, StringComparison.Ordinal);
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Half_handshakes_are_ended_after_a_while()
    {
        using var attacker = await Attacker.ConnectAsync(fixture.Host.Https);
        await attacker.SendAsync(new byte[] { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03 });

        Assert.DoesNotContain("STSv1", await attacker.ReadToEndAsync(), StringComparison.Ordinal);
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_client_that_pipelines_and_reads_nothing_is_ended_after_a_while()
    {
        using var attacker = await Attacker.ConnectAsync(fixture.Host.Http);
        var request = $"GET {PolicyClient.Path} HTTP/1.1\r\nHost: {HostileFixture.PolicyHost}\r\n\r\n";
        var requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, 100)));

        // Ends only when the host hangs up.
        await SendToTheEndAsync().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);

        await fixture.AssertUnharmedAsync();

        async Task SendToTheEndAsync()
        {
            var isOpen = true;
            while (isOpen) isOpen = await attacker.TrySendAsync(requests);
        }
    }

    [Fact]
    public async Task Hundreds_of_connections_held_open_keep_no_sender_out()
    {
        var held = new List<Attacker>();
        try
        {
            for (var i = 0; i < Many; i++)
            {
                var http = await Attacker.ConnectAsync(fixture.Host.Http);
                held.Add(http);
                await http.SendAsync(Encoding.ASCII.GetBytes($"GET {PolicyClient.Path} HTTP/1.1\r\nHost: "));
                var https = await Attacker.ConnectAsync(fixture.Host.Https);
                held.Add(https);
                await https.SendAsync(new byte[] { 0x16, 0x03, 0x01, 0x02, 0x00 });
            }

            await fixture.AssertUnharmedAsync();
        }
        finally
        {
            foreach (var attacker in held) attacker.Dispose();
        }
    }

    [Fact]
    public async Task Whatever_comes_the_memory_stays_bounded()
    {
        var round = 0;
        // The first rounds fill pools to their size; after that there must be no growth with the number of requests.
        while (round < 3) await RoundAsync(round++);
        var before = await fixture.ManagedBytesAsync();
        while (round < 21) await RoundAsync(round++);

        // 1,800 requests of 12 KB; the first generation has 4 MB.
        Assert.InRange(await fixture.ManagedBytesAsync() - before, long.MinValue, 8 * 1024 * 1024);
        Assert.InRange(fixture.Process.ResidentBytes, 0, 256 * 1024 * 1024);
        await fixture.AssertUnharmedAsync();
    }

    private async Task RoundAsync(int round)
    {
        var noise = new string('n', 12_000);
        for (var i = 0; i < 100; i++)
        {
            // A name of its own each time: a host that remembers names would grow by them.
            var request = $"GET {PolicyClient.Path} HTTP/1.1\r\nHost: mta-sts.r{round}n{i}.example\r\nX-Noise: {noise}\r\nConnection: "
                + $"close\r\n\r\n";
            Assert.StartsWith("HTTP/1.1 404 ", await Attacker.SendAsync(fixture.Host.Http, Encoding.ASCII.GetBytes(request)),
                StringComparison.Ordinal);
            using var half = await Attacker.ConnectAsync(fixture.Host.Http);
            await half.SendAsync(Encoding.ASCII.GetBytes(request[..(request.Length / 2)]));
            if (i % 10 == 0) await Assert.ThrowsAnyAsync<Exception>(() =>
                RawHttp.HandshakeAsync(fixture.Host.Https, $"r{round}n{i}.example"));
        }
    }
}
