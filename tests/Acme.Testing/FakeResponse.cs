using System.Text;
using System.Text.Json.Nodes;

namespace Acme.Testing;

/// <summary>What happens to an answer on its way.</summary>
public enum WireFault
{
    None,

    /// <summary>The connection ends before any answer.</summary>
    Reset,

    /// <summary>The connection ends in the middle of the body.</summary>
    Truncated,

    /// <summary>No answer ever.</summary>
    Hang,

    /// <summary>The header comes, the body never ends.</summary>
    HangInBody,
}

/// <summary>An answer of the fake server, or a fault in its place.</summary>
public sealed class FakeResponse
{
    public const string ProblemType = "application/problem+json";

    public int Status { get; set; } = 200;

    public string? ContentType { get; set; }

    public byte[] Body { get; set; } = [];

    public List<KeyValuePair<string, string>> Headers { get; } = [];

    public WireFault Fault { get; set; }

    /// <summary>Whether the server adds a fresh nonce, as it must.</summary>
    public bool WithNonce { get; set; } = true;

    public static FakeResponse Json(JsonNode body, int status = 200) =>
        new() { Status = status, ContentType = "application/json; charset=utf-8", Body = Encoding.UTF8.GetBytes(body.ToJsonString()) };

    public static FakeResponse Text(string body, string contentType, int status = 200) =>
        new() { Status = status, ContentType = contentType, Body = Encoding.UTF8.GetBytes(body) };

    public static FakeResponse Problem(int status, string type, string detail = "The test wants it so.")
    {
        var response = Json(new JsonObject { ["type"] = $"urn:ietf:params:acme:error:{type}", ["detail"] = detail, ["status"] = status },
            status);
        response.ContentType = ProblemType;
        return response;
    }

    public static FakeResponse Broken(WireFault fault) =>
        new() { Fault = fault, ContentType = "application/json", Body = [.. "{ \"status\": \"valid\""u8] };

    public FakeResponse With(string header, string value)
    {
        Headers.Add(new(header, value));
        return this;
    }

    public FakeResponse Without(string header)
    {
        Headers.RemoveAll(one => one.Key.Equals(header, StringComparison.OrdinalIgnoreCase));
        return this;
    }

    /// <summary>A JSON body.</summary>
    public JsonObject Read() => JsonNode.Parse(Body)!.AsObject();

    /// <summary>Replaces members of a JSON body; a null takes the member away.</summary>
    public FakeResponse Set(string member, JsonNode? value)
    {
        var json = Read();
        json.Remove(member);
        if (value is not null) json[member] = value;
        Body = Encoding.UTF8.GetBytes(json.ToJsonString());
        return this;
    }
}
