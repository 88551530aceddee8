using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MtaStsHost.Testing;
using NJsonSchema;
using YamlDotNet.Serialization;

namespace MtaStsHost.Tests.Traefik;

/// <summary>What docs/install/traefik.md shows is valid, for the version of Traefik that it is for.</summary>
public sealed partial class TraefikDocumentationTests
{
    private static readonly IDeserializer s_yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
    private static readonly ISerializer s_json = new SerializerBuilder().JsonCompatible().Build();

    private static string Text { get; } = File.ReadAllText(Path.Combine(HostBinary.Repository, "docs", "install", "traefik.md"));

    [Theory]
    [InlineData("# Traefik's dynamic configuration, versions 2 and 3", 1, "v2 v3")]
    [InlineData("# Traefik's dynamic configuration, version 2", 2, "v2")]
    [InlineData("# Traefik's dynamic configuration, version 3", 3, "v3")]
    public async Task Yaml_DynamicConfiguration_IsValidForItsVersion(string heading, int blocks, string versions)
    {
        var found = Yaml(heading);

        Assert.Equal(blocks, found.Count);
        foreach (var version in versions.Split(' '))
        {
            foreach (var block in found) await TraefikSchemas.IsValidAsync(s_json.Serialize(block), version);
        }
    }

    /// <summary>The schemas know nothing of transports: each that a service names is there, and is used.</summary>
    [Fact]
    public void Yaml_ServersTransport_IsTheOneThatTheServiceNames()
    {
        var block = Assert.Single(Blocks("yaml"), block => block.Contains("serversTransports:", StringComparison.Ordinal));
        var tcp = JsonNode.Parse(s_json.Serialize(s_yaml.Deserialize<object>(block)))!["tcp"]!;

        var transport = Assert.Single(tcp["serversTransports"]!.AsObject());
        Assert.Equal(transport.Key, (string)tcp["services"]!["mta-sts"]!["loadBalancer"]!["serversTransport"]!);
        Assert.Equal(2, (int)transport.Value!["proxyProtocol"]!["version"]!);
    }

    [Fact]
    public async Task Yaml_ComposeFile_IsValid()
    {
        var schema = await JsonSchema.FromFileAsync(SharedData.Require("compose-spec.json"));
        var found = Yaml("# compose.yml");

        Assert.Equal(2, found.Count);
        Assert.All(found, block => Assert.Empty(schema.Validate(s_json.Serialize(block))));
    }

    [Fact]
    public void Yaml_EveryBlock_SaysWhatItIs() => Assert.Equal(
        Blocks("yaml").Count(),
        new[] { "# Traefik's dynamic configuration, versions 2 and 3", "# Traefik's dynamic configuration, version 2",
            "# Traefik's dynamic configuration, version 3", "# compose.yml", "# Traefik's own (static) configuration: traefik.yml" }
            .Sum(heading => Yaml(heading).Count));

    [Fact]
    public void CommandLine_Arguments_SayTheSameAsTheFile()
    {
        var file = new List<string>();
        Flatten("", s_yaml.Deserialize<object>(Blocks("yaml").First()), file);

        Assert.Equal(file.Order(StringComparer.Ordinal), Blocks("text")
            .First().Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Json_EveryConfiguration_IsValid()
    {
        var blocks = Blocks("json").ToList();
        Assert.Equal(3, blocks.Count);
        Assert.All(blocks, block =>
        {
            using var configuration = new ConfigurationFixture(File.ReadAllText(Path.Combine(HostBinary.Repository, "appsettings.json")));
            configuration.ConfigFiles.Add(configuration.Folder.Write("mine.json", block));
            Assert.Empty(configuration.Errors());
            Assert.Empty(configuration.Warnings());
        });
    }

    [Fact]
    public void Links_Anchors_AreHeadings()
    {
        var anchors = Heading().Matches(Text).Select(match => match.Groups[1].Value.ToLowerInvariant().Replace(' ', '-')).ToHashSet();

        Assert.All(Anchor().Matches(Text).Select(match => match.Groups[1].Value), anchor => Assert.Contains(anchor, anchors));
    }

    private static List<object> Yaml(string heading) =>
        [.. Blocks("yaml").Where(block => block.StartsWith(heading + "\n", StringComparison.Ordinal))
            .Select(block => s_yaml.Deserialize<object>(block)!)];

    /// <summary>As Traefik's arguments say it; an empty map is <c>true</c> there.</summary>
    private static void Flatten(string path, object? node, List<string> into)
    {
        if (node is Dictionary<object, object> { Count: > 0 } map)
        {
            foreach (var (key, value) in map) Flatten($"{path}.{key}", value, into);
            return;
        }

        into.Add($"--{path[1..]}={(node is Dictionary<object, object> ? "true" : node)}");
    }

    private static IEnumerable<string> Blocks(string language) =>
        Block().Matches(Text).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value);

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(#([^)]+)\)")]
    private static partial Regex Anchor();
}
