using Microsoft.Extensions.Hosting.Systemd;

namespace MtaStsHost.Hosting;

/// <summary>
/// Notifies a supervisor that set NOTIFY_SOCKET (systemd's <c>Type=notify</c>) when the service is ready and when it stops. Only the
/// package's notifier is used: its lifetime would take the signals, and its log format is not ours.
/// </summary>
internal sealed class SupervisorNotice(ISystemdNotifier notifier, IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() => notifier.Notify(ServiceState.Ready));
        lifetime.ApplicationStopping.Register(() => notifier.Notify(ServiceState.Stopping));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
