namespace Acme;

/// <summary>The states of an account. RFC 8555 §7.1.2.</summary>
public enum AccountStatus
{
    /// <summary>An unknown state.</summary>
    Unknown,

    /// <summary>The account can be used.</summary>
    Valid,

    /// <summary>Deactivated by its owner.</summary>
    Deactivated,

    /// <summary>Deactivated by the server.</summary>
    Revoked,
}

/// <summary>An account at a CA. RFC 8555 §7.1.2.</summary>
public sealed record Account
{
    /// <summary>The account's URL, the <c>kid</c> of its requests. Store <see cref="Uri.OriginalString"/>.</summary>
    public required Uri Url { get; init; }

    /// <summary>Whether it can be used.</summary>
    public required AccountStatus Status { get; init; }

    /// <summary>Contact URLs (<c>mailto:…</c>). Also empty when the server doesn't return them.</summary>
    public IReadOnlyList<string> Contacts { get; init; } = [];

    /// <summary>Whether the request created the account (201) rather than found it (200).</summary>
    public bool Created { get; init; }
}

/// <summary>The fields of a new account, or changes to an existing one. RFC 8555 §7.3, §7.3.2.</summary>
public sealed record AccountRequest
{
    /// <summary>URLs such as <c>mailto:admin@example.org</c>. Null leaves them unchanged; empty removes them.</summary>
    public IReadOnlyList<string>? Contacts { get; init; }

    /// <summary>Agrees to the directory's terms of service; most servers require it.</summary>
    public bool TermsOfServiceAgreed { get; init; }

    /// <summary>Required if <see cref="Directory.ExternalAccountRequired"/>; for new accounts only.</summary>
    public ExternalAccountBinding? ExternalAccountBinding { get; init; }
}
