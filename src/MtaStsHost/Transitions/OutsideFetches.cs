using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>When clients outside this network fetched policies: evidence that senders hold them, which must outlive the process.</summary>
internal sealed class OutsideFetches
{
    private long _from;

    /// <summary>Those since the last note.</summary>
    public IReadOnlyCollection<OutsideFetch> Of(ServedSnapshot served) =>
    [
        .. served.All.Where(host => host.Statistics.FetchedFromOutside is { } at && at.ToUnixTimeSeconds() >= _from)
            .Select(host => new OutsideFetch(host.Policy.Domain.Value, At(host, AddressFamily.InterNetwork),
                At(host, AddressFamily.InterNetworkV6))),
    ];

    /// <summary>They are written down.</summary>
    /// <param name="at">When that began.</param>
    public void Noted(DateTimeOffset at) => _from = at.ToUnixTimeSeconds();

    /// <summary>Adds those of earlier processes to the statistics.</summary>
    public static void Restore(ServedSnapshot served, IReadOnlyList<OutsideFetch> fetches)
    {
        foreach (var fetch in fetches)
        {
            if (!served.TryFind(MtaSts.PolicyFetcher.HostPrefix + fetch.Domain, out var host)) continue;
            Restore(host.Statistics, AddressFamily.InterNetwork, fetch.V4);
            Restore(host.Statistics, AddressFamily.InterNetworkV6, fetch.V6);
        }
    }

    private static void Restore(HostStatistics statistics, AddressFamily family, DateTimeOffset? at)
    {
        // One that was counted by this process is later.
        if (at is { } known && statistics.LastFromOutside(family) == 0) statistics.NoteFromOutside(family, known.ToUnixTimeSeconds());
    }

    private static DateTimeOffset? At(ServedHost host, AddressFamily family) =>
        host.Statistics.LastFromOutside(family) is var at and > 0 ? DateTimeOffset.FromUnixTimeSeconds(at) : null;
}
