namespace Acme;

// Resources as received. Any member may be missing; ResourceReader checks for the required ones.

internal sealed class WireDirectory
{
    public string? NewNonce { get; init; }
    public string? NewAccount { get; init; }
    public string? NewOrder { get; init; }
    public string? RevokeCert { get; init; }
    public string? KeyChange { get; init; }
    public string? RenewalInfo { get; init; }
    public WireMeta? Meta { get; init; }
}

internal sealed class WireMeta
{
    public string? TermsOfService { get; init; }
    public string? Website { get; init; }
    public List<string?>? CaaIdentities { get; init; }
    public bool? ExternalAccountRequired { get; init; }
    public Dictionary<string, string?>? Profiles { get; init; }
}

internal sealed class WireAccount
{
    public string? Status { get; init; }
    public List<string?>? Contact { get; init; }
}

internal sealed class WireIdentifier
{
    public string? Type { get; init; }
    public string? Value { get; init; }
}

internal sealed class WireOrder
{
    public string? Status { get; init; }
    public string? Expires { get; init; }
    public List<WireIdentifier?>? Identifiers { get; init; }
    public List<string?>? Authorizations { get; init; }
    public string? Finalize { get; init; }
    public string? Certificate { get; init; }
    public WireProblem? Error { get; init; }
    public string? Replaces { get; init; }
    public string? Profile { get; init; }
}

internal sealed class WireAuthorization
{
    public string? Status { get; init; }
    public WireIdentifier? Identifier { get; init; }
    public bool? Wildcard { get; init; }
    public string? Expires { get; init; }
    public List<WireChallenge?>? Challenges { get; init; }
}

internal sealed class WireChallenge
{
    public string? Type { get; init; }
    public string? Url { get; init; }
    public string? Status { get; init; }
    public string? Token { get; init; }
    public string? Validated { get; init; }
    public WireProblem? Error { get; init; }
}

internal sealed class WireProblem
{
    public string? Type { get; init; }
    public string? Title { get; init; }
    public string? Detail { get; init; }
    public int? Status { get; init; }
    public string? Instance { get; init; }
    public WireIdentifier? Identifier { get; init; }
    public List<WireProblem?>? Subproblems { get; init; }
}

internal sealed class WireRenewalInfo
{
    public WireWindow? SuggestedWindow { get; init; }

    [JsonPropertyName("explanationURL")]
    public string? ExplanationUrl { get; init; }
}

internal sealed class WireWindow
{
    public string? Start { get; init; }
    public string? End { get; init; }
}

internal static class WireTime
{
    /// <summary>Null for a text that is not a date of RFC 3339.</summary>
    public static DateTimeOffset? Read(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : null;
}
