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
using MtaStsHost.Runtime;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Traefik;
using MtaStsHost.Transitions;
using Prometheus;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace MtaStsHost;

/// <summary>The composition root: what the service consists of, and which listener answers what.</summary>
internal static class MtaStsHostBuilder
{
    /// <summary>How long current requests may take once the service is told to stop, even if a client keeps its connection open.</summary>
    private static readonly TimeSpan s_shutdown = TimeSpan.FromSeconds(1);

    /// <summary>How long writing the last log lines may take after that.</summary>
    private static readonly TimeSpan s_lastLines = TimeSpan.FromMilliseconds(500);

    private const string Http2Source = "Microsoft.AspNetCore.Server.Kestrel.Http2";

    /// <param name="loader">Reads the sources again when they change.</param>
    /// <param name="configuration">What it read first.</param>
    public static WebApplication Build(
        ConfigurationLoader loader, ServiceConfiguration configuration, HostLogging logging, TimeProvider time)
    {
        // The empty builder has no configuration, logger or middleware but those named here.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "MtaStsHost" });
        var live = new LiveSettings();
        var kestrel = new KestrelSettings(live.Endpoints);
        builder.Services.AddSingleton(time).AddSingleton(loader).AddSingleton(configuration).AddSingleton(logging)
            .AddSingleton<BackgroundLoops>().AddSingleton(live).AddSingleton(live.Endpoints)
            .AddSingleton(live.Acme).AddSingleton(live.Background).AddSingleton(live.KnownNetworks);
        builder.Logging.AddSerilog(logging.Logger, dispose: true);
        // A line of ours says why a start failed; the framework's has a stack trace. What stops a running service is Critical.
        builder.Logging.AddFilter<SerilogLoggerProvider>("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        // Its scopes and activities cost some percent of a request, and its lines say less than ours. By provider, since AddSerilog adds a
        // filter for its provider that passes everything, and a provider's filter takes precedence over a general one.
        builder.Logging.AddFilter<SerilogLoggerProvider>("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // Unknown clients cause these at will, among them critical ones with a stack trace: only for debugging HTTP/2.
        builder.Logging.AddFilter<SerilogLoggerProvider>(Http2Source, _ => logging.IsEnabled(Http2Source, LogEventLevel.Debug));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = s_shutdown);
        builder.WebHost.AddListeners(kestrel, configuration.Settings.Endpoints);
        builder.Services.AddPolicies().AddStore(configuration.Settings, time).AddHistory()
            .AddCertificates().AddIssuing(time).AddChecks().AddHealth().AddReload();

        var app = builder.Build();
        // Active before the server starts, so that no request finds an empty service.
        app.Services.GetRequiredService<LiveConfiguration>();
        app.Lifetime.ApplicationStopped.Register(() => logging.GiveUpAfter(s_lastLines, time));
        app.MapListeners();
        return app;
    }

    private static IServiceCollection AddPolicies(this IServiceCollection services) =>
        services.AddSingleton<ServedPolicies>().AddSingleton<IPolicyHosts>(provider =>
            provider.GetRequiredService<ServedPolicies>()).AddSingleton<SenderAddress>()
            .AddSingleton<PolicyLog>().AddSingleton<PolicyEndpoint>().AddSingleton<PublicEndpoints>();

    private static IServiceCollection AddStore(this IServiceCollection services, HostSettings settings, TimeProvider time) =>
        services.AddSingleton(settings.Storage).AddSingleton<DamagedRows>().AddSingleton<StoreHealth>()
            .AddSingleton(provider => settings.Storage.Open(time, provider.GetRequiredService<DamagedRows>()))
            .AddSingleton<IStore>(provider => provider.GetRequiredService<SqlStore>())
            .AddSingleton<IPolicyHistory>(provider => provider.GetRequiredService<SqlStore>());

    /// <summary>What was served, what follows from that, and when a domain may go to enforce.</summary>
    private static IServiceCollection AddHistory(this IServiceCollection services) =>
        services.AddSingleton<MxVerdicts>().AddSingleton<RecordSightings>().AddSingleton<PolicyTransitions>()
            .AddHostedService<PolicyRecorder>();

    private static IServiceCollection AddCertificates(this IServiceCollection services) =>
        services.AddSingleton<FileCertificates>().AddSingleton<HostCertificates>().AddSingleton<TlsHandshake>()
            .AddSingleton<ChallengeHandshake>().AddSingleton(ConnectionLimit.OfProcess()).AddSingleton<ProxyProtocol>();

    /// <summary>Certificates through ACME; idle unless certificates are to be ordered.</summary>
    private static IServiceCollection AddIssuing(this IServiceCollection services, TimeProvider time)
    {
        services.AddSingleton<IssuingCounters>().AddSingleton<CertificateIndex>().AddSingleton<CertificateCache>()
            .AddSingleton<OpenChallenges>().AddSingleton<StoredChallenges>().AddSingleton<Http01Endpoint>();
        services.AddSingleton<SelfCheck>().AddSingleton(provider => new PreflightCheck(
            () => new Resolver(provider.GetRequiredService<Live<BackgroundSettings>>().Current.Resolvers),
            provider.GetRequiredService<SelfCheck>(), PreflightPorts.Default, time));
        services.AddSingleton(provider => new IssuingContext(
            $"host/{Guid.NewGuid():N}", provider.GetRequiredService<IStore>(), provider.GetRequiredService<CertificateIndex>(),
            provider.GetRequiredService<OpenChallenges>(), provider.GetRequiredService<PreflightCheck>(),
            new CurrentBasis(provider.GetRequiredService<Live<BackgroundSettings>>(), new RootsFiles(time)),
            provider.GetRequiredService<IssuingCounters>(), time));
        services.AddSingleton<HostIssuance>().AddSingleton<StoreWatch>().AddSingleton<CertificateQueue>()
            .AddSingleton<CertificateManager>();
        services.AddHostedService(provider => provider.GetRequiredService<StoreWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<CertificateManager>());
        return services;
    }

    /// <summary>Regular checks of each domain, as a sender sees it.</summary>
    private static IServiceCollection AddChecks(this IServiceCollection services) =>
        services.AddSingleton<CurrentAuthorities>().AddSingleton<FindAuthorities>(provider =>
                provider.GetRequiredService<CurrentAuthorities>().FindAsync)
            .AddSingleton<PolicyHostFixed>(provider => provider.GetRequiredService<CertificateManager>().HostFixed)
            .AddSingleton<CurrentChecker>().AddSingleton<CheckPolicy>(provider => provider.GetRequiredService<CurrentChecker>().CheckAsync)
            .AddSingleton<CheckResults>().AddSingleton<FindingLog>().AddHostedService<BackgroundChecks>();

    private static IServiceCollection AddHealth(this IServiceCollection services)
    {
        var registry = Metrics.NewCustomRegistry();
        DotNetStats.Register(registry);
        return services.AddSingleton(registry).AddSingleton(Metrics.WithCustomRegistry(registry))
            .AddSingleton<ServiceMetrics>().AddSingleton<CertificateMetrics>().AddSingleton<CheckMetrics>()
            .AddSingleton<CertificateAssessor>().AddSingleton<HealthReporter>()
            .AddSingleton<TraefikEndpoint>().AddSingleton<ManagementEndpoints>().AddSingleton<PublicHealthEndpoint>();
    }

    private static IServiceCollection AddReload(this IServiceCollection services)
    {
        services.AddSingleton<LiveConfiguration>();
        services.AddHostedService<ConfigurationReloader>().AddHostedService<LoopWatch>().AddHostedService<StartReport>();
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddHostedService<SupervisorNotice>();
        return services;
    }

    private static void MapListeners(this WebApplication app)
    {
        var endpoints = app.Services.GetRequiredService<PublicEndpoints>();
        var management = app.Services.GetRequiredService<ManagementEndpoints>();
        app.Run(context => context.Features.Get<ManagementConnection>() is null
            ? endpoints.HandleAsync(context) : management.HandleAsync(context));
    }
}
