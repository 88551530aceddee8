namespace MtaStsHost.Configuration;

/// <summary>All settings but the domains, parsed: no file that they name has been opened. Never changes; a reload makes new ones.</summary>
/// <param name="Acme"><c>null</c>: no certificates are ordered.</param>
/// <param name="Resolvers">Of <c>Dns</c>; empty: the system's.</param>
internal sealed record HostSettings(
    TransitionSettings Transitions,
    IReadOnlyList<CertificateSource> Certificates,
    IReadOnlyList<EndpointSettings> Endpoints,
    KnownNetworks KnownNetworks,
    PublicHost? PublicHost,
    AcmeSettings? Acme,
    StorageSettings Storage,
    ImmutableArray<IPEndPoint> Resolvers,
    CheckSettings Checks,
    TraefikSettings Traefik,
    LogSettings Logging)
{
    public bool HasHttps => HasHttpsAmong(Endpoints);

    /// <summary>Every problem goes to the reader's list; with an error among them the result must not be used.</summary>
    public static HostSettings Read(SettingsReader settings)
    {
        var endpoints = EndpointSettings.Read(settings);
        var mtaSts = settings.Bind("MtaSts", new MtaStsOptionsValidator());
        var result = new HostSettings(
            TransitionSettings.Of(mtaSts),
            CertificateSource.Read(settings),
            endpoints,
            KnownNetworks.Read(settings),
            PublicHost.Of(mtaSts, settings),
            AcmeSettings.Read(settings, HasHttpsAmong(endpoints)),
            (StorageSettings.Read(settings) is { } storage ? storage with { UsedBy = NameOf(settings) } : null)!, // an error
            ReadResolvers(settings),
            CheckSettings.Read(settings),
            TraefikSettings.Read(settings),
            LogSettings.Read(settings));
        if (result.Endpoints.FirstOrDefault(endpoint => endpoint is { ProxyProtocol: true, Address.IsUnixPipe: false }) is { } waiting
            && result.KnownNetworks.All.IsEmpty)
            settings.Problems.Warning($"Kestrel:Endpoints:{waiting.Name}:ProxyProtocol", default,
                "is on, and no proxy is known, so every connection is closed", "add the proxy's network to ForwardedHeaders:KnownNetworks");
        if (result is { Transitions.Gate: GateMode.Block, Checks.Enabled: false })
            settings.Problems.Warning("MtaSts:EnforceGate", default,
                "is Block, and Checks:Enabled is false: a domain that is switched to enforce stays in testing forever, since its MX hosts "
                + "are never checked", "set Checks:Enabled to true, or EnforceGate to Warn");
        return result;
    }

    /// <summary>The same after a restart and for the verbs, and another one for a service with a configuration of its own. Without the
    /// machine's name, which is a new one for each container.</summary>
    private static string NameOf(SettingsReader settings) => string.Join(' ', settings.Files);

    public static ImmutableArray<IPEndPoint> ReadResolvers(SettingsReader settings) =>
    [
        .. settings.Bind("Dns", new DnsOptionsValidator()).Resolvers
            .Select(text => ResolverAddressAttribute.TryParse(text, out var endPoint) ? endPoint : null).OfType<IPEndPoint>(),
    ];

    /// <summary>Whether this service serves certificates, rather than a proxy in front of it.</summary>
    public static bool HasHttpsAmong(IReadOnlyList<EndpointSettings> endpoints) =>
        endpoints.Any(endpoint => endpoint is { IsHttps: true, IsManagement: false });
}
