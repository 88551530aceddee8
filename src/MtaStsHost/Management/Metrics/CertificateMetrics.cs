using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;
using Prometheus;

namespace MtaStsHost.Management.Metrics;

/// <summary>
/// Metrics of ordering certificates. A certificate has a label only when it should have been renewed, in the last
/// <see cref="RenewalSchedule.RenewalShare"/> of its lifetime, so that 100,000 others cost a scrape nothing.
/// </summary>
internal sealed class CertificateMetrics(CertificateIndex index, IssuingCounters counters, Live<AcmeSettings?> acme,
    IStore store, StoreHealth health, TimeProvider time, MetricFactory metrics)
{
    private static readonly TimeSpan s_window = TimeSpan.FromHours(3);

    private readonly Counter _orders = metrics.CreateCounter("mtastshost_acme_orders_total", "Certificates ordered from a CA.");
    private readonly Counter _obtained = metrics.CreateCounter("mtastshost_acme_certificates_total", "Certificates obtained from a CA.");
    private readonly Counter _failures = metrics.CreateCounter("mtastshost_acme_failures_total",
        "Failed attempts to get a certificate, by error class.", "type");
    private readonly Gauge _underWay = metrics.CreateGauge("mtastshost_acme_under_way",
        "Hosts whose certificate is being ordered at this moment.");
    private readonly Gauge _queue = metrics.CreateGauge("mtastshost_acme_queue_length",
        "Hosts that are due, by kind: renewals and first orders.", "kind");
    private readonly Gauge _missing = metrics.CreateGauge("mtastshost_acme_missing", "Hosts that have yet to get their first certificate.");
    private readonly Gauge _failing = metrics.CreateGauge("mtastshost_acme_failing", "Hosts whose last attempt failed.");
    private readonly Gauge _estimate = metrics.CreateGauge("mtastshost_acme_estimate_seconds",
        "Seconds until all hosts have a certificate, estimated from the rate limit of orders.");
    private readonly Gauge _challenges = metrics.CreateGauge("mtastshost_acme_open_challenges", "Challenges that a CA may validate.");
    private readonly Gauge _lifeLeft = metrics.CreateGauge("mtastshost_certificate_life_left_ratio",
        "What is left of a certificate's lifetime, from 1 to 0, for those in their last third.", "name");
    private readonly Gauge _leastLifeLeft = metrics.CreateGauge("mtastshost_certificate_least_life_left_ratio",
        "The least that is left of any issued certificate's lifetime, from 1 to 0.");
    private readonly Gauge _storeUp = metrics.CreateGauge("mtastshost_store_up", "1 if the store can be read and written, otherwise 0.");
    private readonly Gauge _damaged = metrics.CreateGauge("mtastshost_store_damaged_rows",
        "Rows that can't be read or written although the store works.");

    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        _orders.IncTo(counters.Orders);
        _obtained.IncTo(counters.Obtained);
        foreach (var (kind, count) in counters.Failures) _failures.WithLabels(kind).IncTo(count);
        _underWay.Set(counters.UnderWay);
        _damaged.Set(health.Damaged.Count);
        CollectLives();
        if (acme.Current is not { } settings)
        {
            _storeUp.Set(health.Policies.Error is null ? 1 : 0);
            return;
        }

        try
        {
            var queue = await store.GetQueueLengthAsync(cancellationToken);
            _queue.WithLabels("renewal").Set(queue.Renewals);
            _queue.WithLabels("first_order").Set(queue.FirstOrders);
            _missing.Set(queue.Missing);
            _challenges.Set(queue.OpenChallenges);
            _estimate.Set(queue.Missing / (double)settings.OrdersPerThreeHours * s_window.TotalSeconds);
            _storeUp.Set(health.Error is null ? 1 : 0);
        }
        catch (StoreException)
        {
            _storeUp.Set(0);
        }
    }

    private void CollectLives()
    {
        var now = time.GetUtcNow();
        var (least, failing) = (1.0, 0);
        var old = _lifeLeft.GetAllLabelValues().Select(labels => labels[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var summary in index.All)
        {
            if (summary.DueAt is null) continue;
            if (summary.FailureKind is not null) failing++;
            if (summary is not { NotBefore: { } notBefore, NotAfter: { } notAfter }) continue;
            var left = Math.Clamp((notAfter - now) / (notAfter - notBefore), 0, 1);
            least = Math.Min(least, left);
            if (left >= RenewalSchedule.RenewalShare) continue;
            _lifeLeft.WithLabels(summary.Host).Set(left);
            old.Remove(summary.Host);
        }

        foreach (var host in old) _lifeLeft.RemoveLabelled(host);
        _leastLifeLeft.Set(least);
        _failing.Set(failing);
    }
}
