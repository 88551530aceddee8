namespace Acme;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 16)]
[JsonSerializable(typeof(WireDirectory))]
[JsonSerializable(typeof(WireAccount))]
[JsonSerializable(typeof(WireOrder))]
[JsonSerializable(typeof(WireAuthorization))]
[JsonSerializable(typeof(WireChallenge))]
[JsonSerializable(typeof(WireProblem))]
[JsonSerializable(typeof(WireRenewalInfo))]
[JsonSerializable(typeof(WireNewAccount))]
[JsonSerializable(typeof(WireStatus))]
[JsonSerializable(typeof(WireKeyChange))]
[JsonSerializable(typeof(WireNewOrder))]
[JsonSerializable(typeof(WireFinalize))]
[JsonSerializable(typeof(WireRevocation))]
internal sealed partial class AcmeJsonContext : JsonSerializerContext;
