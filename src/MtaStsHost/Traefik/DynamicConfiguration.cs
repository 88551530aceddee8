using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;

namespace MtaStsHost.Traefik;

/// <summary>
/// What Traefik calls dynamic configuration, in words that mean the same to its versions 2 and 3: a router for each policy host, all of
/// them to one service. No middleware: senders follow no redirect and unpack nothing (RFC 8461 §3.3).
/// </summary>
internal static class DynamicConfiguration
{
    private const string Service = "mta-sts";

    /// <summary>A router's part, roughly, so that the buffer doesn't have to grow often.</summary>
    private const int BytesOfRouter = 192;

    // The strict encoder writes the rule's backticks as \u0060. Nothing here ever stands in HTML.
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(PolicySnapshot policies, TraefikSettings settings, string serviceUrl)
    {
        var buffer = new ArrayBufferWriter<byte>(BytesOfRouter * (policies.All.Length + 1));
        using var json = new Utf8JsonWriter(buffer, s_json);
        json.WriteStartObject();
        json.WriteStartObject("http");
        // Traefik refuses an empty map ("routers cannot be a standalone element"). The service stays without any router, since an answer
        // with nothing in it is refused too, and then the routers of domains that are gone would stay.
        if (!policies.All.IsEmpty)
        {
            json.WriteStartObject("routers");
            foreach (var policy in policies.All) WriteRouter(json, policy, settings);
            json.WriteEndObject();
        }

        WriteServices(json, serviceUrl);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>The domain, with its dots, makes the name unique: <c>a-b.example</c> and <c>a.b.example</c> stay apart.</summary>
    private static void WriteRouter(Utf8JsonWriter json, ServedPolicy policy, TraefikSettings settings)
    {
        json.WriteStartObject(settings.RouterPrefix + policy.Domain.Value);
        // The whole host: what else is asked for there is answered with 404, and a rule for the path would leave it to other routers.
        json.WriteString("rule", $"Host(`{policy.Host}`)");
        json.WriteStartArray("entryPoints");
        foreach (var entryPoint in settings.EntryPoints) json.WriteStringValue(entryPoint);
        json.WriteEndArray();
        json.WriteString("service", Service);
        json.WriteStartObject("tls");
        if (settings.CertResolver is { } resolver) json.WriteString("certResolver", resolver);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteServices(Utf8JsonWriter json, string url)
    {
        json.WriteStartObject("services");
        json.WriteStartObject(Service);
        json.WriteStartObject("loadBalancer");
        json.WriteStartArray("servers");
        json.WriteStartObject();
        json.WriteString("url", url);
        json.WriteEndObject();
        json.WriteEndArray();
        // Traefik's default, said all the same: policies are told apart by Host alone.
        json.WriteBoolean("passHostHeader", true);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
