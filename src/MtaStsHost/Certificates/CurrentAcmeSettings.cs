using MtaStsHost.Configuration;

namespace MtaStsHost.Certificates;

/// <summary>The active settings; <c>null</c> when no certificates are ordered.</summary>
internal sealed class CurrentAcmeSettings
{
    private AcmeSettings? _current;

    public AcmeSettings? Current => Volatile.Read(ref _current);

    /// <summary>Raised after <see cref="Current"/> has changed; handlers are quick.</summary>
    public event Action? Changed;

    public void Replace(AcmeSettings? settings)
    {
        // A reload of other settings brings an equal object; clients and accounts are tied to the existing one.
        if (Equals(Current, settings)) return;
        Volatile.Write(ref _current, settings);
        Changed?.Invoke();
    }
}
