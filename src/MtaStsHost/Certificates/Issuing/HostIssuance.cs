using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Acme;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;
using MtaStsHost.Text;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// What is done for one host that is due: asks for its renewal window, or gets a certificate from the first CA that gives one, and writes
/// down
/// what became of it and when to look again.
/// </summary>
internal sealed partial class HostIssuance(IssuingContext context, CertificateCache cache, ILogger<HostIssuance> log) : IDisposable
{
    private static readonly TimeSpan s_saveAgain = TimeSpan.FromSeconds(30);

    /// <summary>Attempts in a row that go on with the same order: where the CA fails, and where it is only slow, which takes some a
    /// day.</summary>
    private const int FailedAttemptsAnOrder = 4;

    private const int SlowAttemptsAnOrder = 24;

    private readonly Lock _gate = new();

    /// <summary>Until when a CA is not to be asked for a host. Gone with the process: the row's own next attempt is what is kept.</summary>
    private readonly ConcurrentDictionary<(string Host, AuthoritySettings Authority), DateTimeOffset> _waits = new();

    private readonly Dictionary<AuthoritySettings, CertificateAuthority> _authorities = [];
    private AcmeSettings? _settings;

    /// <param name="record">Leased.</param>
    /// <exception cref="OrderPacedException">Written down; no more first orders before that time.</exception>
    public async Task WorkOnAsync(CertificateRecord record, AcmeSettings settings, CancellationToken cancellationToken)
    {
        var now = context.Time.GetUtcNow();
        var after = RenewalSchedule.WantsOrder(record, now)
            ? await OrderAsync(record, settings, cancellationToken)
            : await AskWindowAsync(record, settings, now, cancellationToken);
        var isNew = !ReferenceEquals(after.Certificate, record.Certificate);
        await KeepAsync(after, isNew, cancellationToken);
        if (!isNew) return;
        foreach (var authority in settings.Authorities) _waits.TryRemove((record.Host, authority), out _);
        context.Counters.CountObtained();
        Obtained(after.Host, after.Certificate!.Issuer, Text(after.Certificate.NotAfter), Text(after.RenewAt!.Value));
    }

