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
    private const string Production = "https://acme-v02.api.letsencrypt.org/directory";
    private const string Staging = "https://acme-staging-v02.api.letsencrypt.org/directory";
    private const string Terms = "Acme:AcceptTermsOfService";

    /// <summary>Reads the whole section, whether or not it is in use: an error must not wait until it is.</summary>
    /// <param name="hasHttps">Whether there is a public listener that would serve the certificates.</param>
    /// <returns><c>null</c> if no certificates are to be ordered.</returns>
    public static AcmeSettings? Read(SettingsReader settings, bool hasHttps)
    {
        var errors = settings.Problems.Errors.Count;
        var options = settings.Bind("Acme", new AcmeOptionsValidator());
        foreach (var (i, type) in options.AllowedChallengeTypes.Index())
        {
            if (options.AllowedChallengeTypes.IndexOf(type) == i) continue;
            var path = settings.PathOf($"Acme.AllowedChallengeTypes[{i}]");
            settings.Error(path, $"{ProblemList.Quote(settings.Find(path)?.Text)} is listed twice", "remove one");
        }

        var result = new AcmeSettings(
            AuthoritiesOf(options, settings),
            options.EmailAddress ?? "",
            [.. options.AllowedChallengeTypes.Select(type => type == "Http01" ? Challenge.Http01 : Challenge.TlsAlpn01)],
            options.KeyAlgorithm switch { "ES384" => KeyAlgorithm.ES384, "RS256" => KeyAlgorithm.RS256, _ => KeyAlgorithm.ES256 },
            options.PreferredChain,
            options.Profile,
            options.MaxConcurrentOrders,
            options.Preflight,
            options.OrdersPerThreeHours);
        if (!options.AcceptTermsOfService || settings.Problems.Errors.Count > errors) return null;
        if (hasHttps) return result;
        settings.Problems.Warning(Terms, settings.OriginOf(Terms),
            "no certificates are ordered, since there is no Https endpoint",
            "add \"Https\": { \"Url\": \"https://*:443\" } to Kestrel:Endpoints, or set this to false");
        return null;
    }

    /// <summary>Whether a CA is configured, also as a fallback.</summary>
    public bool Has(string? directoryUrl) => Authorities.Any(authority => authority.DirectoryUrl.OriginalString == directoryUrl);

    /// <summary>For a verb that needs nothing else of the section.</summary>
    public static ImmutableArray<AuthoritySettings> ReadAuthorities(SettingsReader settings) =>
        AuthoritiesOf(settings.Bind("Acme", new AcmeOptionsValidator()), settings);

    private static ImmutableArray<AuthoritySettings> AuthoritiesOf(AcmeOptions options, SettingsReader settings)
    {
        if (options is { UseStagingServer: true, DirectoryUrl: not null })
            settings.Error("Acme:UseStagingServer", "DirectoryUrl is set too, and names another server", "keep one of the two");
        var authorities = ImmutableArray.CreateBuilder<AuthoritySettings>();
        Add("Acme", options.DirectoryUrl ?? (options.UseStagingServer ? Staging : Production),
            options.TrustedRootsFile, options.EabCredentials);
        foreach (var (i, fallback) in options.Fallbacks.Index())
            Add(settings.PathOf($"Acme.Fallbacks[{i}]"), fallback.DirectoryUrl, fallback.TrustedRootsFile, fallback.EabCredentials);
        return authorities.DrainToImmutable();

        void Add(string section, string? url, string? roots, EabCredentialsOptions credentials)
        {
            var binding = Binding(section + ":EabCredentials", credentials, settings);
            // One that is not a URL has its error.
            if (!Uri.TryCreate(url, UriKind.Absolute, out var directory)) return;
            // A second account at the same CA has the same limits, and would not help.
            if (authorities.Any(other => other.DirectoryUrl == directory && Equals(other.Binding, binding)))
                settings.Error(section + ":DirectoryUrl", $"{ProblemList.Quote(url)} is listed already, with the same credentials",
                    "remove it, or name another CA");
            authorities.Add(new AuthoritySettings(directory, roots, binding));
        }
    }

    private static ExternalAccountBinding? Binding(string section, EabCredentialsOptions options, SettingsReader settings)
    {
        var (idPath, keyPath) = (section + ":EabKeyId", section + ":EabKey");
        if (options is { EabKeyId: null, EabKey: null } && settings.Find(section + ":EabKeyAlg") is null) return null;
        if (options.EabKeyId is null)
            settings.Error(idPath, "is not set, though other credentials are", "write the key id that the CA shows");
        if (options.EabKey is null)
            settings.Error(keyPath, "is not set, though other credentials are", "write the (HMAC) key that the CA shows");
        if (options.EabKeyId is null || options.EabKey is null) return null;
        var algorithm = options.EabKeyAlg switch { "HS384" => MacAlgorithm.HS384, "HS512" => MacAlgorithm.HS512, _ => MacAlgorithm.HS256 };
        if (ExternalAccountBinding.TryCreate(options.EabKeyId, options.EabKey, algorithm, out var binding, out var error)) return binding;
        settings.Problems.Error(section, settings.OriginOf(keyPath), error, "copy the key id and the key as the CA shows them");
        return null;
    }

    // An ImmutableArray of its own is equal to no other, and every reload makes new ones.
    public bool Equals(AcmeSettings? other) => other is not null
        && Authorities.SequenceEqual(other.Authorities) && ChallengeTypes.SequenceEqual(other.ChallengeTypes) && Scalars == other.Scalars;

    public override int GetHashCode() => Scalars.GetHashCode();

    private (string, KeyAlgorithm, string?, string?, int, bool, int) Scalars =>
        (EmailAddress, KeyAlgorithm, PreferredChain, Profile, MaxConcurrentOrders, Preflight, OrdersPerThreeHours);
}

/// <param name="TrustedRootsFile">PEM, absolute; <c>null</c>: the system's roots.</param>
/// <param name="Binding">The external account binding; <c>null</c> for none.</param>
internal sealed record AuthoritySettings(Uri DirectoryUrl, string? TrustedRootsFile, ExternalAccountBinding? Binding)
{
    // A record's own text would show the binding.
    public override string ToString() => DirectoryUrl.OriginalString;
}
