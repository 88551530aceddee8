using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>Hosts whose rows the store can't read or keep. A certificate is ordered for them as for any other host.</summary>
/// <param name="isBusy">Whether a host is being worked on.</param>
internal sealed class DamagedHosts(CertificateQueue queue, IssuingContext context, Func<string, bool> isBusy)
{
    /// <summary>A backup may have been restored.</summary>
    private static readonly TimeSpan s_saveEvery = TimeSpan.FromMinutes(10);

    private long _saved;

    private IEnumerable<CertificateRecord> Kept => context.Index.Kept.Where(record => !isBusy(record.Host));

    /// <summary>Makes those due whose certificate can't be read: in the store, or else in memory.</summary>
    public async Task EnqueueAsync(CancellationToken cancellationToken)
    {
        var now = context.Time.GetUtcNow();
        foreach (var summary in context.Index.Unreadable.Where(summary => queue.Wants(summary.Host)).ToList())
        {
            try
            {
                if (summary.DueAt is not { } due || due > now) await context.Store.RequestRenewalAsync(summary.Host, cancellationToken);
            }
            catch (RowDamagedException e)
            {
                context.Index.Keep(CertificateRecord.Damaged(summary.Host, e.What) with { DueAt = now });
            }

            context.Index.TakeUnreadable(summary.Host);
        }
    }

    /// <summary>Leases those that are due and that the store can't keep.</summary>
    public async Task<IReadOnlyList<CertificateRecord>> ClaimAsync(int most, TimeSpan lease, CancellationToken cancellationToken)
    {
        var now = context.Time.GetUtcNow();
        var claimed = new List<CertificateRecord>();
        // Without a time: parked, and configured again.
        foreach (var record in Kept.Where(record => (record.DueAt is not { } due || due <= now) && queue.Wants(record.Host)).ToList())
        {
            if (claimed.Count == most) break;
            if (await context.Store.ClaimAsync(record.Host, context.Owner, lease, cancellationToken) is not null) claimed.Add(record);
        }

        return claimed;
    }

    /// <summary>When the next of them is due; <c>null</c>: never.</summary>
    public DateTimeOffset? NextDue => Kept.Where(record => queue.Wants(record.Host)).Min(record => record.DueAt);

    public void SaveSoon() => Volatile.Write(ref _saved, 0);

    /// <summary>Tries from time to time whether the store can keep them.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        var saved = Volatile.Read(ref _saved);
        if (saved != 0 && context.Time.GetElapsedTime(saved) < s_saveEvery) return;
        Volatile.Write(ref _saved, context.Time.GetTimestamp());
        foreach (var record in Kept.Where(record => record.Certificate is not null).ToList())
        {
            if (await context.Store.ClaimAsync(record.Host, context.Owner, s_saveEvery, cancellationToken) is not null)
                await context.SaveAsync(record, [], release: true, cancellationToken);
        }
    }
}
