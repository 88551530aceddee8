using System.Text.Json.Nodes;

namespace Acme.Testing;

/// <summary>A request as the fake server got it.</summary>
public sealed class FakeRequest
{
    public required string Method { get; init; }

    public required Uri Url { get; init; }

    /// <summary>Header names in any case; several values of one name are joined by commas.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public byte[] Body { get; init; } = [];

    /// <summary><c>directory</c>, <c>newNonce</c>, <c>newAccount</c>, <c>account</c>, <c>keyChange</c>, <c>newOrder</c>, <c>order</c>,
    /// <c>authorization</c>, <c>challenge</c>, <c>finalize</c>, <c>certificate</c>, <c>revokeCert</c>, <c>renewalInfo</c>.</summary>
    public string Operation => Url.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "";

    /// <summary>What stands after the operation in the path.</summary>
    public string Id => Url.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(1) ?? "";

    /// <summary>The request's JWS, when it is one that the server has verified.</summary>
    public FakeJws? Jws { get; internal set; }

    /// <summary>The payload's object, before the JWS is verified.</summary>
    public JsonObject SentObject() => JsonNode.Parse(FakeJws.Parse(JsonNode.Parse(Body)!).Payload)!.AsObject();

    /// <summary>The payload's object; null for POST-as-GET.</summary>
    public JsonObject? Payload => Jws is { Payload.Length: > 0 } jws ? JsonNode.Parse(jws.Payload)!.AsObject() : null;
}
