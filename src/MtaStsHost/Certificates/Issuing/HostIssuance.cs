using System.Collections.Concurrent;
using Acme;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// The work on one host that is due: requests its renewal window, or gets a certificate from the first CA that issues one, and saves the
/// outcome and the time of the next attempt.
/// </summary>
internal sealed partial class HostIssuance(IssuingContext context, CertificateCache cache, ILogger<HostIssuance> log) : IDisposable
{
    private static readonly TimeSpan s_longestSavePause = TimeSpan.FromSeconds(30);

    /// <summary>Attempts in a row with the same order: where the CA fails, and where it is only slow and may take a day.</summary>
    private const int FailedAttemptsPerOrder = 4;

    private const int SlowAttemptsPerOrder = 24;

    private readonly CertificateAuthorities _authorities = new(context);

    /// <summary>Until when a CA must not be tried for a host, as long as the failure's basis stays. Not kept across restarts: the row has
    /// its own next attempt.</summary>
    private readonly ConcurrentDictionary<(string Host, AuthoritySettings Authority), (DateTimeOffset Until, string Basis)> _waits = new();

    /// <param name="record">Leased.</param>
    /// <param name="basis">Of the settings.</param>
    /// <exception cref="OrderPacedException">Saved; no more first orders before that time.</exception>
    public async Task WorkOnAsync(
        CertificateRecord record, AcmeSettings settings, AttemptBasis basis, CancellationToken cancellationToken)
    {
        var now = context.Time.GetUtcNow();
        var after = RenewalSchedule.WantsOrder(record, settings, now)
            ? await OrderAsync(record, settings, basis, cancellationToken)
            : await RequestWindowAsync(record, settings, now, cancellationToken);
        var isNew = !ReferenceEquals(after.Certificate, record.Certificate);
        await SaveAsync(after, isNew, cancellationToken);
        if (!isNew) return;
        foreach (var authority in settings.Authorities) _waits.TryRemove((record.Host, authority), out _);
        context.Counters.CountObtained();
        Obtained(after.Host, after.Certificate!.Issuer, Text(after.Certificate.NotAfter), Text(after.RenewAt!.Value));
    }

    /// <summary>Saves a fault of this program like any other failure, or the host would be tried again without end.</summary>
    public Task GiveUpAsync(CertificateRecord record, Exception fault, AttemptBasis basis, CancellationToken cancellationToken)
    {
        context.Counters.CountFailure(FailureKind.Internal);
        // The order may be what causes the fault, so the next attempt begins without it.
        return SaveAsync(Failed(record with { Order = null },
            [new IssuanceException(FailureKind.Internal, $"unexpected error: {Printable.Text(fault.Message)}", inner: fault)], basis),
            isNew: false, cancellationToken);
    }

    public void Dispose() => _authorities.Dispose();

    private async Task<CertificateRecord> OrderAsync(
        CertificateRecord record, AcmeSettings settings, AttemptBasis basis, CancellationToken cancellationToken)
    {
        var (failures, waiting) = (new List<IssuanceException>(), new List<DateTimeOffset>());
        // The fallbacks are tried once the first CA has failed: a minute's outage should not spread an operator's certificates over two.
        var tried = record.Failure is null ? 1 : settings.Authorities.Length;
        foreach (var authority in settings.Authorities.Take(tried))
        {
            if (tried > 1 && _waits.TryGetValue((record.Host, authority), out var wait) && wait.Until > context.Time.GetUtcNow()
                && (wait.Basis == basis.All || wait.Basis == basis.Limits))
            {
                waiting.Add(wait.Until);
                continue;
            }

            var (after, failure) = await OrderAtAsync(authority, record, settings, cancellationToken);
            if (failure is null) return after;
            // An order that never ends is abandoned from time to time: a CA can break one for good, and accept the next.
            var most = failure.Kind == FailureKind.Slow ? SlowAttemptsPerOrder : FailedAttemptsPerOrder;
            var goesOn = failure.OrderLives && ((record.Failure?.Attempts ?? 0) + 1) % most != 0;
            record = goesOn ? after : after with { Order = null };
            context.Counters.CountFailure(failure.Kind);
            failures.Add(failure);
            if (settings.Authorities.Length > 1) Wait(record, authority, failure, basis);
            if (!failure.OthersMayDo) break;
        }

        return failures.Count > 0 ? Failed(record, failures, basis) : record with { DueAt = waiting.Min() };
    }

