using Microsoft.Extensions.Hosting.Systemd;

namespace MtaStsHost.Hosting;

/// <summary>
/// Tells a supervisor that gave NOTIFY_SOCKET (systemd's <c>Type=notify</c>) that the host serves, and that it stops. Of the package
/// only the notifier: its lifetime would take the signals, and its log format is not ours.
/// </summary>
internal sealed class SupervisorNotice(ISystemdNotifier notifier, IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!notifier.IsEnabled) return Task.CompletedTask;
        lifetime.ApplicationStarted.Register(() => notifier.Notify(ServiceState.Ready));
        lifetime.ApplicationStopping.Register(() => notifier.Notify(ServiceState.Stopping));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
