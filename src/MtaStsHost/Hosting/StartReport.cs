using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using MtaStsHost.Certificates;

namespace MtaStsHost.Hosting;

/// <summary>Says in one line, once all listeners are up, what is served where.</summary>
internal sealed partial class StartReport(
    IServer server, LiveConfiguration configuration, CertificateStore certificates, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<StartReport> log) : IHostedService
{
    private const int DomainsShown = 10;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Report);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Report()
    {
        var settings = configuration.Current.Settings;
        var all = settings.Policies.All;
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var domains = string.Join(", ", all.Take(DomainsShown).Select(policy => $"{policy.Domain} id={policy.Id}"));
        if (all.Length > DomainsShown) domains += $" and {all.Length - DomainsShown} more";
        Started(HostVersion.Text, all.Length, string.Join(" ", addresses), domains);
        foreach (var warning in settings.Warnings.Take(DomainsShown)) Warning(warning.ToString());
        if (settings.Warnings.Length > DomainsShown) MoreWarnings(settings.Warnings.Length - DomainsShown);
        if (!settings.HasHttps) return;
        var now = time.GetUtcNow();
        if (all.FirstOrDefault(policy => certificates.Current.Find(policy.Host, now) is null) is { } without) NoCertificate(without.Host);
    }

    [LoggerMessage(1000, LogLevel.Information, "MtaStsHost {Version} serves {Count} policies on {Addresses}: {Domains}")]
    private partial void Started(string version, int count, string addresses, string domains);

    [LoggerMessage(1001, LogLevel.Warning, "{Warning}")]
    private partial void Warning(string warning);

    [LoggerMessage(1002, LogLevel.Warning, "and {Count} more warnings; MtaStsHost validate lists them all")]
    private partial void MoreWarnings(int count);

    [LoggerMessage(1003, LogLevel.Warning, "No certificate covers {Host}: its handshakes are refused; see /health for all such hosts")]
    private partial void NoCertificate(string host);
}
