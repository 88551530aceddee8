using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using MtaStsHost.Storage;
using MtaStsHost.Text;

namespace MtaStsHost.Certificates;

/// <summary>
/// Prepared certificates that were issued, loaded from the store when they are first asked for, as many as memory allows. Those that are
/// replaced are never disposed of: handshakes that began with them still use them.
/// </summary>
/// <param name="capacity">Certificates in memory, about 11 KB each with what OpenSSL keeps of them.</param>
internal sealed partial class CertificateCache(CertificateIndex index,
    IStore store, TimeProvider time, ILogger<CertificateCache> log, int capacity = CertificateCache.DefaultCapacity)
{
    public const int DefaultCapacity = 20_000;

    /// <summary>While the store fails, strangers' handshakes must not make us try it all the time.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Lock _rotating = new();
    // By host, the revision of a row whose certificate can't be read: it is tried again when the row changes.
    private readonly ConcurrentDictionary<string, long> _unreadable = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Lazy<Task<ServingCertificate?>>> _loading = new(StringComparer.OrdinalIgnoreCase);

    // Two generations: what is asked for moves to the young one; when that is half of the capacity, the old one goes, and it becomes the
    // old one.
    private Generation _young = new();
    private Generation _old = new();
    private long _storeFailed;

    [ActivatorUtilitiesConstructor]
    public CertificateCache(CertificateIndex index, IStore store, TimeProvider time, ILogger<CertificateCache> log)
        : this(index, store, time, log, DefaultCapacity)
    {
    }

    /// <summary>How many are in memory.</summary>
    public int Count => Volatile.Read(ref _young).Count + Volatile.Read(ref _old).Count;

    /// <summary>The certificate of a host, if it is in memory. Allocates nothing on a hit.</summary>
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

    /// <summary>The certificate of a host, from memory or from the store; one load however many wait for it.</summary>
    /// <returns><c>null</c>: there is none, or the store can't be read now.</returns>
    public async ValueTask<ServingCertificate?> GetAsync(string host)
    {
        if (TryGet(host, out var certificate)) return certificate;
        // Strangers can't make us read the store for a host that has nothing there, or nothing that can be used.
        if (index.Find(host) is not { NotAfter: not null } summary || IsPausing || IsUnreadable(summary)) return null;
        // The store's own spelling: strangers may write the name as they like.
        var load = _loading.GetOrAdd(summary.Host, name => new Lazy<Task<ServingCertificate?>>(() => LoadAsync(name)));
        try
        {
            return await load.Value;
        }
        finally
        {
            _loading.TryRemove(KeyValuePair.Create(summary.Host, load));
        }
    }

    /// <summary>Whether a host has a certificate that can't be read from the store now, and is to be asked for again in a moment.</summary>
    public bool IsOutOfReach(string host) => IsPausing && index.Find(host) is { NotAfter: not null } summary && !IsUnreadable(summary);

    /// <summary>Puts a new certificate in force, from the next handshake on.</summary>
    public void Replace(CertificateRecord record)
    {
        if (Prepare(record) is { } entry) Put(record.Host, entry, overwrite: true);
    }

    /// <summary>Takes note of rows that changed, here or at another host: what is in memory of them is loaded anew; the old one serves
    /// until then.</summary>
    /// <exception cref="StoreException">They can't be read now, and must be applied again.</exception>
    public async Task ApplyAsync(IReadOnlyList<CertificateSummary> changes, CancellationToken cancellationToken)
    {
        var stale = changes.Where(summary => TryPeek(summary.Host, out var entry)
            && (entry.NotBefore, entry.NotAfter) != (summary.NotBefore, summary.NotAfter))
            .Select(summary => summary.Host).ToList();
        if (stale.Count == 0) return;
        foreach (var record in await store.ListAsync(stale, cancellationToken))
        {
            // A new certificate is in force before the store has it; what the store has until then must not take its place.
            if (TryPeek(record.Host, out var known) && record.Certificate?.ObtainedAt < known.ObtainedAt) continue;
            Replace(record);
        }
    }

    private bool IsPausing => Interlocked.Read(ref _storeFailed) is var at and not 0 && time.GetElapsedTime(at) < s_pause;

    private bool IsUnreadable(CertificateSummary summary) => _unreadable.TryGetValue(summary.Host, out var revision)
        && revision == summary.Revision;

    private async Task<ServingCertificate?> LoadAsync(string host) => await ReadAsync(host) is { } entry
        ? Put(host, entry, overwrite: false).Certificate : null;

    private async Task<Entry?> ReadAsync(string host)
    {
        try
        {
            return await store.FindAsync(host, CancellationToken.None) is { } record ? Prepare(record) : null;
        }
        catch (StoreException e)
        {
            Interlocked.Exchange(ref _storeFailed, time.GetTimestamp());
            NotLoaded(host, e.Message);
            return null;
        }
    }

    private Entry? Prepare(CertificateRecord record)
    {
        if (record.Certificate is not { } stored) return null;
        try
        {
            var certificate = ServingCertificate.FromPem(stored.ChainPem, stored.KeyPem);
            _unreadable.TryRemove(record.Host, out _);
            return new Entry(certificate, stored.NotBefore, stored.NotAfter, stored.ObtainedAt);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            _unreadable[record.Host] = record.Revision;
            Unreadable(record.Host, Printable.Text(e.Message));
            return null;
        }
    }

    private bool TryPeek(string host, [NotNullWhen(true)] out Entry? entry) =>
        Volatile.Read(ref _young).TryGet(host, out entry) || Volatile.Read(ref _old).TryGet(host, out entry);

    /// <returns>What is in force now.</returns>
    private Entry Put(string host, Entry entry, bool overwrite)
    {
        lock (_rotating)
        {
            // Who was slower may come with an older one, and the one in force may have become old in between.
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

        /// <summary>The dictionary's own would lock it as a whole.</summary>
        public int Count => Volatile.Read(ref _count);

        public bool TryGet(ReadOnlySpan<char> host, [NotNullWhen(true)] out Entry? entry) => _lookup.TryGetValue(host, out entry);

        public void Put(string host, Entry entry)
        {
            if (_entries.TryAdd(host, entry)) Interlocked.Increment(ref _count);
            else _entries[host] = entry;
        }
    }

    [LoggerMessage(1440, LogLevel.Error, "{Host}: its certificate could not be loaded, so handshakes are refused: {Error}")]
    private partial void NotLoaded(string host, string error);

    [LoggerMessage(1441, LogLevel.Error,
        "{Host}: the stored certificate can't be read ({Error}); MtaStsHost certificates renew gets a new one")]
    private partial void Unreadable(string host, string error);
}
