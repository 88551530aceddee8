using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using MtaStsHost.Certificates;
using MtaStsHost.Configuration;
using MtaStsHost.Logging;
using MtaStsHost.Policies;

namespace MtaStsHost.Hosting;

/// <summary>A whole configuration that was found good. Never changes; a reload makes a new one.</summary>
/// <param name="CertificateFingerprint">Of the certificate files, taken before they were read.</param>
/// <param name="Kestrel">The keys under <c>Kestrel</c>, for Kestrel's own reader.</param>
/// <param name="Resolvers">Empty: the system's.</param>
internal sealed record HostSettings(
    PolicySnapshot Policies,
    ImmutableArray<CertificateStore.Entry> Certificates,
    long CertificateFingerprint,
    IReadOnlyList<EndpointSettings> Endpoints,
    IReadOnlyDictionary<string, string?> Kestrel,
    SenderAddress SenderAddress,
    PublicHost? PublicHost,
    ImmutableArray<IPEndPoint> Resolvers,
    LogSettings Logging)
{
    public bool HasHttps => Endpoints.Any(endpoint => endpoint is { IsHttps: true, IsManagement: false });

    /// <summary>
    /// Judges what was loaded. Every problem goes to the load's list; with an error among them there are no settings.
    /// </summary>
    public static HostSettings? Read(LoadedConfiguration loaded, PolicySnapshot previous, TimeProvider time)
    {
        var (tree, problems) = (loaded.Tree, loaded.Problems);
        var settings = new SettingsReader(tree, problems);
        var endpoints = EndpointSettings.Read(settings);
        var policies = PolicySnapshotBuilder.Build(tree, previous, problems);
        var sources = CertificateSource.Read(settings);
        var fingerprint = CertificateStore.InputsOf(sources).Fingerprint();
        var certificates = CertificateStore.Load(sources, time.GetUtcNow(), problems);
        var result = new HostSettings(
            policies,
            certificates,
            fingerprint,
            endpoints,
            tree.Values
                .Where(entry => entry.Key.StartsWith("Kestrel:", StringComparison.OrdinalIgnoreCase) && entry.Value.Kind == SettingKind.Text)
                .ToDictionary(entry => entry.Key["Kestrel:".Length..], entry => entry.Value.Text, StringComparer.OrdinalIgnoreCase),
            SenderAddress.Read(settings),
            PublicHost.Read(settings),
            ReadResolvers(settings),
            LogSettings.Read(settings, tree));
        if (settings.Bool("Acme:AcceptTermsOfService", otherwise: false))
            problems.Warning("Acme:AcceptTermsOfService", settings.Find("Acme:AcceptTermsOfService")!.Value.Origin, "this version orders no certificates yet", "give the certificate files in Tls:Certificates");
        if (policies.All.IsEmpty && !problems.HasErrors)
            problems.Warning("MtaSts:Domains", default, "no domain is configured, so every request is answered with 404", "add the first one");
        problems.Sort();
        return problems.HasErrors ? null : result;
    }

    private static ImmutableArray<IPEndPoint> ReadResolvers(SettingsReader settings)
    {
        var resolvers = ImmutableArray.CreateBuilder<IPEndPoint>();
        foreach (var (path, value) in settings.List("Dns:Resolvers"))
        {
            // IPEndPoint reads "53" as 0.0.0.53.
            if (IPEndPoint.TryParse(value.Text!, out var endPoint)
                && (endPoint.AddressFamily == AddressFamily.InterNetworkV6 || endPoint.Address.ToString() == value.Text!.Split(':')[0]))
            {
                if (endPoint.Port == 0) endPoint.Port = 53;
                resolvers.Add(endPoint);
            }
            else
            {
                settings.Problems.Error(path, value.Origin, $"{ProblemList.Quote(value.Text)} is no address", "write an address, with a port where it isn't 53: 192.0.2.53, 127.0.0.1:8053 or [2001:db8::53]:53");
            }
        }

        return resolvers.DrainToImmutable();
    }
}
