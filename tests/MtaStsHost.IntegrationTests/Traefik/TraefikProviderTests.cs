using System.Net;
using System.Text;
using System.Text.Json;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Traefik;

/// <summary>What Traefik's HTTP provider finds when it asks the program.</summary>
public sealed class TraefikProviderTests
{
    private static readonly TimeSpan s_within = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Ten_thousand_domains_are_answered_within_200_ms()
    {
        const int Domains = 10_000;
        using var host = new HostInstallation(Settings(Domains));
        await using var process = await host.StartAsync("--Traefik:CertResolver=letsencrypt");
        using var client = new HttpClient();
        // The first connection of this process, and of the host, is not what is measured.
        await client.GetStringAsync(new Uri(host.Management, "/health/live"));

        // The first question makes the answer, the ones after it find it made. The best of ten each: other tests keep the machine busy.
        var (first, second) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < 10 && (first > s_within || second > s_within); i++)
        {
            if (i > 0) await ReloadAsync(host, client, Domains + i);
            var (json, making) = await AskAsync(client, host.Management);
            var (again, finding) = await AskAsync(client, host.Management);
            (first, second) = (making < first ? making : first, finding < second ? finding : second);
            Assert.Equal(json, again);
            using var document = JsonDocument.Parse(json);
            Assert.Equal(Domains + i, document.RootElement.GetProperty("http").GetProperty("routers").EnumerateObject().Count());
        }

        Assert.InRange(first, TimeSpan.Zero, s_within);
        Assert.InRange(second, TimeSpan.Zero, s_within);
    }

    [Fact]
    public async Task A_domain_in_the_file_is_the_only_step_to_its_router_and_its_policy()
    {
        using var host = new HostInstallation(Settings(1));
        await using var process = await host.StartAsync();
        using var client = new HttpClient();

        await ReloadAsync(host, client, 2);
        var (json, _) = await AskAsync(client, host.Management);

        using var document = JsonDocument.Parse(json);
        var http = document.RootElement.GetProperty("http");
        var router = http.GetProperty("routers").GetProperty("mta-sts-d1.example");
        Assert.Equal("Host(`mta-sts.d1.example`)", router.GetProperty("rule").GetString());
        var service = http.GetProperty("services").GetProperty(router.GetProperty("service").GetString()!);
        var url = service.GetProperty("loadBalancer").GetProperty("servers")[0].GetProperty("url").GetString()!;
        // As Traefik passes a request on: to the service's URL, with the Host that the rule is about.
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(url), "/.well-known/mta-sts.txt"));
        request.Headers.Host = "mta-sts.d1.example";
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("version: STSv1\r\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<(string Json, TimeSpan Took)> AskAsync(HttpClient client, Uri management)
    {
        var started = TimeProvider.System.GetTimestamp();
        var bytes = await client.GetByteArrayAsync(new Uri(management, "/traefik"));
        return (Encoding.UTF8.GetString(bytes), TimeProvider.System.GetElapsedTime(started));
    }

    private static async Task ReloadAsync(HostInstallation host, HttpClient client, int domains)
    {
        host.Write(Settings(domains));
        await Eventually.IsTrueAsync(
            async () => (await client.GetStringAsync(new Uri(host.Management, "/health?pageSize=1")))
                .Contains($"\"domains\": {domains},", StringComparison.Ordinal), "the change is active");
    }

    private static string Settings(int domains) => $$"""
        { "MtaSts": { "Defaults": { "Mode": "testing", "MaxAge": 604800, "Mx": [ "mail.example.com" ] }, "Domains": { {{string.Join(',', Enumerable.Range(0, domains).Select(i => $"\"d{i}.example\": {{}}"))}} } } }
        """;
}
