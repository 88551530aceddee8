using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MtaStsHost.Configuration;

namespace MtaStsHost.Tests.Configuration;

/// <summary>Writes what the options classes say, as a table of docs/reference/configuration.md and as appsettings.schema.json.</summary>
internal static class SettingsReference
{
    private static readonly JsonSerializerOptions s_json =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Every setting, those of a domain under <c>MtaSts:Domains:DOMAIN</c>.</summary>
    public static IEnumerable<(string Path, OptionsProperty Property, object? Default)> All =>
        Under("", OptionsType.Root, new RootOptions())
            .Where(setting => !setting.Path.StartsWith("MtaSts:Defaults:", StringComparison.Ordinal));

    public static string Table()
    {
        var table = new StringBuilder("| setting | default | meaning |\n|---|---|---|\n");
        foreach (var (path, property, value) in All)
        {
            var meaning = property.Info.GetCustomAttribute<DescriptionAttribute>()!.Description;
            if (property.Find<RangeAttribute>() is { } range)
                meaning += string.Create(CultureInfo.InvariantCulture, $" From {range.Minimum} to {range.Maximum}.");
            if (property.Find<DurationAttribute>() is { } duration) meaning += $" From `{duration.Least}` to `{duration.Most}`.";
            table.Append(CultureInfo.InvariantCulture, $"| `{path}` | {DefaultText(property, value)} | {meaning} |\n");
        }

        return table.ToString();
    }

    public static string Schema() => new JsonObject
    {
        ["$schema"] = "http://json-schema.org/draft-07/schema#",
        ["title"] = "MtaStsHost",
        ["description"] = "Settings of MtaStsHost; see docs/reference/configuration.md.",
        ["type"] = "object",
        ["properties"] = Properties(OptionsType.Root, new RootOptions(),
            ("$schema", new JsonObject { ["type"] = "string", ["description"] = "The path or URL of this schema, for editors." })),
        ["definitions"] = new JsonObject { ["domain"] = Section(OptionsType.Find(typeof(DomainOptions))!, new DomainOptions()) },
    }.ToJsonString(s_json) + "\n";

    private static IEnumerable<(string Path, OptionsProperty Property,
        object? Default)> Under(string prefix, OptionsType type, object options) =>
        type.Properties.SelectMany(property =>
        {
            var path = prefix + property.Name;
            var entry = property.Info.GetCustomAttribute<EntryNameAttribute>()?.Name ?? "N";
            return property.Kind switch
            {
                OptionKind.Section when path == "MtaSts:Defaults" => [(path, property, null)],
                OptionKind.Section => Under(path + ":", property.Section!, property.Get(options)!),
                OptionKind.SectionList or OptionKind.SectionMap =>
                    Under($"{path}:{entry}:", property.Section!, property.Section!.Create()),
                OptionKind.Map => [($"{path}:{entry}", property, null)],
                _ => (IEnumerable<(string, OptionsProperty, object?)>)[(path, property, property.Get(options))],
            };
        });

    private static string DefaultText(OptionsProperty property, object? value) =>
        property.Info.GetCustomAttribute<DefaultValueAttribute>()?.Value is string text ? text
        : value is List<string> list ? list.Count == 0 ? "none" : string.Join(", ", list.Select(entry => $"`{entry}`"))
        : value is null || property.Kind != OptionKind.Value ? property.Kind == OptionKind.Section ? "" : "none"
        : $"`{Json(value)!.ToString()}`";

    private static JsonNode? Json(object? value) => value switch
    {
        null => null,
        bool flag => flag,
        int number => number,
        TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
        List<string> list => new JsonArray([.. list.Select(text => (JsonNode)text)]),
        _ => value.ToString(),
    };

    private static JsonObject Section(OptionsType type, object options) =>
        new() { ["type"] = "object", ["properties"] = Properties(type, options), ["additionalProperties"] = false };

    private static JsonObject Properties(OptionsType type, object options, params (string Name, JsonNode Schema)[] more)
    {
        var properties = new JsonObject();
        foreach (var (name, schema) in more) properties[name] = schema;
        foreach (var property in type.Properties) properties[property.Name] = Property(property, property.Get(options));
        return properties;
    }

    private static JsonObject Property(OptionsProperty property, object? value)
    {
        var schema = property.Kind switch
        {
            OptionKind.Value => Value(property, isNullable: value is null),
            OptionKind.List => List(property),
            OptionKind.Map => new() { ["type"] = "object", ["additionalProperties"] = Text(property) },
            _ when property.Section == OptionsType.Find(typeof(DomainOptions)) => property.Kind == OptionKind.Section ? Domain()
                : new() { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["anyOf"] = new JsonArray(Domain(), Null()) } },
            OptionKind.Section => Section(property.Section!, value!),
            OptionKind.SectionList => new() { ["type"] = "array", ["items"] = Section(property.Section!, property.Section!.Create()) },
            _ => new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = Section(property.Section!, property.Section!.Create()),
            },
        };
        if (property.OrValueOf is { } key)
            schema = new() { ["anyOf"] = new JsonArray(schema, Property(property.Section![key], property.Section[key].Get(value!))) };
        if (property.Info.GetCustomAttribute<DescriptionAttribute>() is { } description && !schema.ContainsKey("$ref"))
            schema["description"] = description.Description.Replace("`", "", StringComparison.Ordinal);
        if (property.Kind is OptionKind.Value or OptionKind.List && (value as ICollection)?.Count != 0 && Json(value) is { } standard)
            schema["default"] = standard;
        return schema;

        static JsonObject Domain() => new() { ["$ref"] = "#/definitions/domain" };
        static JsonObject Null() => new() { ["type"] = "null" };
    }

    private static JsonObject List(OptionsProperty property)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = Text(property) };
        if (property.Find<NotEmptyAttribute>() is not null) list["minItems"] = 1;
        return property.IsOneOrMore ? new() { ["anyOf"] = new JsonArray(list, Text(property), new JsonObject { ["type"] = "null" }) }
            : list;
    }

    private static JsonObject Value(OptionsProperty property, bool isNullable)
    {
        var schema = property.Type == typeof(bool) ? new() { ["type"] = "boolean" }
            : property.Type == typeof(int) ? new() { ["type"] = "integer" }
            : property.Type == typeof(TimeSpan)
                ? new() { ["type"] = "string", ["pattern"] = "^(\\d+\\.)?\\d{1,2}:\\d{2}(:\\d{2}(\\.\\d+)?)?$" }
            : Text(property);
        if (property.Find<RangeAttribute>() is { } range)
            (schema["minimum"], schema["maximum"]) = ((int)range.Minimum, (int)range.Maximum);
        if (property.Find<RequiredAttribute>() is not null || !isNullable) return schema;
        schema["type"] = new JsonArray(schema["type"]!.DeepClone(), "null");
        (schema["enum"] as JsonArray)?.Add((JsonNode?)null);
        return schema;
    }

    private static JsonObject Text(OptionsProperty property)
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (property.Find<ChoiceAttribute>() is { } choice) schema["enum"] =
            new JsonArray([.. choice.Words.Select(word => (JsonNode)word)]);
        if (property.Find<RegularExpressionAttribute>()?.Pattern is { } expression) schema["pattern"] = expression;
        else if (property.Find<TextAttribute>()?.Pattern is { } pattern) schema["pattern"] = pattern;
        return schema;
    }
}