    /// <summary>
    /// With several CAs, the one that may be tried first decides when the host is due again, and the others are skipped until their time:
    /// one CA's limit or refusal must not be tried at the pace of another's outage.
    /// </summary>
    private void Wait(CertificateRecord record, AuthoritySettings authority, IssuanceException failure, AttemptBasis basis)
    {
        if (failure.Kind is not (FailureKind.RateLimited or FailureKind.Refused or FailureKind.Profile or FailureKind.Account)
            && failure.RetryAfter is null) return;
        var until = RetrySchedule.NextAttempt(failure.Kind, (record.Failure?.Asked ?? 0) + 1,
            failure.RetryAfter, record.Certificate?.NotAfter, context.Time.GetUtcNow(), fraction: 0);
        _waits[(record.Host, authority)] = (until, basis.Of(failure.Kind));
    }

    /// <returns>The row with its new certificate, or its state after a failure, and the failure.</returns>
    private async Task<(CertificateRecord Record, IssuanceException? Failure)> OrderAtAsync(
        AuthoritySettings settings, CertificateRecord record, AcmeSettings all, CancellationToken cancellationToken)
    {
        try
        {
            var authority = _authorities.For(settings, all);
            try
            {
                return await OrderAtAsync(authority, record, all, cancellationToken);
            }
            catch (IssuanceException e) when (e.InnerException is AcmeException { ErrorType: AcmeErrorType.AccountDoesNotExist })
            {
                // Once more, with the CA's account for the key, or a new one: a CA may lose its accounts (RFC 8555 §7.3.1).
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
            var issued = await issuer.IssueAsync(cancellationToken);
            if (authority.OtherRoot.Set(issuer.OtherRoot) && issuer.OtherRoot is { } root)
                ChainNotOffered(authority.Name, settings.PreferredChain!, root);
            return (issued, null);
        }
        catch (OrderPacedException e)
        {
            await SaveAsync(issuer.Record with { DueAt = e.Until }, isNew: false, cancellationToken);
            throw;
        }
        catch (IssuanceException e) when (e.InnerException is not AcmeException { ErrorType: AcmeErrorType.AccountDoesNotExist })
        {
            return (issuer.Record, e);
        }
    }

    private CertificateRecord Failed(CertificateRecord record, List<IssuanceException> failures, AttemptBasis basis)
    {
        var (now, before, fraction) = (context.Time.GetUtcNow(), record.Failure, Random());
        var isAsked = failures.Exists(e => e.Kind is not (FailureKind.Preflight or FailureKind.Slow));
        var (attempts, asked) = ((before?.Attempts ?? 0) + 1, (before?.Asked ?? 0) + (isAsked ? 1 : 0));
        // With several CAs, the one that may be tried first decides.
        var (kind, next) = failures
            .Select(e => (e.Kind, Ladder: e.WasForeseen ? FailureKind.Preflight : e.Kind, e.RetryAfter))
            .Select(e => (e.Kind, Next: RetrySchedule.NextAttempt(e.Ladder, e.Ladder is FailureKind.Preflight or FailureKind.Slow
                ? attempts : asked, e.RetryAfter, record.Certificate?.NotAfter, now, fraction)))
            .MinBy(failure => failure.Next);
        var message = string.Join("; ", failures.Select(e => e.Message));
        NotObtained(record.Host, message, Text(next));
        var failure = new StoredFailure(attempts, asked, kind, message, now)
        {
            AskedAt = isAsked ? now : before?.AskedAt, Basis = basis.Of(kind),
        };
        return record with { Failure = failure, DueAt = next };
    }

    /// <summary>RFC 9773 §4. If the CA doesn't answer, the certificate is renewed at the time set before (§4.3).</summary>
    private async Task<CertificateRecord> RequestWindowAsync(CertificateRecord record,
        AcmeSettings settings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // No order is due, so a failure no longer counts: the clock was ahead when the certificate seemed due.
        var next = record with { Failure = null };
        var authority = settings.Authorities.FirstOrDefault(one => one.DirectoryUrl.OriginalString == record.Certificate!.DirectoryUrl);
        try
        {
            if (authority is null || record.AskWindowAt is null || IssuedCertificate.IdOf(record.Certificate!) is not { } id)
            {
                next = next with { AskWindowAt = null, Window = null };
            }
            else
            {
                var info = await _authorities.For(authority, settings).Client.GetRenewalInfoAsync(id, cancellationToken);
                next = RenewalSchedule.WithWindow(next, info, now, Random());
                if (next.Window != record.Window) WindowMoved(record.Host,
                    Text(info.Start), Text(info.End), Text(next.RenewAt!.Value), info.ExplanationUrl ?? "");
            }
        }
        catch (Exception e) when (e is AcmeException or IssuanceException)
        {
            WindowUnknown(record.Host, e.Message);
            next = next with { AskWindowAt = RenewalSchedule.NextAsk(now, (e as AcmeException)?.RetryAfter, Random()) };
        }

        return next with { DueAt = RenewalSchedule.DueAt(next) };
    }

    /// <summary>
    /// Saves the row and releases the lease. A certificate that the CA has issued is activated first, and saving it is tried again until
    /// the store has it.
    /// </summary>
    private async Task SaveAsync(CertificateRecord record, bool isNew, CancellationToken cancellationToken)
    {
        if (isNew) cache.Replace(record);
        for (var pause = TimeSpan.FromSeconds(1); ; pause = pause * 2 < s_longestSavePause ? pause * 2 : s_longestSavePause)
        {
            try
            {
                await context.SaveAsync(record, [], release: true, cancellationToken);
                return;
            }
            catch (StoreException e) when (isNew && e is not LeaseLostException)
            {
                NotKept(record.Host, e.Message);
                await Task.Delay(pause, context.Time, cancellationToken);
            }
        }
    }

    private static double Random() => RandomNumberGenerator.GetInt32(10_000) / 10_000.0;

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    [LoggerMessage(1420, LogLevel.Information,
        "Certificate for {Host} obtained from {Issuer}; valid until {NotAfter}, renewal at {RenewAt}")]
    private partial void Obtained(string host, string issuer, string notAfter, string renewAt);

    [LoggerMessage(1421, LogLevel.Warning, "No certificate obtained for {Host}: {Message}; next attempt at {NextAttempt}")]
    private partial void NotObtained(string host, string message, string nextAttempt);

    [LoggerMessage(1422, LogLevel.Warning, "Account lost: {Authority} no longer knows it; registering again")]
    private partial void AccountLost(string authority);

    [LoggerMessage(1423, LogLevel.Information,
        "Renewal window of {Host} changed to {Start} until {End}; renewal at {RenewAt} {Explanation}")]
    private partial void WindowMoved(string host, string start, string end, string renewAt, string explanation);

    [LoggerMessage(1424, LogLevel.Debug, "No renewal window received for {Host}: {Message}")]
    private partial void WindowUnknown(string host, string message);

    [LoggerMessage(1426, LogLevel.Warning,
        "No chain of {Authority} ends at Acme:PreferredChain '{Preferred}'; the one that ends at '{Root}' is used")]
    private partial void ChainNotOffered(string authority, string preferred, string root);

    [LoggerMessage(1425, LogLevel.Error, "Saving the new certificate for {Host} failed; it is in use but not stored: {Error}")]
    private partial void NotKept(string host, string error);
}
