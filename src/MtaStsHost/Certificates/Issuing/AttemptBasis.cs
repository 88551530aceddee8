using MtaStsHost.Configuration;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// Stands for the settings under which an attempt is made, also across restarts: a failure under other settings says nothing about the next
/// attempt. Two hashes, from which no setting can be read.
/// </summary>
/// <param name="All">Of the <c>Acme</c> section, the content of its roots files, and <c>Dns:Resolvers</c>.</param>
/// <param name="Limits">Of the accounts alone: a CA's limits stay, however else the settings change.</param>
internal sealed record AttemptBasis(string All, string Limits)
{
    private const int Digits = 32;

    /// <summary>What a failure depends on.</summary>
    /// <param name="kind">One of <see cref="FailureKind"/>.</param>
    public string Of(string kind) => kind == FailureKind.RateLimited ? Limits : All;

    public static AttemptBasis Of(AcmeSettings settings, ImmutableArray<IPEndPoint> resolvers, RootsFiles roots)
    {
        var accounts = settings.Authorities
            .Select(authority => $"{authority.DirectoryUrl.OriginalString} {authority.Binding?.KeyId}").ToList();
        string[] all =
        [
            .. accounts,
            .. settings.Authorities.Select(authority => $"{roots.HashOf(authority.TrustedRootsFile)} {authority.Binding?.Fingerprint}"),
            settings.EmailAddress, string.Join(' ', settings.ChallengeTypes), settings.KeyAlgorithm.ToString(),
            settings.PreferredChain ?? "", settings.Profile ?? "",
            $"{settings.MaxConcurrentOrders} {settings.Preflight} {settings.OrdersPerThreeHours}",
            string.Join(' ', resolvers),
        ];
        return new(Hash(all), Hash(accounts));
    }

    private static string Hash(IEnumerable<string> values) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', values))))[..Digits];
}

/// <summary>The settings of the moment, as <see cref="AttemptBasis"/>.</summary>
internal sealed class CurrentBasis(Live<BackgroundSettings> checks, RootsFiles roots)
{
    public RootsFiles Roots => roots;

    /// <summary>Raised when <c>Dns:Resolvers</c> may have changed; <c>Live</c> raises its own event for the <c>Acme</c> section.</summary>
    public event Action? Changed
    {
        add => checks.Changed += value;
        remove => checks.Changed -= value;
    }

    public AttemptBasis Of(AcmeSettings settings) => AttemptBasis.Of(settings, checks.Current.Resolvers, roots);
}
