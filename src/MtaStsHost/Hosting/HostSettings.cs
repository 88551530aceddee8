using System.Collections.Immutable;
using System.Net;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Checks;
using MtaStsHost.Configuration;
using MtaStsHost.Listeners;
using MtaStsHost.Logging;
using MtaStsHost.Network;
using MtaStsHost.Publishing;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Traefik;
using MtaStsHost.Transitions;

namespace MtaStsHost.Hosting;

/// <summary>A whole configuration that was found good. Never changes; a reload makes a new one.</summary>
/// <param name="Inputs">The files that it was read from.</param>
/// <param name="Fingerprint">Of these files, taken before they were read.</param>
/// <param name="CertificateFingerprint">Of the certificate files, taken before they were read.</param>
/// <param name="Acme"><c>null</c>: nothing is to be ordered.</param>
/// <param name="Resolvers">Empty: the system's.</param>
internal sealed record HostSettings(
    PolicySnapshot Policies,
    TransitionSettings Changes,
    ImmutableArray<FileCertificates.Entry> Certificates,
    long CertificateFingerprint,
    IReadOnlyList<EndpointSettings> Endpoints,
    KnownNetworks KnownNetworks,
    PublicHost? PublicHost,
    AcmeSettings? Acme,
    StorageSettings Storage,
    ImmutableArray<IPEndPoint> Resolvers,
    CheckSettings Checks,
    TraefikSettings Traefik,
    LogSettings Logging,
    ConfigurationInputs Inputs,
    long Fingerprint,
    ImmutableArray<ConfigurationProblem> Warnings)
{
    public bool HasHttps => HasHttpsAmong(Endpoints);

    /// <summary>
    /// Judges what was loaded. Every problem goes to the load's list; with an error among them there are no settings.
    /// </summary>
    /// <param name="inForce">What these settings would replace: unchanged certificates are reused.</param>
    public static HostSettings? Read(LoadedConfiguration loaded, HostSettings? inForce, TimeProvider time)
    {
        var (tree, problems) = (loaded.Tree, loaded.Problems);
        var settings = new SettingsReader(tree, problems);
        var endpoints = EndpointSettings.Read(settings);
        var policies = PolicySnapshotBuilder.Build(tree, problems);
        var sources = CertificateSource.Read(settings);
        var fingerprint = FileCertificates.InputsOf(sources).Fingerprint();
        var certificates = FileCertificates.Load(sources, inForce?.Certificates ?? [], time.GetUtcNow(), problems);
        var result = new HostSettings(
            policies,
            TransitionSettings.Read(settings),
            certificates,
            fingerprint,
            endpoints,
            KnownNetworks.Read(settings),
            PublicHost.Read(settings),
            AcmeSettingsReader.Read(settings, HasHttpsAmong(endpoints)),
            StorageSettings.Read(settings)!, // null with an error alone, and then there are no settings
            Resolver.ReadSettings(settings),
            CheckSettings.Read(settings),
            TraefikSettings.Read(settings),
            LogSettings.Read(settings, tree),
            loaded.Inputs,
            loaded.Fingerprint,
            []);
        if (policies.All.IsEmpty && !problems.HasErrors)
            problems.Warning("MtaSts:Domains", default,
                "no domain is configured, so nothing is served but domains that were removed and that senders still hold a policy of",
                "add the first one");
        if (result is { HasHttps: true, Acme: null } && !problems.HasErrors) WarnOfMissingCertificates(result, time.GetUtcNow(), problems);
        if (result.Endpoints.FirstOrDefault(endpoint => endpoint is { ProxyProtocol: true, Address.IsUnixPipe: false }) is { } waiting
            && result.KnownNetworks.All.IsEmpty)
            problems.Warning($"Kestrel:Endpoints:{waiting.Name}:ProxyProtocol", default,
                "is on, and no proxy is known, so every connection is closed", "add the proxy's network to ForwardedHeaders:KnownNetworks");
        if (result is { Changes.Gate: GateMode.Block, Checks.Enabled: false })
            problems.Warning("MtaSts:EnforceGate", default,
                "is Block, and Checks:Enabled is false: a domain that is switched to enforce is held in testing for ever, since nobody "
                + "looks at its MX hosts", "set Checks:Enabled to true, or EnforceGate to Warn");
        problems.Sort();
        return problems.HasErrors ? null : result with { Warnings = [.. problems.Warnings] };
    }

    private static bool HasHttpsAmong(IReadOnlyList<EndpointSettings> endpoints) =>
        endpoints.Any(endpoint => endpoint is { IsHttps: true, IsManagement: false });

    private static void WarnOfMissingCertificates(HostSettings settings, DateTimeOffset now, ProblemList problems)
    {
        var certificates = new CertificateSnapshot([.. settings.Certificates.Select(entry => entry.Certificate)]);
        var without = settings.Policies.All.Where(policy => certificates.Find(policy.Host, now) is null).ToList();
        if (without.Count == 0) return;
        problems.Warning("Tls:Certificates", default,
            $"no certificate covers {without.Count} of {settings.Policies.All.Length} policy hosts, such as {without[0].Host}",
            "add theirs, or set Acme:AcceptTermsOfService to true to have them ordered; until then their handshakes are refused");
    }
}
