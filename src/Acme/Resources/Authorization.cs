namespace Acme;

/// <summary>The states of an authorization. RFC 8555 §7.1.6.</summary>
public enum AuthorizationStatus
{
    /// <summary>A state that this library doesn't know.</summary>
    Unknown,

    /// <summary>Waits for one of its challenges.</summary>
    Pending,

    /// <summary>The account may have certificates for the identifier.</summary>
    Valid,

    /// <summary>A challenge has failed.</summary>
    Invalid,

    /// <summary>The client ended it.</summary>
    Deactivated,

    /// <summary>It was valid once.</summary>
    Expired,

    /// <summary>The server ended it.</summary>
    Revoked,
}

/// <summary>Whether an account may have certificates for an identifier. RFC 8555 §7.1.4.</summary>
public sealed record Authorization
{
    /// <summary>The authorization's URL.</summary>
    public required Uri Url { get; init; }

    /// <summary>How far it is.</summary>
    public required AuthorizationStatus Status { get; init; }

    /// <summary>What it is for, without the <c>*.</c> of a wildcard.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>Whether it is for all names one label below the identifier.</summary>
    public bool Wildcard { get; init; }

    /// <summary>When it ends; null when the server doesn't say.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The ways to show control of the identifier, any of which will do; or those that were tried.</summary>
    public required IReadOnlyList<Challenge> Challenges { get; init; }

    /// <summary>When to look again, from this answer's <c>Retry-After</c>; null when it has none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Why it is invalid: the error of the first challenge that has one; null when none has.</summary>
    public AcmeProblem? Error => Challenges.FirstOrDefault(static challenge => challenge.Error is not null)?.Error;
}
