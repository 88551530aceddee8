using System.Text.Json.Nodes;
using Acme.Testing;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Certificates;

/// <summary>Certificates from a real CA's test server, for names that had none.</summary>
public sealed class IssuanceTests
{
    [Theory]
    [InlineData("TlsAlpn01")]
    [InlineData("Http01")]
    public async Task A_policy_is_fetched_over_TLS_with_a_certificate_that_was_not_there_before(string challenge)
    {
        await using var ca = await PebbleInstallation.CreateAsync();
        ca.Configure(["one.example"], new JsonObject { ["AllowedChallengeTypes"] = new JsonArray(challenge) });
        await using var host = await ca.StartAsync();

        await ca.WaitForStateAsync("one.example", "valid");

        var (status, body) = await ca.GetPolicyAsync("one.example");
        Assert.Equal(200, status);
        Assert.Equal("version: STSv1\r\nmode: testing\r\nmx: mail.example.net\r\nmax_age: 86400\r\n", body);
        var certificate = await ca.CertificateAsync("one.example");
        Assert.Equal("acme", (string?)certificate["source"]);
        Assert.Contains("Pebble", (string?)certificate["issuer"], StringComparison.Ordinal);
        Assert.Null((string?)certificate["lastError"]);
        Assert.DoesNotContain("PRIVATE KEY", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenSSL_and_curl_accept_what_was_issued()
    {
        await using var ca = await PebbleInstallation.CreateAsync(new PebbleOptions { ChainLength = 2 });
        ca.Configure(["one.example"]);
        await using var host = await ca.StartAsync();
        await ca.WaitForStateAsync("one.example", "valid");
        using var root = await ca.Pebble.GetRootAsync();
        var file = ca.Host.Folder.Write("root.pem", root.ExportCertificatePem());
        var (name, at) = ("mta-sts.one.example", $"127.0.0.1:{ca.Host.Https.Port}");

        var (curlStatus, policy) = await Tools.RunAsync(Tools.Require("curl"),
            "-sS", "--fail", "--cacert", file, "--connect-to", $"::{at}", $"https://{name}/.well-known/mta-sts.txt");
        var (opensslStatus, handshake) = await Tools.RunAsync(
            Tools.Require("openssl"), "s_client", "-connect", at, "-servername",
                name, "-CAfile", file, "-verify_return_error", "-verify_hostname", name, "-showcerts");

        Assert.True(curlStatus == 0, policy);
        Assert.StartsWith("version: STSv1\r\n", policy, StringComparison.Ordinal);
        Assert.True(opensslStatus == 0, handshake);
        Assert.Contains("Verify return code: 0 (ok)", handshake, StringComparison.Ordinal);
        Assert.Equal(3, handshake.Split("-----BEGIN CERTIFICATE-----").Length - 1); // the whole chain: leaf and two intermediates
    }

    [Fact]
    public async Task Five_names_of_300_that_can_never_be_validated_stop_none_of_the_others()
    {
        var domains = Enumerable.Range(0, 300).Select(number => $"d{number}.example").ToList();
        await using var ca = await PebbleInstallation.CreateAsync(
            new PebbleOptions { RefusedNonces = 20, Blocked = ["mta-sts.d7.example", "mta-sts.d8.example"] });
        foreach (var number in (int[])[100, 200, 299]) await ca.Pebble.FailDnsAsync($"mta-sts.d{number}.example");
        ca.Configure(domains);
        await using var host = await ca.StartAsync();

        await ca.WaitForCertificatesAsync(295, TimeSpan.FromMinutes(3));
        // Health follows the store within a second.
        await Eventually.IsTrueAsync(
            async () => await ca.MetricAsync("mtastshost_acme_failing") == 5
                && (await ca.HealthAsync())["domains"]!.AsArray().Count(one => (string?)one!["status"] == "Healthy") == 295,
            "295 are well and five have failed");

        var all = (await ca.HealthAsync())["domains"]!.AsArray().ToDictionary(one => (string)one!["domain"]!, one => one!);
        Assert.Equal(295, all.Values.Count(one => (string?)one["certificate"]!["state"] == "valid" && (string?)one["status"] == "Healthy"));
        Assert.All(["d7", "d8", "d100", "d200", "d299"], name =>
        {
            var one = all[name + ".example"];
            Assert.Equal("failed", (string?)one["certificate"]!["state"]);
            Assert.Equal("Unhealthy", (string?)one["status"]);
            Assert.NotNull((string?)one["certificate"]!["nextAttempt"]);
            Assert.Equal("certificate-failed", (string?)one["problems"]![0]!["code"]);
        });
        // The CA's own words.
        Assert.All(["d7", "d8"], name => Assert.Contains("forbidden by policy",
            (string?)all[name + ".example"]["certificate"]!["lastError"], StringComparison.Ordinal));
        Assert.All(["d100", "d200", "d299"], name =>
            Assert.Contains("did not validate tls-alpn-01: ", (string?)all[name + ".example"]["certificate"]!["lastError"],
            StringComparison.Ordinal));
        // Three of them fail in validation. No name may fail more than five times an hour: the schedule's next attempts are 1, 10 and 100
        // minutes away.
        var (status, body) = await ca.GetPolicyAsync("d0.example");
        Assert.Equal((200, true), (status, body.StartsWith("version: STSv1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Domains_come_and_go_by_editing_the_configuration()
    {
        await using var ca = await PebbleInstallation.CreateAsync();
        ca.Configure(["one.example", "two.example"]);
        await using var host = await ca.StartAsync();
        await ca.WaitForCertificatesAsync(2);

        ca.Configure(["two.example", "three.example"]);
        await ca.WaitForStateAsync("three.example", "valid", TimeSpan.FromSeconds(15));

        Assert.Equal(200, (await ca.GetPolicyAsync("three.example")).Status);
        await Eventually.IsTrueAsync(async () => (string?)(await ca.ListedAsync("one.example"))?["state"] == "unused",
            "one.example is not renewed any more");

        // And back: the certificate is still there, so that none is ordered.
        ca.Configure(["one.example", "two.example", "three.example"]);
        await ca.WaitForStateAsync("one.example", "valid");
        Assert.Equal(200, (await ca.GetPolicyAsync("one.example")).Status);
        Assert.Equal(3, await ca.MetricAsync("mtastshost_acme_certificates_total"));
    }

    [Fact]
    public async Task Every_other_nonce_refused_and_accounts_lost_by_a_restart_are_no_obstacle()
    {
        await using var ca = await PebbleInstallation.CreateAsync(new PebbleOptions { RefusedNonces = 50 });
        ca.Configure(["one.example"]);
        await using var host = await ca.StartAsync();
        await ca.WaitForStateAsync("one.example", "valid");

        await ca.Pebble.RestartAsync();
        ca.Configure(["one.example", "two.example"]);

        await ca.WaitForStateAsync("two.example", "valid", TimeSpan.FromSeconds(45));
        Assert.Contains("Account lost:", host.Output, StringComparison.Ordinal);
        Assert.Equal(200, (await ca.GetPolicyAsync("two.example")).Status);
    }

    [Fact]
    public async Task An_external_account_binding_opens_the_account()
    {
        const string Key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
        await using var ca = await PebbleInstallation.CreateAsync(
            new PebbleOptions { ExternalAccounts = new Dictionary<string, string> { ["kid-1"] = Key } });
        ca.Configure(["one.example"]);
        await using var host = await ca.StartAsync();
        await ca.WaitForStateAsync("one.example", "failed");
        Assert.Contains("externalAccountRequired", (string?)(await ca.CertificateAsync("one.example"))["lastError"],
            StringComparison.Ordinal);

        // Fixed while it runs: it doesn't wait for a day.
        ca.Configure(["one.example"], new JsonObject { ["EabCredentials"] = new JsonObject { ["EabKeyId"] = "kid-1", ["EabKey"] = Key } });

        await ca.WaitForStateAsync("one.example", "valid");
    }

    [Fact]
    public async Task The_preferred_chain_is_taken_where_the_CA_has_several()
    {
        await using var ca = await PebbleInstallation.CreateAsync(new PebbleOptions { AlternateRoots = 2 });
        using var wanted = await ca.Pebble.GetRootAsync(2);
        ca.Configure(["one.example"], new JsonObject { ["PreferredChain"] =
            wanted.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.SimpleName, forIssuer: false) });
        await using var host = await ca.StartAsync();
        await ca.WaitForStateAsync("one.example", "valid");

        Assert.Equal(200, (await PolicyClient.GetAsync(ca.Host.Https, "mta-sts.one.example", trusted: wanted)).Status);
    }

    [Fact]
    public async Task Certificates_of_30_seconds_are_renewed_in_time_and_no_fetch_fails()
    {
        await using var ca = await PebbleInstallation.CreateAsync(new PebbleOptions { CertificateLife = TimeSpan.FromSeconds(30) });
        ca.Configure(["one.example"]);
        await using var host = await ca.StartAsync();
        await ca.WaitForStateAsync("one.example", "valid");

        var serials = new HashSet<string>();
        await Eventually.IsTrueAsync(
            async () =>
            {
                Assert.Equal(200, (await ca.GetPolicyAsync("one.example")).Status);
                using var served = await ca.ServedAsync("one.example");
                serials.Add(served.SerialNumber);
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
                return serials.Count >= 3;
            },
            "two renewals",
            TimeSpan.FromSeconds(60));
    }
}
