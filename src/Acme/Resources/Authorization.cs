namespace Acme;

/// <summary>The states of an authorization. RFC 8555 §7.1.6.</summary>
public enum AuthorizationStatus
{
    /// <summary>An unknown state.</summary>
    Unknown,

    /// <summary>None of its challenges is valid yet.</summary>
    Pending,

    /// <summary>The account may order certificates for the identifier.</summary>
    Valid,

    /// <summary>A challenge has failed.</summary>
    Invalid,

    /// <summary>Deactivated by the client.</summary>
    Deactivated,

    /// <summary>No longer valid.</summary>
    Expired,

    /// <summary>Revoked by the server.</summary>
    Revoked,
}

/// <summary>Permission for an account to order certificates for an identifier. RFC 8555 §7.1.4.</summary>
public sealed record Authorization
{
    /// <summary>The authorization's URL.</summary>
    public required Uri Url { get; init; }

    /// <summary>The state.</summary>
    public required AuthorizationStatus Status { get; init; }

    /// <summary>The identifier, without the <c>*.</c> of a wildcard.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>Whether it covers all names one label below the identifier.</summary>
    public bool Wildcard { get; init; }

    /// <summary>When it expires; null when the server doesn't say.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The ways to prove control of the identifier, one of which is enough; once final, those that were tried.</summary>
    public required IReadOnlyList<Challenge> Challenges { get; init; }

    /// <summary>When to fetch it again, from <c>Retry-After</c>; null without one.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Why it is invalid: the error of the first challenge that has one; else null.</summary>
    public AcmeProblem? Error => Challenges.FirstOrDefault(static challenge => challenge.Error is not null)?.Error;
}
