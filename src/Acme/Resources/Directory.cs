namespace Acme;

/// <summary>The operations of a server and their URLs. RFC 8555 §7.1.1.</summary>
public sealed record Directory
{
    /// <summary>The URL for new nonces.</summary>
    public required Uri NewNonce { get; init; }

    /// <summary>The URL for new accounts.</summary>
    public required Uri NewAccount { get; init; }

    /// <summary>The URL for new orders.</summary>
    public required Uri NewOrder { get; init; }

    /// <summary>The URL for revocations; null when not offered.</summary>
    public Uri? RevokeCert { get; init; }

    /// <summary>The URL for key changes; null when not offered.</summary>
    public Uri? KeyChange { get; init; }

    /// <summary>The URL for renewal information; null when not offered. RFC 9773 §3.</summary>
    public Uri? RenewalInfo { get; init; }

    /// <summary>The current terms of service, to show and never to fetch; null without any.</summary>
    public string? TermsOfService { get; init; }

    /// <summary>The server's website; null without one.</summary>
    public string? Website { get; init; }

    /// <summary>The CA's names in CAA records: RFC 8659 §4.2. May be empty.</summary>
    public IReadOnlyList<string> CaaIdentities { get; init; } = [];

    /// <summary>Whether new accounts need an <see cref="ExternalAccountBinding"/>.</summary>
    public bool ExternalAccountRequired { get; init; }

    /// <summary>The certificate profiles by name, with their descriptions (draft-ietf-acme-profiles §3). May be empty.</summary>
    public IReadOnlyDictionary<string, string> Profiles { get; init; } = new Dictionary<string, string>();
}
