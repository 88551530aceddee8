using Microsoft.Extensions.Hosting.Systemd;
using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Checks.Background;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Listeners;
using MtaStsHost.Listeners.Tls;
using MtaStsHost.Logging;
using MtaStsHost.Management;
using MtaStsHost.Management.Health;
using MtaStsHost.Management.Metrics;
using MtaStsHost.Network;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Traefik;
using MtaStsHost.Transitions;
using Prometheus;
using Serilog;
using Serilog.Extensions.Logging;

namespace MtaStsHost;

/// <summary>The composition root: what the host is made of, and which listener answers what.</summary>
internal static class MtaStsHostBuilder
{
    /// <summary>How long requests under way may take once the host is told to stop; who holds a connection open gets no more.</summary>
    private static readonly TimeSpan s_shutdown = TimeSpan.FromSeconds(1);

    /// <summary>How long the last log lines may take after that.</summary>
    private static readonly TimeSpan s_lastLines = TimeSpan.FromMilliseconds(500);

    /// <param name="loader">Reads the sources again when they change.</param>
    /// <param name="configuration">What it read first.</param>
    public static WebApplication Build(ConfigurationLoader loader, ServiceConfiguration configuration, HostLogging logging, TimeProvider time)
    {
        // The empty builder: no configuration, logger or middleware that isn't named here.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "MtaStsHost" });
        var kestrel = new KestrelSettings();
        builder.Services.AddSingleton(time).AddSingleton(loader).AddSingleton(configuration).AddSingleton(logging).AddSingleton(kestrel);
        builder.Logging.AddSerilog(logging.Logger, dispose: true);
        // One line of ours at the edge says what went wrong at start; the framework's has a stack trace. A host that must stop is Critical.
        builder.Logging.AddFilter<SerilogLoggerProvider>("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        // Its scopes and activities cost some percent of a request, and its lines say less than ours. For the provider by name: AddSerilog
        // adds a filter for its provider that lets everything through, and a provider's filter wins over a general one.
        builder.Logging.AddFilter<SerilogLoggerProvider>("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = s_shutdown);
        builder.WebHost.AddListeners(kestrel, configuration.Settings.Endpoints);
        builder.Services.AddPolicies().AddStore(configuration.Settings, time).AddHistory()
            .AddCertificates().AddIssuing(time).AddChecks().AddHealth().AddReload();

        var app = builder.Build();
        // In force before the server starts, so that no request finds an empty host.
        app.Services.GetRequiredService<LiveConfiguration>();
        app.Lifetime.ApplicationStopped.Register(() => logging.GiveUpAfter(s_lastLines, time));
        app.MapListeners();
        return app;
    }

    private static IServiceCollection AddPolicies(this IServiceCollection services) =>
        services.AddSingleton<ServedPolicies>().AddSingleton<IPolicyHosts>(provider =>
            provider.GetRequiredService<ServedPolicies>()).AddSingleton<CurrentSenderAddress>().AddSingleton<RequestStatistics>()
            .AddSingleton<PolicyLog>().AddSingleton<PolicyEndpoint>().AddSingleton<PublicListener>();

    private static IServiceCollection AddStore(this IServiceCollection services, HostSettings settings, TimeProvider time) =>
        services.AddSingleton<StoreHealth>().AddSingleton(_ => settings.Storage.Open(time))
            .AddSingleton<IStore>(provider => provider.GetRequiredService<SqlStore>())
            .AddSingleton<IPolicyHistory>(provider => provider.GetRequiredService<SqlStore>());

    /// <summary>What was served, what is served therefore, and when a domain may go to enforce.</summary>
    private static IServiceCollection AddHistory(this IServiceCollection services) =>
        services.AddSingleton<MxVerdicts>().AddSingleton<PolicyTransitions>().AddHostedService<PolicyRecorder>();

    private static IServiceCollection AddCertificates(this IServiceCollection services) =>
        services.AddSingleton<FileCertificates>().AddSingleton<HostCertificates>().AddSingleton<TlsHandshake>().AddSingleton<ChallengeHandshake>().AddSingleton(ConnectionLimit.OfProcess()).AddSingleton<ProxyProtocol>();

    /// <summary>Certificates through ACME. Nothing of it does anything as long as nothing is to be ordered.</summary>
    private static IServiceCollection AddIssuing(this IServiceCollection services, TimeProvider time)
    {
        services.AddSingleton<IssuingCounters>();
        services.AddSingleton<CurrentAcmeSettings>().AddSingleton<CertificateIndex>().AddSingleton<CertificateCache>().AddSingleton<OpenChallenges>()
            .AddSingleton<StoredChallenges>().AddSingleton<Http01Endpoint>();
        services.AddSingleton<SelfCheck>().AddSingleton(provider => new PreflightCheck(
            () => new Resolver(provider.GetRequiredService<LiveConfiguration>().Current.Settings.Dns.Resolvers),
            provider.GetRequiredService<SelfCheck>(), PreflightPorts.Default, time));
        services.AddSingleton(provider => new IssuingContext(
            $"host/{Guid.NewGuid():N}", provider.GetRequiredService<IStore>(), provider.GetRequiredService<OpenChallenges>(),
            provider.GetRequiredService<PreflightCheck>(), provider.GetRequiredService<IssuingCounters>(), time));
        services.AddSingleton<HostIssuance>().AddSingleton<StoreWatch>().AddSingleton<CertificateQueue>().AddSingleton<CertificateManager>();
        services.AddHostedService(provider => provider.GetRequiredService<StoreWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<CertificateManager>());
        return services;
    }

    /// <summary>What a sender finds of each domain, looked at again and again.</summary>
    private static IServiceCollection AddChecks(this IServiceCollection services) =>
        services.AddSingleton<Func<BackgroundSettings>>(provider => () =>
            Of(provider.GetRequiredService<LiveConfiguration>().Current.Settings))
            .AddSingleton<CurrentAuthorities>().AddSingleton<FindAuthorities>(provider =>
                provider.GetRequiredService<CurrentAuthorities>().FindAsync)
            .AddSingleton<CurrentChecker>().AddSingleton<CheckPolicy>(provider => provider.GetRequiredService<CurrentChecker>().CheckAsync)
            .AddSingleton<CheckResults>().AddSingleton<FindingLog>().AddHostedService<BackgroundChecks>();

    private static BackgroundSettings Of(HostSettings settings) => new(settings.Checks, settings.Dns.Resolvers, settings.PublicHost);

    private static IServiceCollection AddHealth(this IServiceCollection services) =>
        services.AddSingleton<CertificateJudge>().AddSingleton<Func<MetricFactory, CertificateMetrics>>(provider => metrics =>
                ActivatorUtilities.CreateInstance<CertificateMetrics>(provider, metrics))
            .AddSingleton<Func<MetricFactory,
                CheckMetrics>>(provider => metrics => ActivatorUtilities.CreateInstance<CheckMetrics>(provider, metrics))
            .AddSingleton<HealthReporter>().AddSingleton<ServiceMetrics>()
            .AddSingleton<TraefikEndpoint>().AddSingleton<ManagementEndpoints>().AddSingleton<PublicHealthEndpoint>();

    private static IServiceCollection AddReload(this IServiceCollection services)
    {
        services.AddSingleton<LiveConfiguration>();
        services.AddHostedService<ConfigurationReloader>().AddHostedService<StartReport>();
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddHostedService<SupervisorNotice>();
        return services;
    }

    private static void MapListeners(this WebApplication app)
    {
        var listener = app.Services.GetRequiredService<PublicListener>();
        var management = app.Services.GetRequiredService<ManagementEndpoints>();
        app.Run(context => context.Features.Get<ManagementConnection>() is null
            ? listener.HandleAsync(context) : management.HandleAsync(context));
    }
}
