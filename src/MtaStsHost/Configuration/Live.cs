namespace MtaStsHost.Configuration;

/// <summary>Settings that a reload replaces while the service runs: the one way in which they reach a feature.</summary>
internal sealed class Live<T>(T first) where T : class?
{
    private T _current = first;

    public T Current => Volatile.Read(ref _current);

    /// <summary>Raised after <see cref="Current"/> has changed; handlers are quick.</summary>
    public event Action? Changed;

    public void Replace(T settings)
    {
        // A reload of other settings brings an equal one; clients and accounts depend on the existing one.
        if (EqualityComparer<T>.Default.Equals(Current, settings)) return;
        Volatile.Write(ref _current, settings);
        Changed?.Invoke();
    }
}

/// <summary>All live settings; <c>LiveConfiguration</c> alone replaces them.</summary>
internal sealed class LiveSettings
{
    /// <summary><c>null</c>: no certificates are ordered.</summary>
    public Live<AcmeSettings?> Acme { get; } = new(null);

    public Live<BackgroundSettings> Background { get; } = new(new BackgroundSettings(CheckSettings.Default, [], null));

    public Live<IReadOnlyList<EndpointSettings>> Endpoints { get; } = new([]);

    public Live<KnownNetworks> KnownNetworks { get; } = new(new KnownNetworks([]));
}
