namespace Acme;

// Resources as received. Any member may be missing; ResourceReader checks for the required ones. Problem documents have a reader of their
// own, ProblemReader, because their members may have any type.

internal sealed record WireDirectory(
    string? NewNonce, string? NewAccount, string? NewOrder, string? RevokeCert, string? KeyChange, string? RenewalInfo, WireMeta? Meta);

internal sealed record WireMeta(
    string? TermsOfService, string? Website, List<string?>? CaaIdentities, bool? ExternalAccountRequired,
    Dictionary<string, string?>? Profiles);

internal sealed record WireAccount(string? Status, List<string?>? Contact);

internal sealed record WireIdentifier(string? Type, string? Value);

internal sealed record WireOrder(
    string? Status, string? Expires, List<WireIdentifier?>? Identifiers, List<string?>? Authorizations, string? Finalize,
    string? Certificate, JsonElement Error, string? Replaces, string? Profile);

internal sealed record WireAuthorization(
    string? Status, WireIdentifier? Identifier, bool? Wildcard, string? Expires, List<WireChallenge?>? Challenges);

internal sealed record WireChallenge(
    string? Type, string? Url, string? Status, string? Token, string? Validated, JsonElement Error);

internal sealed record WireRenewalInfo(WireWindow? SuggestedWindow, [property: JsonPropertyName("explanationURL")] string? ExplanationUrl);

internal sealed record WireWindow(string? Start, string? End);

// The payloads of requests, without members that are null.

internal sealed record WireNewAccount(
    bool? TermsOfServiceAgreed = null, bool? OnlyReturnExisting = null, IReadOnlyList<string>? Contact = null,
    JsonElement? ExternalAccountBinding = null);

internal sealed record WireStatus(string? Status = null);

internal sealed record WireKeyChange(string Account, JsonElement OldKey);

internal sealed record WireNewOrder(IReadOnlyList<WireIdentifier> Identifiers, string? Replaces, string? Profile);

internal sealed record WireFinalize(string Csr);

internal sealed record WireRevocation(string Certificate, int? Reason);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 16)]
[JsonSerializable(typeof(WireDirectory))]
[JsonSerializable(typeof(WireAccount))]
[JsonSerializable(typeof(WireOrder))]
[JsonSerializable(typeof(WireAuthorization))]
[JsonSerializable(typeof(WireChallenge))]
[JsonSerializable(typeof(WireRenewalInfo))]
[JsonSerializable(typeof(WireNewAccount))]
[JsonSerializable(typeof(WireStatus))]
[JsonSerializable(typeof(WireKeyChange))]
[JsonSerializable(typeof(WireNewOrder))]
[JsonSerializable(typeof(WireFinalize))]
[JsonSerializable(typeof(WireRevocation))]
internal sealed partial class AcmeJsonContext : JsonSerializerContext;
