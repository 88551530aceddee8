using System.Security.Cryptography;
using Acme;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;
using MtaStsHost.Text;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// One order at one CA, start to finish (RFC 8555 §7.1). What a crash must not lose is in the store before the CA acts on it: the
/// certificate's key and the order's URL before the order is finalized, so that the next start goes on from there.
/// </summary>
internal sealed class CertificateIssuer(
    CertificateAuthority authority, AcmeSettings settings, IssuingContext context, CertificateRecord record) : IDisposable
{
    private static readonly TimeSpan s_window = TimeSpan.FromHours(3);

    /// <summary>A CA that doesn't backdate, and a clock that is a little slow.</summary>
    private static readonly TimeSpan s_clockSkew = TimeSpan.FromHours(1);

    /// <summary>The first look soon, since test CAs and small ones are done at once; then ever more rarely.</summary>
    private static readonly WaitOptions s_wait = new() { FirstInterval = TimeSpan.FromMilliseconds(20),
        LongestInterval = TimeSpan.FromSeconds(10) };

    private readonly Identifier _identifier = new(Identifier.DnsType, record.Host);
    private CertificateKey? _key;
    private StoredOrder? _kept = record.Order;

    /// <summary>The row as it is now, also after a failure.</summary>
    public CertificateRecord Record { get; private set; } = record;

    private AcmeClient Client => authority.Client;

    /// <summary>Gets a certificate. The row that is returned is not saved yet.</summary>
    /// <exception cref="IssuanceException">This CA gives none now.</exception>
    /// <exception cref="OrderPacedException">The limit of orders is reached.</exception>
    /// <exception cref="StoreException">What must be kept couldn't be.</exception>
    public async Task<CertificateRecord> IssueAsync(CancellationToken cancellationToken)
    {
        try
        {
            var directory = await Client.GetDirectoryAsync(cancellationToken);
            if (settings.Profile is { } profile && !directory.Profiles.ContainsKey(profile)) throw UnknownProfile(profile, directory);
            var account = await GetAccountAsync(cancellationToken);
            var order = await ResumeAsync(account, cancellationToken);
            if (order is null)
            {
                await LookAsync(directory, account, cancellationToken);
                order = await OrderAsync(directory, account, cancellationToken);
            }

            return await CompleteAsync(directory, account, order, cancellationToken);
        }
        catch (AcmeException e)
        {
            throw IssuanceException.From(e);
        }
    }

    public void Dispose() => _key?.Dispose();

    private async Task<AccountCredentials> GetAccountAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await authority.GetAccountAsync(context.Owner, cancellationToken);
        }
        catch (AcmeException e) when (e.Failure == AcmeFailure.Problem
            && IssuanceException.KindOf(e.ErrorType, e.StatusCode) is FailureKind.Validation or FailureKind.InvalidAnswer)
        {
            // About an account, "unauthorized" or "malformed" says that this account won't do.
            throw new IssuanceException(FailureKind.Account, $"no account at {authority.Name}: {e.Message}", e.RetryAfter, e);
        }
    }

    /// <summary>The order that an earlier attempt left; <c>null</c> when there is none that can end well.</summary>
    private async Task<Order?> ResumeAsync(AccountCredentials account, CancellationToken cancellationToken)
    {
        if (Record.Order is not { } open) return null;
        if (open.DirectoryUrl == authority.DirectoryUrl && open.AccountUrl == account.Url.OriginalString)
        {
            try
            {
                var order = await Client.GetOrderAsync(account, new Uri(open.Url), cancellationToken);
                if (order.Status is not (OrderStatus.Invalid or OrderStatus.Unknown))
                {
                    _key = CertificateKey.FromPem(open.KeyPem);
                    return order;
                }

                await CountFailedAsync(account, order, cancellationToken);
            }
            catch (AcmeException e) when (e.StatusCode is >= 400 and < 500 and not 429)
            {
                // Forgotten by the CA, as every order is some day.
            }
        }

        Record = Record with { Order = null };
        return null;
    }

    /// <summary>
    /// An order that failed while nobody could write it down: it is a failure like any other. With a new order at once, a host that ends
    /// again and again at that moment would cost a failed authorization each time.
    /// </summary>
    private async Task CountFailedAsync(AccountCredentials account, Order order, CancellationToken cancellationToken)
    {
        foreach (var url in order.Authorizations)
        {
            var authorization = await Client.GetAuthorizationAsync(account, url, cancellationToken);
            if (authorization.Status == AuthorizationStatus.Invalid) throw await NotValidatedAsync(authorization,
                "the name", cancellationToken);
        }

        if (order.Error is not null) throw Invalid(order);
        // Else it ran out before it was looked at.
    }

    private async Task<Order> OrderAsync(Acme.Directory directory, AccountCredentials account, CancellationToken cancellationToken)
    {
        // Renewals come first: they may use what pacing leaves of the CA's own limit.
        var limit = Record.Certificate is null ? settings.OrdersPerThreeHours
            : (int)Math.Min(settings.OrdersPerThreeHours * 6L / 5, int.MaxValue);
        if (await context.Store.CountOrderAsync(authority.DirectoryUrl, limit, s_window, cancellationToken)
            is { } free) throw new OrderPacedException(free);
        var request = new OrderRequest { Identifiers = [_identifier], Profile = settings.Profile, Replaces = Replaced(directory, account) };
        context.Counters.CountOrder();
        try
        {
            return await Client.NewOrderAsync(account, request, cancellationToken);
        }
        catch (AcmeException e) when (e.ErrorType == AcmeErrorType.AlreadyReplaced && request.Replaces is not null)
        {
            return await Client.NewOrderAsync(account, request with { Replaces = null }, cancellationToken); // RFC 9773 §5
        }
    }

    /// <summary>Only for the CA and account that the old certificate came from: RFC 9773 §5.</summary>
    private CertificateId? Replaced(Acme.Directory directory, AccountCredentials account)
    {
        if (directory.RenewalInfo is null || Record.Certificate is not { } old) return null;
        if (old.DirectoryUrl != authority.DirectoryUrl || old.AccountUrl != account.Url.OriginalString) return null;
        if (!CertificateChain.TryParse(old.ChainPem, out var chain, out _)) return null;
        using (chain) return CertificateId.From(chain.Leaf);
    }

    private async Task<CertificateRecord> CompleteAsync(Acme.Directory directory,
        AccountCredentials account, Order order, CancellationToken cancellationToken)
    {
        _key ??= CertificateKey.Create(settings.KeyAlgorithm);
        var kept = new StoredOrder(authority.DirectoryUrl, account.Url.OriginalString, order.Url.OriginalString, _key.ExportPem());
        Record = Record with { Order = kept };
        if (order.Status == OrderStatus.Pending)
        {
            foreach (var url in order.Authorizations) await AuthorizeAsync(account, url, cancellationToken);
            order = await Client.WaitUntilReadyAsync(account, order.Url, s_wait, cancellationToken);
        }

        // Where nothing had to be shown, the key has not been kept yet; the CA must not make a certificate for a key that a crash loses.
        if (_kept != kept) await SaveAsync([], cancellationToken);
        if (order.Status == OrderStatus.Ready)
            order = await Client.FinalizeAsync(account, order, CertificateSigningRequest.Create(_key, [_identifier]), cancellationToken);
        if (order.Status != OrderStatus.Pending) order = await Client.WaitUntilIssuedAsync(account, order, s_wait, cancellationToken);
        if (order is { Status: OrderStatus.Valid, Certificate: { } certificate }) return await FetchAsync(directory,
            account, certificate, cancellationToken);
        throw order.Status is OrderStatus.Invalid ? Invalid(order)
            : new IssuanceException(FailureKind.Slow, $"{authority.Name} has not finished the order yet ({order.Status})",
                order.RetryAfter) { OrderLives = true };
    }

    /// <summary>Before the order, which counts against the CA's limits as soon as it is made.</summary>
    private async Task LookAsync(Acme.Directory directory, AccountCredentials account, CancellationToken cancellationToken)
    {
        if (!settings.Preflight) return;
        var type = ChallengeChoice.InOrder(settings.ChallengeTypes, Record)[0];
        if (await context.Preflight.CheckAsync(Record.Host, directory.CaaIdentities, type, account.Url.OriginalString, cancellationToken)
            is { } finding)
            throw new IssuanceException(FailureKind.Preflight, finding.ToString());
    }

    private async Task AuthorizeAsync(AccountCredentials account, Uri url, CancellationToken cancellationToken)
    {
        var authorization = await Client.GetAuthorizationAsync(account, url, cancellationToken);
        var type = "the name";
        if (authorization.Status is AuthorizationStatus.Pending or AuthorizationStatus.Unknown)
        {
            var challenge = ChallengeChoice.Choose(authorization, settings.ChallengeTypes, Record)
                ?? throw new IssuanceException(FailureKind.Refused,
                    $"{authority.Name} offers none of the challenges {string.Join(", ", settings.ChallengeTypes)}; allow others in "
                    + $"Acme:AllowedChallengeTypes");
            type = challenge.Type;
            authorization = await ShowAsync(account, url, challenge, cancellationToken);
            if (authorization.Status == AuthorizationStatus.Valid) Record = Record with { ChallengeType = type };
        }

        if (authorization.Status == AuthorizationStatus.Valid) return;
        if (authorization.Status is AuthorizationStatus.Pending or AuthorizationStatus.Unknown)
            throw new IssuanceException(FailureKind.Slow, $"{authority.Name} has not validated {type} yet",
                authorization.RetryAfter) { OrderLives = true };
        throw await NotValidatedAsync(authorization, type, cancellationToken);
    }

    /// <summary>Opens the challenge for all hosts that share the store, tells the CA, and waits for its word.</summary>
    private async Task<Authorization> ShowAsync(AccountCredentials account,
        Uri url, Challenge challenge, CancellationToken cancellationToken)
    {
        var open = new StoredChallenge(Record.Host, challenge.Type, challenge.Token!,
            challenge.KeyAuthorization(account.Key), context.Time.GetUtcNow() + s_wait.Timeout + s_wait.Timeout);
        // Saved first: another host may be the one that the CA asks.
        await SaveAsync([open], cancellationToken);
        context.Challenges.Set(Record.Host, [open]);
        try
        {
            if (challenge.Status == ChallengeStatus.Pending) await Client.RespondAsync(account, challenge.Url, cancellationToken);
            return await Client.WaitForAuthorizationAsync(account, url, s_wait, cancellationToken);
        }
        finally
        {
            context.Challenges.Set(Record.Host, []);
        }
    }

    private async Task<IssuanceException> NotValidatedAsync(Authorization authorization, string type, CancellationToken cancellationToken)
    {
        var problem = authorization.Error;
        var message = $"{authority.Name} did not validate {type}: "
            + $"{problem?.ToString() ?? $"the authorization is {authorization.Status.ToString().ToLowerInvariant()}"}";
        if (settings.Preflight && await context.Preflight.ExplainAsync(Record.Host, type, cancellationToken)
            is { } finding) message += $" ({finding})";
        var kind = problem is null ? FailureKind.Validation : IssuanceException.KindOf(problem.ErrorType, problem.Status);
        return new IssuanceException(kind is FailureKind.InvalidAnswer ? FailureKind.Validation : kind, message);
    }

    private async Task<CertificateRecord> FetchAsync(Acme.Directory directory,
        AccountCredentials account, Uri certificate, CancellationToken cancellationToken)
    {
        using var chain = settings.PreferredChain is { } root
            ? await Client.GetCertificateAsync(account, certificate, root, cancellationToken)
            : await Client.GetCertificateAsync(account, certificate, cancellationToken);
        var now = context.Time.GetUtcNow();
        var faults = chain.Check(_key!, [_identifier], now);
        var (notBefore, notAfter) = (new DateTimeOffset(chain.Leaf.NotBefore.ToUniversalTime()),
            new DateTimeOffset(chain.Leaf.NotAfter.ToUniversalTime()));
        if (faults.HasFlag(CertificateChainFaults.NotYetValid)
            && notBefore - now < s_clockSkew) faults &= ~CertificateChainFaults.NotYetValid;
        if (faults is CertificateChainFaults.Expired or CertificateChainFaults.NotYetValid)
            throw new IssuanceException(FailureKind.Clock,
                $"the certificate from {authority.Name} is for {notBefore:u} to {notAfter:u}, and here it is {now:u}; check this "
                + $"machine's clock");
        if (faults != CertificateChainFaults.None)
            throw new IssuanceException(FailureKind.InvalidAnswer, $"the certificate from {authority.Name} can't be used ({faults})");
        var issued = Record with
        {
            Certificate = new StoredCertificate(
                chain.Pem, _key!.ExportPem(),
                    Printable.Text(chain.Leaf.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.SimpleName,
                    forIssuer: true)),
                notBefore, notAfter, now, authority.DirectoryUrl, account.Url.OriginalString, null),
            RenewAt = RenewalSchedule.RenewAt(notBefore, notAfter),
            Window = null,
            AskWindowAt = directory.RenewalInfo is null ? null
                : RenewalSchedule.NextAsk(now, TimeSpan.Zero, RandomNumberGenerator.GetInt32(1000) / 1000.0),
            Order = null,
            Failure = null,
            RenewalRequested = false,
        };
        // A certificate that is due as soon as it is there would be ordered again without end: at least half of what is left of it is used.
        if (issued.RenewAt <= now) issued = issued with { RenewAt = now + ((notAfter - now) / 2) };
        return Record = issued with { DueAt = RenewalSchedule.DueAt(issued) };
    }

    private async Task SaveAsync(IReadOnlyList<StoredChallenge> challenges, CancellationToken cancellationToken)
    {
        await context.Store.SaveAsync(Record, challenges, context.Owner, release: false, cancellationToken);
        _kept = Record.Order;
    }

    private IssuanceException Invalid(Order order) => order.Error is { } problem
        ? new IssuanceException(IssuanceException.KindOf(problem.ErrorType, problem.Status),
            $"{authority.Name} gave the order up: {problem}")
        : new IssuanceException(FailureKind.Validation, $"{authority.Name} gave the order up and doesn't say why");

    private IssuanceException UnknownProfile(string profile, Acme.Directory directory) => new(
        FailureKind.Refused,
        $"{authority.Name} has no profile '{Printable.Text(profile, 100)}'; set Acme:Profile to one of "
            + $"{(directory.Profiles.Count == 0 ? "none, it has no profiles" : string.Join(", ", directory.Profiles.Keys.Select(name => Printable.Text(name, 100))))}");
}
