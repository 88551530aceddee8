using MtaStsHost.Configuration;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>The settings in force; <c>null</c> when nothing is to be ordered.</summary>
internal sealed class CurrentAcmeSettings
{
    private AcmeSettings? _current;

    public AcmeSettings? Current => Volatile.Read(ref _current);

    /// <summary>Raised after <see cref="Current"/> has changed; handlers are quick.</summary>
    public event Action? Changed;

    public void Replace(AcmeSettings? settings)
    {
        // A reload of other settings brings an equal one; clients and accounts hang on the one that is there.
        if (Equals(Current, settings)) return;
        Volatile.Write(ref _current, settings);
        Changed?.Invoke();
    }
}
