using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Process;

/// <summary>What a client sees of TLS 1.3 session tickets, by OpenSSL's own client.</summary>
public sealed class SessionTicketTests : IDisposable
{
    private readonly TestCa _ca = new();
    private readonly HostInstallation _host = new("{ }");

    public SessionTicketTests()
    {
        var (chain, key) = _ca.Issue(["mta-sts.example.com"]).Write(_host.Folder.Path);
        _host.Write($$"""
            { "MtaSts": { "Domains": { "example.com": { "Mode": "testing", "MaxAge": 86400, "Mx": [ "mail.example.com" ] } } },
              "Tls": { "Certificates": [ { "Path": "{{chain}}", "KeyPath": "{{key}}" } ] } }
            """);
    }

    public void Dispose()
    {
        _host.Dispose();
        _ca.Dispose();
    }

    [Fact]
    public async Task A_sender_gets_its_policy_and_no_ticket()
    {
        await using var process = await _host.StartHttpsAsync();

        var seen = await FetchAsync();

        Assert.Contains("version: STSv1", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("NewSessionTicket", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TLS_AES_128_GCM_SHA256")]
    [InlineData("TLS_CHACHA20_POLY1305_SHA256")]
    public async Task What_the_systems_file_says_of_TLS_stays_active(string suite)
    {
        var file = _host.Folder.Write("openssl.cnf", $"""
            openssl_conf = start
            [start]
            ssl_conf = tls
            [tls]
            system_default = everyone
            [everyone]
            Ciphersuites = {suite}
            """);
        await using var process = await _host.StartAsync(new HostStart
        {
            Arguments = _host.HttpsArguments, Environment = new Dictionary<string, string?> { ["OPENSSL_CONF"] = file },
        });

        var seen = await FetchAsync();

        Assert.Contains("version: STSv1", seen, StringComparison.Ordinal);
        Assert.Contains($"Cipher is {suite}", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("NewSessionTicket", seen, StringComparison.Ordinal);
    }

    /// <summary>Everything that the client says of the connection, until the host closes it.</summary>
    private async Task<string> FetchAsync()
    {
        var openssl = Tools.Require("openssl");
        var request = $"GET {PolicyClient.Path} HTTP/1.1\\r\\nHost: mta-sts.example.com\\r\\nConnection: close\\r\\n\\r\\n";
        // -ign_eof: it ends when the host closes, not at the end of its input.
        var (_, output) = await Tools.RunAsync(
            "/bin/sh", "-c", $"printf '{request}' | timeout 10 {openssl} s_client -connect {_host.Https.Authority} -servername "
                + $"mta-sts.example.com -tls1_3 -msg -ign_eof 2>&1");
        return output;
    }
}
