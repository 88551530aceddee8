using Acme;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>When a certificate is renewed, and when the CA is asked about it. Pure: the same record and time give the same
/// answer.</summary>
internal static class RenewalSchedule
{
    /// <summary>Under this, half of the life must be left and not a third: three days of six would leave no time for a CA's
    /// outage.</summary>
    private static readonly TimeSpan s_shortLife = TimeSpan.FromDays(10);

    /// <summary>RFC 9773 §4.3 leaves it to the server's Retry-After; twice a day is the least that CAs ask for.</summary>
    private static readonly TimeSpan s_askEvery = TimeSpan.FromHours(6);

    private static readonly TimeSpan s_askAtMostEvery = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_askAtLeastEvery = TimeSpan.FromHours(12);

    /// <summary>A share of the life, never a number of days: lives of 90, 45 and 6 days are all in use.</summary>
    public static DateTimeOffset RenewAt(DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var life = notAfter - notBefore;
        return notAfter - (life < s_shortLife ? life / 2 : life / 3);
    }

    /// <summary>
    /// The time in the CA's window: chosen once at random, and kept as long as the window stays (RFC 9773 §4.2). Never in the last tenth of
    /// the certificate's life, whatever the CA says: senders must not see its end.
    /// </summary>
    /// <param name="fraction">From 0 to 1, at random.</param>
    public static CertificateRecord WithWindow(CertificateRecord record, RenewalInfo info, DateTimeOffset now, double fraction)
    {
        var certificate = record.Certificate!;
        var window = new StoredRenewalWindow(Milliseconds(info.Start), Milliseconds(info.End));
        var latest = certificate.NotAfter - ((certificate.NotAfter - certificate.NotBefore) / 10);
        var renewAt = record.Window == window && record.RenewAt is { } chosen ? chosen : info.TimeAt(fraction);
        // A CA, or a clock, that is wrong puts every new certificate's window in the past: without this they are ordered one a minute,
        // without end.
        var earliest = certificate.ObtainedAt + ((certificate.NotAfter - certificate.NotBefore) / 400);
        if (certificate.ObtainedAt <= now && renewAt < earliest) renewAt = earliest;
        return record with { Window = window, RenewAt = renewAt < latest
            ? renewAt : latest, AskWindowAt = NextAsk(now, info.RetryAfter, fraction) };
    }

    /// <summary>As the store keeps it: with the parts that it drops, a window that stayed would look like another one.</summary>
    private static DateTimeOffset Milliseconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    /// <summary>When to ask for the window again. A little earlier or later for each certificate, so that they don't all ask at
    /// once.</summary>
    public static DateTimeOffset NextAsk(DateTimeOffset now, TimeSpan? retryAfter, double fraction)
    {
        var wait = (retryAfter ?? s_askEvery) * (1 + (fraction / 10));
        return now + (wait < s_askAtMostEvery ? s_askAtMostEvery : wait > s_askAtLeastEvery ? s_askAtLeastEvery : wait);
    }

    /// <summary>Whether a certificate is to be ordered now.</summary>
    public static bool WantsOrder(CertificateRecord record, DateTimeOffset now) =>
        record.RenewalRequested || record.Certificate is not { RevokedAt: null } || record.RenewAt is not { } renewAt || renewAt <= now;

    /// <summary>The next time to look at a host whose certificate is good.</summary>
    public static DateTimeOffset? DueAt(CertificateRecord record) =>
        record.AskWindowAt is { } ask && (record.RenewAt is not { } renewAt || ask < renewAt) ? ask : record.RenewAt;
}
