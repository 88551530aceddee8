using System.Collections.Concurrent;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates;

/// <summary>
/// Issued certificates, prepared for handshakes: loaded from the store when first requested, within a bound. Replaced ones are never
/// disposed of, since running handshakes still use them.
/// </summary>
/// <param name="capacity">Certificates in memory, about 11 KB each including what OpenSSL keeps.</param>
internal sealed partial class CertificateCache(CertificateIndex index,
    IStore store, TimeProvider time, ILogger<CertificateCache> log, int capacity = 20_000)
{
    /// <summary>While the store fails, handshakes of unknown clients must not make us try it all the time.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Lock _rotating = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<CertificateLookup>>> _loading = new(StringComparer.OrdinalIgnoreCase);

    // Two generations: what is requested moves to the young one. When that holds half of the capacity, it becomes the old one.
    private Generation _young = new();
    private Generation _old = new();
    private long _storeFailed;

    private bool IsPausing => Interlocked.Read(ref _storeFailed) is var at and not 0 && time.GetElapsedTime(at) < s_pause;

    /// <summary>From memory only; a hit allocates nothing.</summary>
    public bool TryGet(ReadOnlySpan<char> host, [NotNullWhen(true)] out ServingCertificate? certificate)
    {
        if (Volatile.Read(ref _young).TryGet(host, out var entry))
        {
            certificate = entry.Certificate;
            return true;
        }

        certificate = null;
        if (!Volatile.Read(ref _old).TryGet(host, out entry)) return false;
        certificate = Put(host.ToString(), entry, overwrite: false).Certificate;
        return true;
    }

    /// <summary>From memory, otherwise from the store, with one load for all who wait; a hit allocates nothing.</summary>
    public ValueTask<CertificateLookup> FindAsync(string host)
    {
        if (TryGet(host, out var certificate)) return new(new CertificateLookup(certificate));
        // Unknown clients can't make us read the store for a host that has no usable certificate there.
        if (index.Find(host) is not { NotAfter: not null } summary) return new(CertificateLookup.None);
        return IsPausing ? new(CertificateLookup.StoreUnreachable) : LoadOnceAsync(summary);
    }

    /// <summary>Activates a new certificate for all later handshakes.</summary>
    public void Replace(CertificateRecord record)
    {
        if (Prepare(record, index.Find(record.Host)) is { } entry) Put(record.Host, entry, overwrite: true);
    }

    /// <summary>Reloads cached certificates whose rows were changed, by this process or another; the old ones serve until then.</summary>
    /// <exception cref="StoreException">They can't be read now, and must be applied again.</exception>
    public async Task ApplyAsync(IReadOnlyList<CertificateSummary> changes, CancellationToken cancellationToken)
    {
        var stale = changes.Where(summary => TryPeek(summary.Host, out var entry)
            && (entry.NotBefore, entry.NotAfter) != (summary.NotBefore, summary.NotAfter))
            .Select(summary => summary.Host).ToList();
        if (stale.Count == 0) return;
        foreach (var record in await store.ListAsync(stale, cancellationToken))
        {
            // A new certificate is active before it is saved; the older one in the store must not take its place.
            if (TryPeek(record.Host, out var known) && record.Certificate?.ObtainedAt < known.ObtainedAt) continue;
            Replace(record);
        }
    }

    /// <param name="summary">With the host as the store spells it: clients may write the name in any case.</param>
    private async ValueTask<CertificateLookup> LoadOnceAsync(CertificateSummary summary)
    {
        var host = summary.Host;
        var load = _loading.GetOrAdd(host, _ => new Lazy<Task<CertificateLookup>>(() => LoadAsync(summary)));
        try
        {
            return await load.Value;
        }
        finally
        {
            _loading.TryRemove(KeyValuePair.Create(host, load));
        }
    }

    private async Task<CertificateLookup> LoadAsync(CertificateSummary summary)
    {
        var host = summary.Host;
        try
        {
            return (index.FindKept(host) ?? await store.FindAsync(host, CancellationToken.None)) is { } record
                && Prepare(record, summary) is { } entry ? new(Put(host, entry, overwrite: false).Certificate) : CertificateLookup.None;
        }
        catch (StoreException e)
        {
            Interlocked.Exchange(ref _storeFailed, time.GetTimestamp());
            NotLoaded(host, e.Message);
            return CertificateLookup.StoreUnreachable;
        }
    }

    /// <param name="summary">Of the row; <c>null</c>: not known yet.</param>
    private Entry? Prepare(CertificateRecord record, CertificateSummary? summary)
    {
        var fault = record.Damage;
        if (record.Certificate is { } stored)
        {
            try
            {
                var certificate = ServingCertificate.FromPem(stored.ChainPem, stored.KeyPem);
                return new Entry(certificate, stored.NotBefore, stored.NotAfter, stored.ObtainedAt);
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                fault = Printable.Text(e.Message);
            }
        }

        if (fault is null) return null;
        Unreadable(record.Host, fault);
        if (summary is not null) index.NoteUnreadable(summary);
        return null;
    }

    private bool TryPeek(string host, [NotNullWhen(true)] out Entry? entry) =>
        Volatile.Read(ref _young).TryGet(host, out entry) || Volatile.Read(ref _old).TryGet(host, out entry);

    /// <returns>The active entry.</returns>
    private Entry Put(string host, Entry entry, bool overwrite)
    {
        lock (_rotating)
        {
            // A slower caller may bring an older certificate, and the active one may have moved to the old generation meanwhile.
            if (!overwrite && TryPeek(host, out var known)) entry = known;
            if (_young.Count >= Math.Max(1, capacity / 2) && !_young.TryGet(host, out _))
            {
                Volatile.Write(ref _old, _young);
                Volatile.Write(ref _young, new Generation());
            }

            _young.Put(host, entry);
            return entry;
        }
    }

    private sealed record Entry(ServingCertificate Certificate, DateTimeOffset NotBefore,
        DateTimeOffset NotAfter, DateTimeOffset ObtainedAt);

    private sealed class Generation
    {
        private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);
        private readonly ConcurrentDictionary<string, Entry>.AlternateLookup<ReadOnlySpan<char>> _lookup;
        private int _count;

        public Generation() => _lookup = _entries.GetAlternateLookup<ReadOnlySpan<char>>();

        /// <summary>The dictionary's own count would lock it as a whole.</summary>
        public int Count => Volatile.Read(ref _count);

        public bool TryGet(ReadOnlySpan<char> host, [NotNullWhen(true)] out Entry? entry) => _lookup.TryGetValue(host, out entry);

        public void Put(string host, Entry entry)
        {
            if (_entries.TryAdd(host, entry)) Interlocked.Increment(ref _count);
            else _entries[host] = entry;
        }
    }

    [LoggerMessage(1440, LogLevel.Error, "Loading the certificate of {Host} failed; its handshakes are refused: {Error}")]
    private partial void NotLoaded(string host, string error);

    [LoggerMessage(1441, LogLevel.Error, "The stored certificate of {Host} is unreadable; a new one is ordered: {Error}")]
    private partial void Unreadable(string host, string error);
}
