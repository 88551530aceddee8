using MtaStsHost.Testing;
using NJsonSchema;

namespace MtaStsHost.Tests.Traefik;

/// <summary>The schemas of Traefik's dynamic configuration, from schemastore.org.</summary>
internal static class TraefikSchemas
{
    private static readonly string[] s_versions = ["v2", "v3"];

    /// <summary>Fails when the JSON is not valid for both versions of Traefik, or, with one named, for that one.</summary>
    public static async Task IsValidAsync(string json, string? version = null)
    {
        foreach (var name in version is null ? s_versions : [version])
        {
            var schema = await JsonSchema.FromFileAsync(SharedData.Require($"traefik-{name}-file-provider.json"));
            Assert.True(schema.Definitions.ContainsKey("httpRouter"), "the schema has no routers, and would take anything");
            Assert.Empty(schema.Validate(json).Select(error => $"{name}: {error}"));
        }
    }
}
