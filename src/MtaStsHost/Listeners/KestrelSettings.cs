using MtaStsHost.Configuration;

namespace MtaStsHost.Listeners;

/// <summary>
/// The <c>Kestrel</c> section as Kestrel reads it, only from a configuration that is valid as a whole. Kestrel watches it, and opens and
/// closes listeners when it changes.
/// </summary>
internal sealed class KestrelSettings : ConfigurationProvider
{
    public KestrelSettings(Live<IReadOnlyList<EndpointSettings>> endpoints)
    {
        Section = new ConfigurationRoot([this]);
        endpoints.Changed += () => Replace(endpoints.Current.SelectMany(endpoint => endpoint.KestrelKeys)
            .ToDictionary(key => key.Key, key => key.Value, StringComparer.OrdinalIgnoreCase));
    }

    public IConfiguration Section { get; }

    private void Replace(Dictionary<string, string?> keys)
    {
        if (Data.Count == keys.Count && keys.All(key => Data.TryGetValue(key.Key, out var value) && value == key.Value)) return;
        Data = keys;
        OnReload();
    }
}
