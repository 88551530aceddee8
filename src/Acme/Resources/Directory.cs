namespace Acme;

/// <summary>What a server offers and where. RFC 8555 §7.1.1.</summary>
public sealed record Directory
{
    /// <summary>Where nonces come from.</summary>
    public required Uri NewNonce { get; init; }

    /// <summary>Where accounts are made.</summary>
    public required Uri NewAccount { get; init; }

    /// <summary>Where orders are made.</summary>
    public required Uri NewOrder { get; init; }

    /// <summary>Where certificates are revoked; null when the server doesn't say.</summary>
    public Uri? RevokeCert { get; init; }

    /// <summary>Where an account gets another key; null when the server doesn't say.</summary>
    public Uri? KeyChange { get; init; }

    /// <summary>Where renewal information is; null when the server has none. RFC 9773 §3.</summary>
    public Uri? RenewalInfo { get; init; }

    /// <summary>The current terms of service; null when there are none. Only to be shown, never fetched.</summary>
    public string? TermsOfService { get; init; }

    /// <summary>A page about the server; null when it names none.</summary>
    public string? Website { get; init; }

    /// <summary>The names by which CAA records permit this CA: RFC 8659 §4.2. May be empty.</summary>
    public IReadOnlyList<string> CaaIdentities { get; init; } = [];

    /// <summary>Whether new accounts need an <see cref="ExternalAccountBinding"/>.</summary>
    public bool ExternalAccountRequired { get; init; }

    /// <summary>The certificate profiles by name, with a description each (draft-ietf-acme-profiles §3). May be empty.</summary>
    public IReadOnlyDictionary<string, string> Profiles { get; init; } = new Dictionary<string, string>();
}
