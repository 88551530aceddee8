using System.Text.Json.Nodes;
using Acme.Testing;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates;

/// <summary>The whole service with a CA that misbehaves, in real time: what an operator sees, until it is fixed.</summary>
public sealed class CaFaultTests
{
    private const string Host = "mta-sts.example.com";

    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(10);

    private static readonly string s_configuration = $$"""
        { {{Json.HttpsEndpoints}}, "MtaSts": { "Domains": { "example.com": {{Json.Good}} } }, "Acme": { "AcceptTermsOfService": true,
          "AllowedChallengeTypes": [ "Http01" ], "Preflight": false, "TrustedRootsFile": "ca.pem", "DirectoryUrl": "
        """.TrimEnd();

    [Theory]
    [InlineData("resets connections", FailureKind.Network)]
    [InlineData("truncates responses", FailureKind.Network)]
    [InlineData("fails", FailureKind.Server)]
    [InlineData("has no directory", FailureKind.Directory)]
    [InlineData("is not trusted", FailureKind.Tls)]
    [InlineData("issues for another name", FailureKind.InvalidAnswer)]
    [InlineData("issues for another key", FailureKind.InvalidAnswer)]
    public async Task Ca_Fault_IsShownByHealthLogAndMetricWithinTenSecondsAndClearedAfterwards(string fault, string kind)
    {
        using var server = new FakeAcmeServer();
        await using var listener = new FakeAcmeListener(server);
        using var other = new FakeCa("Other CA", TimeProvider.System.GetUtcNow());
        using var otherRoot = other.Root();
        var configuration = new ConfigurationFixture($"{s_configuration}{server.DirectoryUrl}\" }} }}");
        Break(fault);
        await using var app = await AppFixture.StartAsync(configuration);

        await Eventually.IsTrueAsync(async () => await StateAsync() == "failed", "the host has failed", s_soon);
        var (certificate, problem) = await HealthAsync();
        Assert.NotEmpty((string?)certificate["lastError"] ?? "");
        Assert.Equal(("certificate-failed", FailureKind.Remedy(kind, Host)), ((string?)problem!["code"], (string?)problem["fix"]));
        await app.Log.LineAsync($"No certificate obtained for {Host}: ");
        var metrics = await app.MetricsAsync();
        Assert.Equal(("1", "1"), (metrics[$"mtastshost_acme_failures_total{{type=\"{kind}\"}}"], metrics["mtastshost_acme_failing"]));

        Break("none");
        // At once, and not in a minute.
        Assert.True(await app.Service<IStore>().RequestRenewalAsync(Host, TestContext.Current.CancellationToken));
        await Eventually.IsTrueAsync(async () => await StateAsync() == "valid", "there is a certificate", s_soon);
        (certificate, problem) = await HealthAsync();
        Assert.Equal((null, null, null), ((string?)certificate["lastError"], (string?)certificate["nextAttempt"], problem));
        Assert.Equal("0", (await app.MetricsAsync())["mtastshost_acme_failing"]);

        void Break(string what)
        {
            server.Intercept = request => what switch
            {
                "resets connections" => FakeResponse.Broken(WireFault.Reset),
                "truncates responses" => FakeResponse.Broken(WireFault.Truncated),
                "fails" => FakeResponse.Problem(500, "serverInternal"),
                "has no directory" => FakeResponse.Text("not found", "text/plain", 404),
                _ => null,
            };
            (server.IssueForAnotherName, server.IssueForAnotherKey) = (what == "issues for another name", what == "issues for another key");
            configuration.Folder.Write("ca.pem",
                (what == "is not trusted" ? otherRoot : listener.Roots[0]).ExportCertificatePem());
        }

        async Task<(JsonNode Certificate, JsonNode? Problem)> HealthAsync()
        {
            var domain = JsonNode.Parse(await app.GetTextAsync(app.Management, "/health"))!["domains"]![0]!;
            return (domain["certificate"]!, domain["problems"]!.AsArray().FirstOrDefault());
        }

        async Task<string?> StateAsync() => (string?)(await HealthAsync()).Certificate["state"];
    }
}
