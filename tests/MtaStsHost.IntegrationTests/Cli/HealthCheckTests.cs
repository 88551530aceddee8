using System.Text.Json;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

public sealed class HealthCheckTests
{
    private const string Settings =
        """{ "MtaSts": { "Domains": { "example.com": { "Mode": "testing", "MaxAge": 86400, "Mx": [ "mx.example.com" ] } } } }""";

    [Fact]
    public async Task The_service_is_healthy_even_after_a_bad_edit()
    {
        using var installation = new HostInstallation(Settings);
        await using var host = await installation.StartAsync();
        installation.Write("{ not even JSON");

        var result = await installation.RunAsync("healthcheck", $"--Kestrel:Endpoints:Management:Url={installation.Management}");
        var json = await installation.RunAsync("healthcheck", "--json", "--url", installation.Management.ToString());

        Assert.Equal("Healthy\n", result.Output);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("Healthy", JsonDocument.Parse(json.Output).RootElement.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Where_nothing_listens_it_says_so_in_one_line()
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("healthcheck", "--url", installation.Management.ToString());

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"error: {installation.Management}health/live: can't be reached",
            Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_program_that_answers_200_is_not_alive()
    {
        using var installation = new HostInstallation(Settings);
        await using var other = new LoopbackListener(async (stream, cancellationToken) =>
        {
            await stream.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false, cancellationToken);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello world\n"u8.ToArray(), cancellationToken);
        });

        var result = await installation.RunAsync("healthcheck", "--url", $"http://127.0.0.1:{other.Port}");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("answered, but is not MtaStsHost's management listener", Assert.Single(result.ErrorLines),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_none_is_wrong_usage()
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("healthcheck", "--url", "nonsense");

        Assert.Equal(2, result.ExitCode);
    }
}
