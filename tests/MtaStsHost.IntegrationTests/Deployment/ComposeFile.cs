using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MtaStsHost.Testing;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>docker-compose.yml as Compose reads it: merge keys resolved, and every <c>${NAME:-default}</c> or <c>${NAME-default}</c> with
/// its default.</summary>
internal static partial class ComposeFile
{
    private static string Text { get; } = File.ReadAllText(Path.Combine(HostBinary.Repository, "docker-compose.yml"));

    public static string Json { get; } = Read(Text);

    public static JsonNode Service(string name) => JsonNode.Parse(Json)!["services"]![name]!;

    public static IEnumerable<string> Services => JsonNode.Parse(Json)!["services"]!.AsObject().Select(service => service.Key);

    public static IReadOnlyList<(string Name, string Default)> Variables { get; } =
        [.. Variable().Matches(Text).Select(match => (match.Groups[1].Value, match.Groups[2].Value)).Distinct()];

    public static string[] Strings(JsonNode? list) => [.. list?.AsArray().Select(item => (string)item!) ?? []];

    private static string Read(string yaml)
    {
        var withDefaults = Variable().Replace(yaml, match => match.Groups[2].Value);
        var tree = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build()
            .Deserialize<object>(new MergingParser(new Parser(new StringReader(withDefaults))));
        return new SerializerBuilder().JsonCompatible().Build().Serialize(tree);
    }

    [GeneratedRegex(@"\$\{([A-Z_]+):?-([^}]*)\}")]
    private static partial Regex Variable();
}
