namespace MtaStsHost.Checks.Mx;

/// <summary>The connections to MX hosts of all domains. Domains of one provider share its hosts: there is one connection per host and
/// address, and its result is used for a while. At most <see cref="MaxConnections"/> at once, whatever the number of domains.</summary>
/// <param name="life">How long a result is used, unless a newer one is requested; null: as long as this lives.</param>
// The semaphore's handle is never requested, so there is nothing to dispose of, and a connection may outlive its requester.
#pragma warning disable CA1001
internal sealed class MxProbes(SmtpProbe probe, SmtpReachability reachability, TimeSpan? life, TimeProvider time)
#pragma warning restore CA1001
{
    public const int MaxConnections = 128;

    private readonly SemaphoreSlim _slots = new(MaxConnections);
    private readonly Dictionary<(string Host, IPAddress Address), Shared> _known = [];
    private readonly Lock _lock = new();
    private long _swept = time.GetTimestamp();

    /// <summary>Whether the SMTP port of addresses such as this is known to be reachable from here.</summary>
    public bool IsPortOpen(IPAddress address) => reachability.IsProven(address);

    /// <summary>What the host shows at the address. The connection is shared: only its own timeout ends it, no cancellation.</summary>
    /// <param name="notOlderThan">null: whatever counts.</param>
    /// <exception cref="OperationCanceledException">And nothing else.</exception>
    public Task<SmtpProbeResult> ProbeAsync(string host, IPAddress address, TimeSpan? notOlderThan, CancellationToken cancellationToken)
    {
        Shared shared;
        lock (_lock)
        {
            var key = (host.ToLowerInvariant(), address);
            Sweep();
            if (!_known.TryGetValue(key, out shared!) || IsOver(shared, notOlderThan))
                _known[key] = shared = new Shared(time.GetTimestamp(), new Lazy<Task<SmtpProbeResult>>(() => ConnectAsync(host, address)));
        }

        return shared.Result.Value.WaitAsync(cancellationToken);
    }

    /// <summary>Once per life, since it goes through all entries.</summary>
    private void Sweep()
    {
        if (life is null || time.GetElapsedTime(_swept) < life) return;
        _swept = time.GetTimestamp();
        foreach (var (key, _) in _known.Where(entry => IsOver(entry.Value, life)).ToList()) _known.Remove(key);
    }

    private bool IsOver(Shared shared, TimeSpan? most) =>
        shared.Result is { IsValueCreated: true, Value: { IsCompleted: true } result }
        && (!result.IsCompletedSuccessfully || (time.GetElapsedTime(shared.Since) is var age && (age > life || age > most)));

    private async Task<SmtpProbeResult> ConnectAsync(string host, IPAddress address)
    {
        await _slots.WaitAsync();
        try
        {
            var result = await probe.ProbeAsync(host, address, CancellationToken.None);
            if (result.Greeted) reachability.Proven(address);
            return result;
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <param name="Since">Of the first request; a timestamp, so that setting the clock doesn't change its age.</param>
    private sealed record Shared(long Since, Lazy<Task<SmtpProbeResult>> Result);
}
