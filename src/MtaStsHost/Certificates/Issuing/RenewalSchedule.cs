using Acme;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>When a certificate is renewed, and when the CA's renewal window is requested. Pure.</summary>
internal static class RenewalSchedule
{
    /// <summary>Below this, renew at half of the life and not at two thirds: two days of six leave no time for a CA's outage.</summary>
    private static readonly TimeSpan s_shortLife = TimeSpan.FromDays(10);

    /// <summary>RFC 9773 §4.3 leaves it to the server's Retry-After.</summary>
    private static readonly TimeSpan s_askEvery = TimeSpan.FromHours(6);

    private static readonly TimeSpan s_askAtMostEvery = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_askAtLeastEvery = TimeSpan.FromHours(12);

    /// <summary>What is left of its lifetime when a certificate is renewed. A share, not a number of days: lifetimes of 90, 45 and 6 days
    /// are all in use.</summary>
    public const double RenewalShare = 1.0 / 3;

    /// <summary>Unless the CA gives a window (<see cref="WithWindow"/>).</summary>
    public static DateTimeOffset RenewAt(DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var life = notAfter - notBefore;
        return notAfter - (life * (life < s_shortLife ? 0.5 : RenewalShare));
    }

    /// <summary>
    /// A time in the CA's window, chosen at random once per window (RFC 9773 §4.2). Never in the last tenth of the certificate's life:
    /// senders must not see it expire.
    /// </summary>
    /// <param name="fraction">From 0 to 1, at random.</param>
    public static CertificateRecord WithWindow(CertificateRecord record, RenewalInfo info, DateTimeOffset now, double fraction)
    {
        var certificate = record.Certificate!;
        var window = new StoredRenewalWindow(Milliseconds(info.Start), Milliseconds(info.End));
        var latest = certificate.NotAfter - ((certificate.NotAfter - certificate.NotBefore) / 10);
        var renewAt = record.Window == window && record.RenewAt is { } chosen ? chosen : info.TimeAt(fraction);
        // A wrong clock, here or at the CA, puts each new certificate's window in the past: without this, one is ordered every minute.
        var earliest = certificate.ObtainedAt + ((certificate.NotAfter - certificate.NotBefore) / 400);
        if (certificate.ObtainedAt <= now && renewAt < earliest) renewAt = earliest;
        return record with
        {
            Window = window, RenewAt = renewAt < latest ? renewAt : latest, AskWindowAt = NextAsk(now, info.RetryAfter, fraction),
        };
    }

    /// <summary>The store keeps milliseconds: with more, an unchanged window would look like a new one.</summary>
    private static DateTimeOffset Milliseconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    /// <summary>When to request the window again, with some spread so that certificates don't do it all at once.</summary>
    public static DateTimeOffset NextAsk(DateTimeOffset now, TimeSpan? retryAfter, double fraction)
    {
        var wait = (retryAfter ?? s_askEvery) * (1 + (fraction / 10));
        return now + (wait < s_askAtMostEvery ? s_askAtMostEvery : wait > s_askAtLeastEvery ? s_askAtLeastEvery : wait);
    }

    /// <summary>Whether a certificate must be ordered now. One from a CA that is not configured, such as a staging server, is not what
    /// the operator wants to be served.</summary>
    public static bool WantsOrder(CertificateRecord record, AcmeSettings settings, DateTimeOffset now) =>
        record.RenewalRequested || record.Certificate is not { RevokedAt: null } certificate || !settings.Has(certificate.DirectoryUrl)
        || record.RenewAt is not { } renewAt || renewAt <= now;

    /// <summary>From when on a certificate should have been renewed: the last fifth of its lifetime. If the CA wants it renewed later, the
    /// first quarter of what is left then is for the attempts.</summary>
    /// <param name="renewAt"><c>null</c>: unknown.</param>
    public static DateTimeOffset LateAt(DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset? renewAt)
    {
        var lastFifth = notAfter - ((notAfter - notBefore) / 5);
        return renewAt + ((notAfter - renewAt) / 4) is { } late && late > lastFifth ? late : lastFifth;
    }

    /// <summary>When a host with a good certificate is due next.</summary>
    public static DateTimeOffset? DueAt(CertificateRecord record) =>
        record.AskWindowAt is { } ask && (record.RenewAt is not { } renewAt || ask < renewAt) ? ask : record.RenewAt;
}
