using System.Text;

namespace MtaStsHost.IntegrationTests.Hostile;

/// <summary>Requests that no sender makes, byte for byte on a socket.</summary>
public sealed class HostileRequestTests(HostileFixture fixture) : IClassFixture<HostileFixture>
{
    private const string PolicyHost = HostileFixture.PolicyHost;
    private const string Path = PolicyClient.Path;

    [Theory]
    [InlineData("no Host", $"GET {Path} HTTP/1.1\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("no Host with HTTP/1.0", $"GET {Path} HTTP/1.0\r\n\r\n", 404)]
    [InlineData("an empty Host", $"GET {Path} HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("two Hosts", $"GET {Path} HTTP/1.1\r\nHost: {PolicyHost}\r\nHost: {PolicyHost}\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("two different Hosts", $"GET {Path} HTTP/1.1\r\nHost: {PolicyHost}\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        400)]
    [InlineData("an absolute-form target of another host than Host",
        $"GET http://evil.example{Path} HTTP/1.1\r\nHost: {PolicyHost}\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("an absolute-form target of a foreign host",
        $"GET http://evil.example{Path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("X-Forwarded-Host",
        $"GET {Path} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: {PolicyHost}\r\nForwarded: "
        + $"host={PolicyHost}\r\nX-Original-Host: {PolicyHost}\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("dots in the path", $"GET /../../etc/passwd HTTP/1.1\r\nHost: {PolicyHost}\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("encoded dots in the path",
        $"GET /.well-known/%2e%2e/%2e%2e/appsettings.json HTTP/1.1\r\nHost: {PolicyHost}\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("encoded slashes in the path",
        $"GET /.well-known%2fmta-sts.txt HTTP/1.1\r\nHost: {PolicyHost}\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("a path in another case", $"GET /.well-known/MTA-STS.txt HTTP/1.1\r\nHost: {PolicyHost}\r\nConnection: close\r\n\r\n",
        404)]
    [InlineData("a NUL in the path", $"GET {Path}%00 HTTP/1.1\r\nHost: {PolicyHost}\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("a management path", $"GET /metrics HTTP/1.1\r\nHost: localhost:9090\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("a space in the Host", $"GET {Path} HTTP/1.1\r\nHost: {PolicyHost} evil\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("a line break in the Host", $"GET {Path} HTTP/1.1\r\nHost: {PolicyHost}\n forged\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("CONNECT", $"CONNECT {PolicyHost}:443 HTTP/1.1\r\nHost: {PolicyHost}:443\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("OPTIONS *", $"OPTIONS * HTTP/1.1\r\nHost: {PolicyHost}\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("a body", $"POST {Path} HTTP/1.1\r\nHost: {PolicyHost}\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", 405)]
    [InlineData("both lengths",
        $"GET {Path} HTTP/1.1\r\nHost: {PolicyHost}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: "
        + $"close\r\n\r\n0\r\n\r\n", 0)]
    [InlineData("no HTTP version", $"GET {Path}\r\n\r\n", 400)]
    [InlineData("HTTP/9.9", $"GET {Path} HTTP/9.9\r\nHost: {PolicyHost}\r\n\r\n", 505)]
    [InlineData("HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0)]
    [InlineData("a blank line first", $"\r\nGET {Path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 0)]
    [InlineData("text", "hello, are you a mail server?\r\n\r\n", 400)]
    public async Task The_host_answers_and_is_unharmed(string what, string request, int status)
    {
        var answer = await Attacker.SendAsync(fixture.Host.Http, Encoding.Latin1.GetBytes(request));

        Assert.True(status == 0 || answer.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{what}: {answer}");
        // Some senders ignore the status: no part of an error may be read as a policy.
        if (!answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)) Assert.DoesNotContain("STSv1", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\nServer:", answer, StringComparison.OrdinalIgnoreCase);
        await fixture.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData(PolicyHost + ".")]
    [InlineData("MTA-STS.Example.COM:8080")]
    public async Task Host_is_matched_without_case_port_and_final_dot(string host) =>
        Assert.EndsWith(HostileFixture.Policy, await RequestAsync($"Host: {host}\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task An_absolute_form_target_of_the_same_host_is_answered() => Assert.EndsWith(
        HostileFixture.Policy,
        await Attacker.SendAsync(fixture.Host.Http,
            Encoding.ASCII.GetBytes($"GET http://{PolicyHost}{Path} HTTP/1.1\r\nHost: {PolicyHost}\r\nConnection: close\r\n\r\n")),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_Host_of_64_KiB_is_refused()
    {
        var answer = await RequestAsync($"Host: {new string('a', 65536)}\r\n");

        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_Host_of_8_KiB_is_not_found_and_not_logged_whole()
    {
        var before = fixture.Process.OutputBytes.Length;
        var answer = await RequestAsync($"Host: {new string('a', 8192)}\r\n");

        Assert.StartsWith("HTTP/1.1 404 ", answer, StringComparison.Ordinal);
        await fixture.AssertUnharmedAsync();
        Assert.InRange(fixture.Process.OutputBytes.Length - before, 0, 4096);
    }

    [Fact]
    public async Task A_flood_of_headers_is_refused()
    {
        var many = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"X-{i}: {i}\r\n"));

        Assert.StartsWith("HTTP/1.1 431 ", await RequestAsync($"Host: {PolicyHost}\r\n{many}"), StringComparison.Ordinal);
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_target_of_a_megabyte_is_refused()
    {
        var answer = await Attacker.SendAsync(fixture.Host.Http,
            Encoding.ASCII.GetBytes($"GET /{new string('a', 1024 * 1024)} HTTP/1.1\r\nHost: {PolicyHost}\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 414 ", answer, StringComparison.Ordinal);
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_body_without_end_is_not_read()
    {
        using var attacker = await Attacker.ConnectAsync(fixture.Host.Http);
        await attacker.SendAsync(
            Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: {PolicyHost}\r\nContent-Length: 1099511627776\r\n\r\n"));
        var megabyte = new byte[1024 * 1024];
        for (var i = 0; i < 16; i++) await attacker.SendAsync(megabyte);

        Assert.DoesNotContain("200 OK", await attacker.ReadToEndAsync(), StringComparison.Ordinal);
        await fixture.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData("\u001b[2J\u001b[1;31mred")]
    [InlineData("a\rb")]
    [InlineData("tab\there")]
    [InlineData("\u0085next line, \u009b2J one-byte CSI")]
    [InlineData("bell\u0007 and delete\u007f")]
    [InlineData("line\u2028separator, \u202eoverride")]
    public async Task What_an_unknown_client_sends_reaches_the_log_without_control_characters(string text)
    {
        foreach (var encoding in new[] { Encoding.Latin1, Encoding.UTF8 })
        {
            await Attacker.SendAsync(fixture.Host.Http,
                encoding.GetBytes($"GET {Path} HTTP/1.1\r\nHost: {PolicyHost}\r\nUser-Agent: {text}\r\nConnection: close\r\n\r\n"));
            await Attacker.SendAsync(fixture.Host.Http,
                encoding.GetBytes($"GET {Path} HTTP/1.1\r\nHost: {text}\r\nConnection: close\r\n\r\n"));
            await Attacker.SendAsync(fixture.Host.Http,
                encoding.GetBytes($"GET {Path} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-For: {text}\r\nConnection: close\r\n\r\n"));
        }

        await fixture.AssertUnharmedAsync();
    }

    private Task<string> RequestAsync(string headers) =>
        Attacker.SendAsync(fixture.Host.Http, Encoding.ASCII.GetBytes($"GET {Path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"));
}
