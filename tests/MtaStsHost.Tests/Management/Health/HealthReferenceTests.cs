using System.Text.Json.Serialization.Metadata;
using MtaStsHost.Cli;
using MtaStsHost.Management.Health;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Management.Health;

/// <summary>The tables of keys in docs/reference/health.md against what is serialized.</summary>
public sealed class HealthReferenceTests
{
    private static readonly string[] s_lines = File.ReadAllLines(
        Path.Combine(HostBinary.Repository, "docs", "reference", "health.md"));

    public static TheoryData<string> Sections =>
        ["`GET /health`", "`GET /health` on a public listener", "`history --json`", "`check --json`"];

    [Theory]
    [MemberData(nameof(Sections))]
    public void Keys_OfASection_AreThoseOfTheJson(string section)
    {
        JsonTypeInfo type = section switch
        {
            "`GET /health`" => HealthJson.Plain.HealthReport,
            "`GET /health` on a public listener" => HealthJson.Plain.PublicHealth,
            "`history --json`" => CliOutput.JsonType<HistoryResult>(),
            _ => CliOutput.JsonType<CheckResult>(),
        };

        var documented = s_lines.SkipWhile(line => line != "### " + section).Skip(1)
            .TakeWhile(line => !line.StartsWith('#')).Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => string.Join('|', line.Split('|')[..3]).TrimEnd());

        Assert.Equal(string.Join('\n', Keys(type, "")), string.Join('\n', documented));
    }

    private static IEnumerable<string> Keys(JsonTypeInfo type, string path)
    {
        foreach (var property in type.Properties.OrderBy(property => property.Order))
        {
            var (name, item) = Describe(type.Options.GetTypeInfo(property.PropertyType));
            var key = path + property.Name;
            yield return $"| `{key}` | {name}{(property.IsGetNullable ? " or null" : "")}";
            if (item?.Kind == JsonTypeInfoKind.Object)
            {
                foreach (var inner in Keys(item, key + (name == "array" ? "[]." : "."))) yield return inner;
            }
        }
    }

    private static (string Name, JsonTypeInfo? Item) Describe(JsonTypeInfo type) => type.Kind switch
    {
        JsonTypeInfoKind.Enumerable => ("array", type.Options.GetTypeInfo(type.ElementType!)),
        JsonTypeInfoKind.Object => ("object", type),
        _ => ((Nullable.GetUnderlyingType(type.Type) ?? type.Type) switch
        {
            var time when time == typeof(DateTimeOffset) => "time",
            var truth when truth == typeof(bool) => "boolean",
            var text when text == typeof(string) || text.IsEnum => "string",
            _ => "number",
        }, null),
    };
}
