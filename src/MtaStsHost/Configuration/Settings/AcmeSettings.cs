using Acme;

namespace MtaStsHost.Configuration;

/// <summary>The <c>Acme</c> section, when certificates are to be ordered. Never changes; a reload makes a new one.</summary>
/// <param name="Authorities">In the order in which they are tried; the first is the operator's choice, the others are
/// <c>Fallbacks</c>.</param>
/// <param name="EmailAddress">The account's contact; empty for none.</param>
/// <param name="ChallengeTypes"><c>tls-alpn-01</c>, <c>http-01</c>, in the order in which they are tried; at least one.</param>
/// <param name="PreferredChain">The common name of the wanted root; <c>null</c>: as the CA likes.</param>
/// <param name="Profile">The wanted certificate profile; <c>null</c>: the CA's default.</param>
/// <param name="MaxConcurrentOrders">Orders under way at the same time, at least 1.</param>
/// <param name="Preflight">Whether DNS, CAA and ports are checked before an order.</param>
/// <param name="OrdersPerThreeHours">Orders at one CA in any three hours, at least 1.</param>
internal sealed record AcmeSettings(
    ImmutableArray<AuthoritySettings> Authorities,
    string EmailAddress,
    ImmutableArray<string> ChallengeTypes,
    KeyAlgorithm KeyAlgorithm,
    string? PreferredChain,
    string? Profile,
    int MaxConcurrentOrders,
    bool Preflight,
    int OrdersPerThreeHours)
{
    // An ImmutableArray of its own is equal to no other, and every reload makes new ones.
    public bool Equals(AcmeSettings? other) => other is not null
        && Authorities.SequenceEqual(other.Authorities)
        && EmailAddress == other.EmailAddress
        && ChallengeTypes.SequenceEqual(other.ChallengeTypes, StringComparer.Ordinal)
        && KeyAlgorithm == other.KeyAlgorithm
        && PreferredChain == other.PreferredChain
        && Profile == other.Profile
        && MaxConcurrentOrders == other.MaxConcurrentOrders
        && Preflight == other.Preflight
        && OrdersPerThreeHours == other.OrdersPerThreeHours;

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var authority in Authorities) hash.Add(authority);
        foreach (var type in ChallengeTypes) hash.Add(type, StringComparer.Ordinal);
        hash.Add(EmailAddress, StringComparer.Ordinal);
        hash.Add(KeyAlgorithm);
        hash.Add(MaxConcurrentOrders);
        hash.Add(OrdersPerThreeHours);
        return hash.ToHashCode();
    }
}

/// <summary>A CA.</summary>
/// <param name="TrustedRootsFile">PEM, absolute; <c>null</c>: the system's roots.</param>
/// <param name="Binding">The external account binding; <c>null</c> for none.</param>
internal sealed record AuthoritySettings(Uri DirectoryUrl, string? TrustedRootsFile, ExternalAccountBinding? Binding)
{
    // A record's own text would show the binding.
    public override string ToString() => DirectoryUrl.OriginalString;
}
