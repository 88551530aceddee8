using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Acme.Testing;

/// <summary>An account at the fake server.</summary>
public sealed class FakeAccount
{
    public required string Id { get; init; }

    public required JsonObject Jwk { get; set; }

    public string Status { get; set; } = "valid";

    public IReadOnlyList<string> Contacts { get; set; } = [];

    /// <summary>The key id of the external account; null when there is none.</summary>
    public string? BoundTo { get; init; }

    public string Thumbprint => FakeJws.Thumbprint(Jwk);
}

/// <summary>An order at the fake server.</summary>
public sealed class FakeOrder
{
    public required string Id { get; init; }

    public required FakeAccount Account { get; init; }

    public required IReadOnlyList<FakeAuthorization> Authorizations { get; init; }

    public required JsonArray Identifiers { get; init; }

    public string? Replaces { get; init; }

    public string? Profile { get; init; }

    /// <summary>Set once the order has been finalized; until then its authorizations say how far it is.</summary>
    public string? FinalStatus { get; set; }

    public JsonNode? Error { get; set; }

    public FakeCertificate? Certificate { get; set; }

    /// <summary>How many more looks find it processing.</summary>
    public int LooksUntilIssued { get; set; }

    public string Status => FinalStatus
        ?? (Authorizations.Any(static one => one.Status is not ("pending" or "valid")) ? "invalid"
            : Authorizations.All(static one => one.Status == "valid") ? "ready" : "pending");
}

/// <summary>An authorization at the fake server.</summary>
public sealed class FakeAuthorization
{
    public required string Id { get; init; }

    public required FakeAccount Account { get; init; }

    public required string Name { get; init; }

    public required string Type { get; init; }

    public string Token { get; init; } = "";

    public string Status { get; set; } = "pending";

    /// <summary>How many more looks find it pending, once a challenge was responded to.</summary>
    public int LooksUntilValidated { get; set; }

    /// <summary>The type of the challenge that was responded to.</summary>
    public string? Responded { get; set; }

    /// <summary>Challenges that have failed, by type.</summary>
    public Dictionary<string, (string? Status, JsonNode? Error)> Failed { get; } = [];

    /// <summary>A response is being validated.</summary>
    public bool IsValidated => Status == "pending" && Responded is { } type && !Failed.ContainsKey(type);

    public string KeyAuthorization => $"{Token}.{Account.Thumbprint}";
}

/// <summary>A certificate that the fake server issued.</summary>
public sealed class FakeCertificate
{
    public required string Id { get; init; }

    public required FakeAccount Account { get; init; }

    public required X509Certificate2 Leaf { get; init; }

    /// <summary>The chains, the default one first, as PEM.</summary>
    public required IReadOnlyList<string> Chains { get; init; }

    /// <summary>The reason given, or -1 for none; null while it is not revoked.</summary>
    public int? Revoked { get; set; }
}
