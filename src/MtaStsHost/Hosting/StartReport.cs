using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using MtaStsHost.Listeners;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;

namespace MtaStsHost.Hosting;

/// <summary>Says in one line, once all listeners are up, what is served where; and at the end that it was a stop, and no crash.</summary>
internal sealed partial class StartReport(
    IServer server, LiveConfiguration configuration, ServedPolicies policies, ConnectionLimit limit, IHostApplicationLifetime lifetime,
    ILogger<StartReport> log) : IHostedService
{
    /// <summary>A single sender with many domains may open a hundred.</summary>
    private const int FewConnections = 500;

    /// <summary>Of a line, for the names of settings.</summary>
    private const int MaxVariables = 100;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Report);
        lifetime.ApplicationStopping.Register(Stopping);
        lifetime.ApplicationStopped.Register(Stopped);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Report()
    {
        var warnings = configuration.Current.Configuration.Warnings;
        var all = policies.Current.All;
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        Started(ServiceVersion.Text, all.Length, string.Join(" ", addresses));
        all.Report(policy => Served(policy.Domain.Value, policy.Id.Value), MoreServed);
        var variables = configuration.Current.Configuration.FromEnvironment;
        if (variables.Count > 0) FromEnvironment(Printable.Text(string.Join(' ', variables), MaxVariables));
        warnings.Report(warning => Warning(warning.ToString()), MoreWarnings);
        if (limit.Connections < FewConnections) Few(limit.Connections, ConnectionLimit.OpenFiles);
    }

    [LoggerMessage(1000, LogLevel.Information, "MtaStsHost {Version} is ready; policies: {Count}; listeners: {Addresses}")]
    private partial void Started(string version, int count, string addresses);

    [LoggerMessage(1008, LogLevel.Information, "Policy of {Domain} is served, id={Id}")]
    private partial void Served(string domain, string id);

    [LoggerMessage(1009, LogLevel.Information, "More policies are served: {Count}; /health lists them all")]
    private partial void MoreServed(int count);

    [LoggerMessage(1001, LogLevel.Warning, "{Warning}")]
    private partial void Warning(string warning);

    [LoggerMessage(1002, LogLevel.Warning, "More warnings: {Count}; MtaStsHost validate lists them all")]
    private partial void MoreWarnings(int count);

    [LoggerMessage(1006, LogLevel.Warning, "At most {Connections} connections are accepted at a time: only {Files} files may be open")]
    private partial void Few(int connections, long files);

    [LoggerMessage(1007, LogLevel.Information, "Environment variables set {Settings}")]
    private partial void FromEnvironment(string settings);

    [LoggerMessage(1004, LogLevel.Information, "MtaStsHost was told to stop")]
    private partial void Stopping();

    [LoggerMessage(1005, LogLevel.Information, "MtaStsHost has stopped")]
    private partial void Stopped();
}
