using System.Text.Json;
using System.Text.Json.Nodes;
using MtaStsHost.IntegrationTests.Documentation;
using MtaStsHost.Testing;
using NJsonSchema;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>docker-compose.yml: each service is what it says, and the image serves with exactly its command, environment and
/// volumes.</summary>
public sealed class ComposeTests(ContainerImage image) : IDisposable
{
    private const string PolicyPath = "/.well-known/mta-sts.txt";

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Services => [.. ComposeFile.Services];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_valid_by_the_Compose_specification()
    {
        var schema = await JsonSchema.FromFileAsync(SharedData.Require("compose-spec.json"));
        var wrong = JsonNode.Parse(ComposeFile.Json)!;
        wrong["services"]!["mta-sts"]!["cap_drop"] = "ALL";

        Assert.Empty(schema.Validate(ComposeFile.Json));
        Assert.NotEmpty(schema.Validate(wrong.ToJsonString()));
    }

    [Fact]
    public void By_default_it_runs_behind_a_proxy_and_publishes_nothing()
    {
        Assert.Equal(["mta-sts", "standalone"], ComposeFile.Services.Order());
        var (behind, standalone) = (ComposeFile.Service("mta-sts"), ComposeFile.Service("standalone"));

        Assert.Null(behind["profiles"]);
        Assert.Null(behind["ports"]);
        Assert.Equal(["proxy"], ComposeFile.Strings(behind["networks"]));
        Assert.True((bool)JsonNode.Parse(ComposeFile.Json)!["networks"]!["proxy"]!["external"]!);
        Assert.Equal(["standalone"], ComposeFile.Strings(standalone["profiles"]));
        Assert.Equal(["80:8080", "443:8443"], ComposeFile.Strings(standalone["ports"]));
        Assert.Null(standalone["networks"]);
    }

    [Fact]
    public void Every_variable_stands_in_the_page_with_its_default()
    {
        var rows = Documents.Read("docs/install/container.md").Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|'))
            .ToDictionary(cells => cells[1].Trim(' ', '`'), cells => cells[2].Trim(' '));

        Assert.NotEmpty(ComposeFile.Variables);
        Assert.All(ComposeFile.Variables.GroupBy(variable => variable.Name), variables =>
        {
            string[] defaults = [.. variables.Select(variable => variable.Default).Where(value => value.Length > 0)];
            if (defaults.Length == 0) Assert.Equal("none", rows[variables.Key]);
            else Assert.All(defaults, value => Assert.Contains($"`{value}`", rows[variables.Key], StringComparison.Ordinal));
        });
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_confined(string name)
    {
        var service = ComposeFile.Service(name);

        Assert.True((bool)service["read_only"]!);
        Assert.Equal(["ALL"], ComposeFile.Strings(service["cap_drop"]));
        Assert.Null(service["cap_add"]);
        Assert.Null(service["user"]); // the image's own
        Assert.Equal(["no-new-privileges:true"], ComposeFile.Strings(service["security_opt"]));
        // Compose 1.29, of Debian 12 and Ubuntu 22.04, rejects pids under deploy.resources, and later ones a mixture of both.
        Assert.All(["cpus", "mem_limit", "pids_limit"], limit => Assert.NotNull(service[limit]));
        Assert.Null(service["deploy"]);
        Assert.Contains((string)service["pull_policy"]!, (string[])["always", "never", "if_not_present"]);
        Assert.Equal("unless-stopped", (string)service["restart"]!);
        Assert.All(["max-size", "max-file"], option => Assert.NotNull(service["logging"]!["options"]![option]));
    }

    [Fact]
    public void Each_service_has_a_store_of_its_own()
    {
        var volumes = ComposeFile.Services.Select(name => DataVolume(ComposeFile.Service(name))).ToList();

        Assert.Equal(volumes.Count, volumes.Distinct().Count());
        Assert.Equal(volumes.Order(), JsonNode.Parse(ComposeFile.Json)!["volumes"]!.AsObject().Select(volume => volume.Key).Order());
    }

    private static string DataVolume(JsonNode service) => ComposeFile.Strings(service["volumes"])
        .Single(volume => volume.EndsWith(":/data", StringComparison.Ordinal)).Split(':')[0];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_service_serves_with_what_the_file_gives_it(string name)
    {
        var service = ComposeFile.Service(name);
        await using var container = await Container.StartReadyAsync(image, await StartAsync(service));
        Assert.Equal(404, (await container.FetchAsync($"http://127.0.0.1:8080{PolicyPath}", "mta-sts.example.com")).Status); // the sample

        // By rename, as an editor does.
        _folder.Replace("config/domains.d/example.org.json",
            """{ "MtaSts": { "Domains": { "example.org": { "Mx": [ "mail.example.org" ] } } } }""");
        await Eventually.IsTrueAsync(
            async () => (await container.FetchAsync($"http://127.0.0.1:8080{PolicyPath}", "mta-sts.example.org"))
                is (200, "version: STSv1\r\nmode: testing\r\nmx: mail.example.org\r\nmax_age: 604800\r\n"),
            "the new domain is served"); // how soon is ImageTests' matter

        using var health = JsonDocument.Parse((await container.FetchAsync("http://127.0.0.1:9090/health")).Body);
        var certificate = health.RootElement.GetProperty("domains")[0].GetProperty("certificate").GetProperty("state").GetString();
        var check = await container.ExecuteAsync("/app/MtaStsHost", "healthcheck");
        Assert.Equal((0, "Healthy\n"), check);
        // Reached from other containers, and not from this one alone.
        Assert.Equal(200, (await container.FetchAsync("http://127.0.0.2:9090/health/live")).Status);

        if (name == "standalone") await OrdersCertificatesAsync(container, service, certificate);
        else Assert.Equal("external", certificate);
        await container.Process.SignalAsync("TERM");
        Assert.Equal(0, (await container.Process.WaitForExitAsync()).ExitCode);
    }

    /// <summary>In this network no CA answers: it shows that one is to be asked, and that the account and the keys would be kept.</summary>
    private async Task OrdersCertificatesAsync(Container container, JsonNode service, string? certificate)
    {
        Assert.Contains(certificate, (string[])["none", "pending", "failed"]);
        await Eventually.IsTrueAsync(() => File.Exists(_folder[$"{DataVolume(service)}/mtastshost.db"]), "the store is in the volume");
        foreach (var port in ComposeFile.Strings(service["ports"]).Select(port => port.Split(':')[1]))
            Assert.Contains($":{port}", container.Process.Output, StringComparison.Ordinal);
    }

    /// <summary>The service's own command, environment and volumes, on copies of what they name in the repository and in the
    /// image.</summary>
    private async Task<ContainerStart> StartAsync(JsonNode service)
    {
        await image.BuildAsync();
        var config = Path.Combine(HostBinary.Repository, "config", "appsettings.example.json");
        _folder.Write("config/appsettings.json", await File.ReadAllTextAsync(config));
        var data = DataVolume(service);
        // A new named volume takes over what the image has there, with owner and mode.
        Assert.Equal(0, (await Tools.RunAsync("cp", "-a", Path.Combine(image.Root, "data"), _folder[data])).ExitCode);
        return new ContainerStart
        {
            Arguments = ComposeFile.Strings(service["command"]),
            Environment = service["environment"]!.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value?.GetValue<string>() ?? ""),
            Mounts = [.. ComposeFile.Strings(service["volumes"])
                .Select(volume => volume.StartsWith("./", StringComparison.Ordinal)
                ? $"{_folder.Path}/{volume[2..]}" : $"{_folder.Path}/{volume}")],
        };
    }
}
