
namespace MtaStsHost.Management.Health;

/// <summary>Ready from the moment on which all listeners are up, until the host is told to stop.</summary>
internal sealed class Readiness(IHostApplicationLifetime lifetime)
{
    public bool IsReady => lifetime.ApplicationStarted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested;
}
