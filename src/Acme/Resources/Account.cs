namespace Acme;

/// <summary>The states of an account. RFC 8555 §7.1.2.</summary>
public enum AccountStatus
{
    /// <summary>A state that this library doesn't know.</summary>
    Unknown,

    /// <summary>Can be used.</summary>
    Valid,

    /// <summary>Its owner ended it.</summary>
    Deactivated,

    /// <summary>The server ended it.</summary>
    Revoked,
}

/// <summary>An account at a CA. RFC 8555 §7.1.2.</summary>
public sealed record Account
{
    /// <summary>The account's URL, the <c>kid</c> of its requests. Store its <see cref="Uri.OriginalString"/>.</summary>
    public required Uri Url { get; init; }

    /// <summary>Whether it can be used.</summary>
    public required AccountStatus Status { get; init; }

    /// <summary>Where the CA may write to, as URLs (<c>mailto:…</c>). Empty also where the server doesn't give them back.</summary>
    public IReadOnlyList<string> Contacts { get; init; } = [];

    /// <summary>Whether the request made the account (201), and it was not there before (200).</summary>
    public bool Created { get; init; }
}
