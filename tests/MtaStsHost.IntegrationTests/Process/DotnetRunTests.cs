using Acme.Testing;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Process;

/// <summary>The README's first commands.</summary>
public sealed class DotnetRunTests
{
    [Fact]
    public async Task Dotnet_run_from_any_folder_serves_the_sample_configuration()
    {
        var curl = Tools.Require("curl");
        using var folder = new TempFolder();
        var (http, management) = (FreePorts.Next(), new Uri($"http://127.0.0.1:{FreePorts.Next()}"));
        var project = Path.Combine(HostBinary.Repository, "src", "MtaStsHost");
        await using var host = HostProcess.Start(
            ["dotnet", "run", "--project", project, "--no-build", "-c", HostBinary.Configuration, "--"],
            new HostStart
            {
                // The ports of the sample may be taken on the machine that tests.
                Arguments = [$"--Kestrel:Endpoints:Http:Url=http://*:{http}", $"--Kestrel:Endpoints:Management:Url={management}"],
                WorkingDirectory = folder.Path,
            });
        await host.WaitUntilReadyAsync(management);

        var (status, policy) = await Tools.RunAsync(curl, "-s", "--noproxy",
            "*", "-H", "Host: mta-sts.example.com", $"http://localhost:{http}/.well-known/mta-sts.txt");
        Assert.Equal(0, status);
        Assert.Equal("version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n", policy);

        (status, var health) = await Tools.RunAsync(curl, "-s", "--noproxy", "*", $"http://localhost:{management.Port}/health");
        Assert.Equal(0, status);
        using var json = System.Text.Json.JsonDocument.Parse(health);
        Assert.Equal("Healthy", json.RootElement.GetProperty("status").GetString());
        var domain = Assert.Single(json.RootElement.GetProperty("domains").EnumerateArray());
        Assert.Equal("ddcfc28c0c2a59db89ddc447d331ecff", domain.GetProperty("id").GetString());
        Assert.Equal("v=STSv1; id=ddcfc28c0c2a59db89ddc447d331ecff;", domain.GetProperty("txt").GetProperty("value").GetString());
    }
}
