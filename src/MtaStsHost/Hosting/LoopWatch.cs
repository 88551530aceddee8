using MtaStsHost.Runtime;

namespace MtaStsHost.Hosting;

/// <summary>Logs background loops that hang. Those that fail log it themselves.</summary>
internal sealed partial class LoopWatch(BackgroundLoops loops, TimeProvider time, ILogger<LoopWatch> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly HashSet<BackgroundLoop> _suspected = [];
    private readonly HashSet<BackgroundLoop> _stuck = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Look();
            await Task.Delay(s_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Look()
    {
        foreach (var loop in loops.All)
        {
            if (loop.IsStuck)
            {
                // Twice, since the machine may have been paused as a whole.
                if (!_suspected.Add(loop) && _stuck.Add(loop)) Hangs(loop.Name, loop.Loss, BackgroundLoop.Patience.TotalSeconds);
            }
            else
            {
                _suspected.Remove(loop);
                if (_stuck.Remove(loop)) WorksAgain(loop.Name);
            }
        }
    }

    [LoggerMessage(1010, LogLevel.Error, "The background loop '{Loop}' hangs, so {Loss}: its round has taken over {Seconds} s")]
    private partial void Hangs(string loop, string loss, double seconds);

    [LoggerMessage(1011, LogLevel.Information, "The background loop '{Loop}' works again")]
    private partial void WorksAgain(string loop);
}
