using MtaStsHost.Configuration;

namespace MtaStsHost.Listeners;

/// <summary>
/// The <c>Kestrel</c> section as Kestrel reads it, only from a configuration that is valid as a whole. Kestrel watches it, and opens and
/// closes listeners when it changes: first it closes, then it waits up to five seconds for connections, then it opens. So a changed
/// endpoint is added under another name, and the old one is removed once the new one listens.
/// </summary>
internal sealed class KestrelSettings : ConfigurationProvider
{
    private readonly Lock _lock = new();
    private IReadOnlyList<(EndpointSettings Endpoint, string Name)> _active = [];

    public KestrelSettings(Live<IReadOnlyList<EndpointSettings>> endpoints)
    {
        Section = new ConfigurationRoot([this]);
        endpoints.Changed += () => Add(endpoints.Current);
    }

    public IConfiguration Section { get; }

    /// <summary>Of the endpoint that takes the place of one that has its own name.</summary>
    public static string SecondName(string name) => name + "'";

    /// <summary>Called when all new listeners listen.</summary>
    public void RemoveReplaced()
    {
        lock (_lock) Replace(_active);
    }

    private void Add(IReadOnlyList<EndpointSettings> endpoints)
    {
        lock (_lock)
        {
            var next = endpoints.Select(endpoint => (endpoint, NameOf(endpoint))).ToList();
            var isAnyNew = next.Except(_active).Any();
            var both = next.Concat(_active).DistinctBy(entry => entry.Item2, StringComparer.OrdinalIgnoreCase).ToList();
            _active = next;
            Replace(isAnyNew ? both : next);
        }
    }

    private string NameOf(EndpointSettings endpoint)
    {
        var known = _active.FirstOrDefault(active => active.Endpoint == endpoint).Name;
        if (known is not null) return known;
        return _active.Any(active => active.Name.Equals(endpoint.Name, StringComparison.OrdinalIgnoreCase))
            ? SecondName(endpoint.Name) : endpoint.Name;
    }

    private void Replace(IEnumerable<(EndpointSettings Endpoint, string Name)> endpoints)
    {
        var keys = endpoints.SelectMany(entry => entry.Endpoint.KestrelKeys(entry.Name))
            .ToDictionary(key => key.Key, key => key.Value, StringComparer.OrdinalIgnoreCase);
        if (Data.Count == keys.Count && keys.All(key => Data.TryGetValue(key.Key, out var value) && value == key.Value)) return;
        Data = keys;
        OnReload();
    }
}