    /// <summary>A fault of this program is written down like any other failure, or it would be tried again without end.</summary>
    public Task GiveUpAsync(CertificateRecord record, Exception fault, CancellationToken cancellationToken)
    {
        context.Counters.CountFailure(FailureKind.Internal);
        // Should an order be what the fault comes from, the next attempt begins without it.
        return KeepAsync(Failed(record with { Order = null },
            [new IssuanceException(FailureKind.Internal, $"an unforeseen fault: {Printable.Text(fault.Message)}", inner: fault)]),
            isNew: false, cancellationToken);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var authority in _authorities.Values) authority.Dispose();
            _authorities.Clear();
        }
    }

    private async Task<CertificateRecord> OrderAsync(CertificateRecord record, AcmeSettings settings, CancellationToken cancellationToken)
    {
        var (failures, waiting) = (new List<IssuanceException>(), new List<DateTimeOffset>());
        // Another CA comes in when the first has failed once already: an outage of a minute should not spread an operator's certificates
        // over two.
        var tried = record.Failure is null ? 1 : settings.Authorities.Length;
        foreach (var authority in settings.Authorities.Take(tried))
        {
            if (tried > 1 && _waits.TryGetValue((record.Host, authority), out var until) && until > context.Time.GetUtcNow())
            {
                waiting.Add(until);
                continue;
            }

            var (after, failure) = await OrderAtAsync(authority, record, settings, cancellationToken);
            if (failure is null) return after;
            // An order that never comes to an end is given up from time to time: a CA can break one for good, and take the next.
            var most = failure.Kind == FailureKind.Slow ? SlowAttemptsAnOrder : FailedAttemptsAnOrder;
            var goesOn = failure.OrderLives && ((record.Failure?.Attempts ?? 0) + 1) % most != 0;
            record = goesOn ? after : after with { Order = null };
            context.Counters.CountFailure(failure.Kind);
            failures.Add(failure);
            if (settings.Authorities.Length > 1) Wait(record, authority, failure);
            if (!failure.OthersMayDo) break;
        }

        return failures.Count > 0 ? Failed(record, failures) : record with { DueAt = waiting.Min() };
    }

    /// <summary>
    /// With several CAs the one that may be asked first decides when the host is looked at again, and the others are passed over until they
    /// may: a limit or a refusal of the one is not to be tried at the pace of the other's outage.
    /// </summary>
    private void Wait(CertificateRecord record, AuthoritySettings authority, IssuanceException failure)
    {
        if (failure.Kind is not (FailureKind.RateLimited or FailureKind.Refused or FailureKind.Account)
            && failure.RetryAfter is null) return;
        var now = context.Time.GetUtcNow();
        _waits[(record.Host, authority)] = RetrySchedule.NextAttempt(failure.Kind,
            (record.Failure?.Asked ?? 0) + 1, failure.RetryAfter, record.Certificate?.NotAfter, now, fraction: 0);
    }

    /// <returns>The row with its new certificate; or as it is after a failure, and the failure.</returns>
    private async Task<(CertificateRecord Record, IssuanceException? Failure)> OrderAtAsync(
        AuthoritySettings settings, CertificateRecord record, AcmeSettings all, CancellationToken cancellationToken)
    {
        try
        {
            var authority = AuthorityFor(settings, all);
            try
            {
                return await OrderAtAsync(authority, record, all, cancellationToken);
            }
            catch (IssuanceException e) when (e.InnerException is AcmeException { ErrorType: AcmeErrorType.AccountDoesNotExist })
            {
                // Once more, with the account that the CA has for the key, or a new one: a CA may lose its accounts (RFC 8555 §7.3.1).
                await authority.ForgetAccountAsync(await authority.GetAccountAsync(context.Owner, cancellationToken), cancellationToken);
                AccountLost(authority.Name);
                return await OrderAtAsync(authority, record with { Order = null }, all, cancellationToken);
            }
        }
        catch (IssuanceException e)
        {
            return (record, e);
        }
        catch (AcmeException e)
        {
            return (record, IssuanceException.From(e));
        }
    }

    private async Task<(CertificateRecord Record, IssuanceException? Failure)> OrderAtAsync(
        CertificateAuthority authority, CertificateRecord record, AcmeSettings settings, CancellationToken cancellationToken)
    {
        using var issuer = new CertificateIssuer(authority, settings, context, record);
        try
        {
            return (await issuer.IssueAsync(cancellationToken), null);
        }
        catch (OrderPacedException e)
        {
            await KeepAsync(issuer.Record with { DueAt = e.Until }, isNew: false, cancellationToken);
            throw;
        }
        catch (IssuanceException e) when (e.InnerException is not AcmeException { ErrorType: AcmeErrorType.AccountDoesNotExist })
        {
            return (issuer.Record, e);
        }
    }

    private CertificateRecord Failed(CertificateRecord record, List<IssuanceException> failures)
    {
        var now = context.Time.GetUtcNow();
        var before = record.Failure;
        var isAsked = failures.Exists(e => e.Kind is not (FailureKind.Preflight or FailureKind.Slow));
        var (attempts, asked) = ((before?.Attempts ?? 0) + 1, (before?.Asked ?? 0) + (isAsked ? 1 : 0));
        var fraction = Random();
        // With several CAs, the one that may be asked first decides.
        var (kind, next) = failures
            .Select(e => (e.Kind, Next: RetrySchedule.NextAttempt(e.Kind, e.Kind is FailureKind.Preflight or FailureKind.Slow
                ? attempts : asked, e.RetryAfter, record.Certificate?.NotAfter, now, fraction)))
            .MinBy(failure => failure.Next);
        var message = string.Join("; ", failures.Select(e => e.Message));
        NotObtained(record.Host, message, Text(next));
        return record with { Failure = new StoredFailure(attempts, asked, kind, message, now), DueAt = next };
    }

    /// <summary>RFC 9773 §4. That a CA doesn't answer changes nothing: the certificate is renewed at the time that was set before
    /// (§4.3).</summary>
    private async Task<CertificateRecord> AskWindowAsync(CertificateRecord record,
        AcmeSettings settings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        CertificateRecord next;
        // That it failed is over when no order is wanted: the clock was ahead when it seemed to be due.
        record = record with { Failure = null };
        var authority = settings.Authorities.FirstOrDefault(one => one.DirectoryUrl.OriginalString == record.Certificate!.DirectoryUrl);
        if (authority is null || record.AskWindowAt is null || IdOf(record.Certificate!) is not { } id)
        {
            next = record with { AskWindowAt = null, Window = null };
            return next with { DueAt = RenewalSchedule.DueAt(next) };
        }

        try
        {
            var info = await AuthorityFor(authority, settings).Client.GetRenewalInfoAsync(id, cancellationToken);
            next = RenewalSchedule.WithWindow(record, info, now, Random());
            if (next.Window != record.Window) WindowMoved(record.Host,
                Text(info.Start), Text(info.End), Text(next.RenewAt!.Value), info.ExplanationUrl ?? "");
        }
        catch (Exception e) when (e is AcmeException or IssuanceException)
        {
            WindowUnknown(record.Host, e.Message);
            next = record with { AskWindowAt = RenewalSchedule.NextAsk(now, (e as AcmeException)?.RetryAfter, Random()) };
        }

        return next with { DueAt = RenewalSchedule.DueAt(next) };
    }

    /// <summary>
    /// Writes the row and gives the lease up. A certificate that the CA has issued is in force before, and is not let go until the store
    /// has it:
    /// what fails meanwhile is tried again.
    /// </summary>
    private async Task KeepAsync(CertificateRecord record, bool isNew, CancellationToken cancellationToken)
    {
        if (isNew) cache.Replace(record);
        for (var pause = TimeSpan.FromSeconds(1); ; pause = pause * 2 < s_saveAgain ? pause * 2 : s_saveAgain)
        {
            try
            {
                await context.Store.SaveAsync(record, [], context.Owner, release: true, cancellationToken);
                return;
            }
            catch (StoreException e) when (isNew && e is not LeaseLostException)
            {
                NotKept(record.Host, e.Message);
                await Task.Delay(pause, context.Time, cancellationToken);
            }
        }
    }

    private CertificateAuthority AuthorityFor(AuthoritySettings authority, AcmeSettings settings)
    {
        lock (_gate)
        {
            if (!Equals(_settings, settings))
            {
                // The old ones are not disposed of: orders that began with them still use them.
                _authorities.Clear();
                _settings = settings;
            }

            if (!_authorities.TryGetValue(authority, out var known))
                _authorities[authority] = known = new CertificateAuthority(authority,
                    context.Connect(authority, context.Time), settings.EmailAddress, context.Store, context.Time);
            return known;
        }
    }

    private static CertificateId? IdOf(StoredCertificate certificate)
    {
        if (!CertificateChain.TryParse(certificate.ChainPem, out var chain, out _)) return null;
        using (chain) return CertificateId.From(chain.Leaf);
    }

    private static double Random() => RandomNumberGenerator.GetInt32(10_000) / 10_000.0;

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    [LoggerMessage(1420, LogLevel.Information, "{Host}: certificate from {Issuer} until {NotAfter}, to be renewed at {RenewAt}")]
    private partial void Obtained(string host, string issuer, string notAfter, string renewAt);

    [LoggerMessage(1421, LogLevel.Warning, "{Host}: no certificate: {Message}; next attempt at {NextAttempt}")]
    private partial void NotObtained(string host, string message, string nextAttempt);

    [LoggerMessage(1422, LogLevel.Warning, "{Authority} doesn't know our account any more; it is made again")]
    private partial void AccountLost(string authority);

    [LoggerMessage(1423, LogLevel.Information,
        "{Host}: the CA wants it renewed between {Start} and {End}; it will be at {RenewAt} {Explanation}")]
    private partial void WindowMoved(string host, string start, string end, string renewAt, string explanation);

    [LoggerMessage(1424, LogLevel.Debug, "{Host}: the CA gave no renewal window: {Message}")]
    private partial void WindowUnknown(string host, string message);

    [LoggerMessage(1425, LogLevel.Error, "{Host}: the new certificate is in force but can't be kept: {Error}")]
    private partial void NotKept(string host, string error);
}
