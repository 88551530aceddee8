using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;

namespace MtaStsHost.Traefik;

/// <summary>
/// Traefik's dynamic configuration, valid for its versions 2 and 3: one router per policy host, all to one service. No middleware, since
/// senders follow no redirect and decompress nothing (RFC 8461 §3.3).
/// </summary>
internal static class DynamicConfiguration
{
    private const string Service = "mta-sts";

    /// <summary>
    /// Above Traefik's default, which is the length of the rule: any longer rule, such as a HostRegexp for all subdomains, would silently
    /// take the requests. Low enough for another router to be given a higher one on purpose.
    /// </summary>
    private const int Priority = 10_000;

    /// <summary>The size of a router, roughly, so that the buffer rarely grows.</summary>
    private const int BytesOfRouter = 208;

    // The strict encoder writes the rule's backticks as \u0060. This is never part of HTML.
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(PolicySnapshot policies, TraefikSettings settings, string serviceUrl)
    {
        var buffer = new ArrayBufferWriter<byte>(BytesOfRouter * (policies.All.Length + 1));
        using var json = new Utf8JsonWriter(buffer, s_json);
        json.WriteStartObject();
        json.WriteStartObject("http");
        // Traefik refuses an empty map ("routers cannot be a standalone element"). It refuses an empty answer too, and would then keep the
        // routers of removed domains, so the service is always included.
        if (!policies.All.IsEmpty)
        {
            json.WriteStartObject("routers");
            foreach (var policy in policies.All) WriteRouter(json, policy, settings);
            json.WriteEndObject();
        }

        json.WritePropertyName("services");
        new JsonObject { [Service] = new JsonObject { ["loadBalancer"] = LoadBalancer(serviceUrl) } }.WriteTo(json);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>The domain with its dots makes the name unique: <c>a-b.example</c> and <c>a.b.example</c> stay distinct.</summary>
    private static void WriteRouter(Utf8JsonWriter json, ServedPolicy policy, TraefikSettings settings)
    {
        json.WriteStartObject(settings.RouterPrefix + policy.Domain.Value);
        // The whole host: a rule for the path would leave other requests to other routers, instead of a 404.
        json.WriteString("rule", $"Host(`{policy.Host}`)");
        json.WriteStartArray("entryPoints");
        foreach (var entryPoint in settings.EntryPoints) json.WriteStringValue(entryPoint);
        json.WriteEndArray();
        json.WriteString("service", Service);
        json.WriteNumber("priority", Priority);
        json.WriteStartObject("tls");
        if (settings.CertResolver is { } resolver) json.WriteString("certResolver", resolver);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static JsonObject LoadBalancer(string url) => new()
    {
        ["servers"] = new JsonArray(new JsonObject { ["url"] = url }),
        // Traefik's default, stated because policies are found by Host alone.
        ["passHostHeader"] = true,
    };
}
