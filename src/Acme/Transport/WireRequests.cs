namespace Acme;

// The payloads of requests, without members that are null.

internal sealed class WireNewAccount
{
    public bool? TermsOfServiceAgreed { get; init; }
    public bool? OnlyReturnExisting { get; init; }
    public IReadOnlyList<string>? Contact { get; init; }
    public JsonElement? ExternalAccountBinding { get; init; }
}

internal sealed class WireStatus
{
    public string? Status { get; init; }
}

internal sealed class WireKeyChange
{
    public string? Account { get; init; }
    public JsonElement? OldKey { get; init; }
}

internal sealed class WireNewOrder
{
    public required IReadOnlyList<WireIdentifier> Identifiers { get; init; }
    public string? Replaces { get; init; }
    public string? Profile { get; init; }
}

internal sealed class WireFinalize
{
    public required string Csr { get; init; }
}

internal sealed class WireRevocation
{
    public required string Certificate { get; init; }
    public int? Reason { get; init; }
}
