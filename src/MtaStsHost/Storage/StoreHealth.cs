using MtaStsHost.Runtime;

namespace MtaStsHost.Storage;

/// <summary>Whether the store works for each of its users: a disk may take a certificate and not the policies that were served.</summary>
internal sealed class StoreHealth(DamagedRows? damaged = null)
{
    /// <summary>Rows that can't be used although the store works.</summary>
    public DamagedRows Damaged { get; } = damaged ?? new DamagedRows();

    /// <summary>How long the listeners wait for a store that doesn't answer, in all, before they open without it.</summary>
    public static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(5);

    private long _startBegan;

    /// <summary>What is left of <see cref="LongestStart"/>, which begins with the first call.</summary>
    public TimeSpan StartPatience(TimeProvider time)
    {
        if (_startBegan == 0) _startBegan = time.GetTimestamp();
        var left = LongestStart - time.GetElapsedTime(_startBegan);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public StoreUse Certificates { get; } = new();

    public StoreUse Policies { get; } = new();

    /// <summary>What is wrong, in one line; <c>null</c>: everything works, or the store is not used.</summary>
    public string? Error => Certificates.Error ?? Policies.Error;
}

/// <summary>Whether the store works for one user: for health, and for the pause before the next attempt.</summary>
internal sealed class StoreUse
{
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(30);

    private readonly LastValue<string?> _error = new(null);
    private int _failures;

    /// <inheritdoc cref="StoreHealth.Error"/>
    public string? Error => _error.Value;

    /// <summary>1, 2, 4 … seconds, half a minute at most.</summary>
    public TimeSpan RetryAfter => TimeSpan.FromSeconds(Math.Min(s_longestRetry.TotalSeconds, Math.Pow(2, Math.Max(0, _failures - 1))));

    /// <returns>Whether that is news.</returns>
    public bool Fails(StoreException e)
    {
        Interlocked.Increment(ref _failures);
        return _error.Set(e.Message);
    }

    /// <returns>Whether that is news.</returns>
    public bool Works()
    {
        Interlocked.Exchange(ref _failures, 0);
        return _error.Set(null);
    }
}
