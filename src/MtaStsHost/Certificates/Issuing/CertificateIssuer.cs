using Acme;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;
using Authorization = Acme.Authorization;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// One order at one CA, from start to finish (RFC 8555 §7.1). What a crash must not lose, the certificate's key and the order's URL, is
/// in the store before the order is finalized, so that the next start continues from there.
/// </summary>
internal sealed class CertificateIssuer(
    CertificateAuthority authority, AcmeSettings settings, IssuingContext context, CertificateRecord record) : IDisposable
{
    private static readonly TimeSpan s_window = TimeSpan.FromHours(3);

    /// <summary>With the longest wait between two checks, at least once a day.</summary>
    private static readonly TimeSpan s_requestAnyway = TimeSpan.FromHours(22);

    /// <summary>Polls soon at first, since small CAs are done at once; then less and less often.</summary>
    private static readonly WaitOptions s_wait = new()
    {
        FirstInterval = TimeSpan.FromMilliseconds(20), LongestInterval = TimeSpan.FromSeconds(10),
    };

    private readonly Identifier _identifier = new(Identifier.DnsType, record.Host);
    private CertificateKey? _key;
    private StoredOrder? _savedOrder = record.Order;
    private bool _isForeseen;

    /// <summary>The current row, also after a failure.</summary>
    public CertificateRecord Record { get; private set; } = record;

    /// <summary>Where the received chain ends, if not at the preferred root.</summary>
    public string? OtherRoot { get; private set; }

    private AcmeClient Client => authority.Client;

    /// <summary>Gets a certificate. The returned row is not saved yet.</summary>
    /// <exception cref="IssuanceException">This CA issues none now.</exception>
    /// <exception cref="OrderPacedException">The limit of orders is reached.</exception>
    /// <exception cref="StoreException">What must be saved couldn't be.</exception>
    public async Task<CertificateRecord> IssueAsync(CancellationToken cancellationToken)
    {
        try
        {
            var directory = await authority.GetDirectoryAsync(cancellationToken);
            if (settings.Profile is { } profile && !directory.Profiles.ContainsKey(profile))
                throw IssuanceException.UnknownProfile(authority.Name, profile, directory);
            var account = await GetAccountAsync(cancellationToken);
            var order = await ResumeAsync(account, cancellationToken);
            if (order is null)
            {
                await CheckFirstAsync(directory, account, cancellationToken);
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
            // For an account request, "unauthorized" or "malformed" means that the CA rejects this account.
            throw new IssuanceException(FailureKind.Account, $"no account at {authority.Name}: {e.Message}", e.RetryAfter, e);
        }
    }

    /// <summary>The order that an earlier attempt left; <c>null</c> when there is none that can still succeed.</summary>
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
                // The CA has forgotten it, as it does with every order some day.
            }
        }

        Record = Record with { Order = null };
        return null;
    }

    /// <summary>
    /// An order that failed before that could be saved counts as a failure like any other. With a new order at once, a process that keeps
    /// ending at that moment would cost a failed authorization each time.
    /// </summary>
    private async Task CountFailedAsync(AccountCredentials account, Order order, CancellationToken cancellationToken)
    {
        foreach (var url in order.Authorizations)
        {
            var authorization = await Client.GetAuthorizationAsync(account, url, cancellationToken);
            if (authorization.Status == AuthorizationStatus.Invalid)
                throw await NotValidatedAsync(authorization, cancellationToken);
        }

        if (order.Error is not null) throw Invalid(order); // otherwise it expired
    }

    /// <summary>
    /// The CA has validated the name before, and may see another DNS than this machine. In between, the check is made again often, since it
    /// costs the CA nothing.
    /// </summary>
    private bool RequestsAnyway => Record.Certificate is not null
        && (Record.Failure?.AskedAt is not { } asked || (context.Time.GetUtcNow() - asked).Duration() >= s_requestAnyway);

    /// <summary>Before the order, which counts against the CA's limits as soon as it exists.</summary>
    private async Task CheckFirstAsync(Acme.Directory directory, AccountCredentials account, CancellationToken cancellationToken)
    {
        if (!settings.Preflight) return;
        var type = ChallengeChoice.InOrder(settings.ChallengeTypes, Record)[0];
        if (await context.Preflight.CheckAsync(Record.Host, directory.CaaIdentities, type, account.Url.OriginalString, cancellationToken)
            is not { } finding) return;
        _isForeseen = true;
        if (!RequestsAnyway) throw new IssuanceException(FailureKind.Preflight, finding.ToString());
    }

    private async Task<Order> OrderAsync(Acme.Directory directory, AccountCredentials account, CancellationToken cancellationToken)
    {
        // Renewals come first: they may use what pacing leaves of the CA's own limit.
        var limit = Record.Certificate is null ? settings.OrdersPerThreeHours
            : (int)Math.Min(settings.OrdersPerThreeHours * 6L / 5, int.MaxValue);
        if (await context.Store.CountOrderAsync(authority.DirectoryUrl, limit, s_window, cancellationToken) is { } free)
            throw new OrderPacedException(free);
        // RFC 9773 §5: replaces only what came from this CA and account.
        var replaced = directory.RenewalInfo is not null && Record.Certificate is { } old && old.DirectoryUrl == authority.DirectoryUrl
            && old.AccountUrl == account.Url.OriginalString ? IssuedCertificate.IdOf(old) : null;
        var request = new OrderRequest { Identifiers = [_identifier], Profile = settings.Profile, Replaces = replaced };
        context.Counters.CountOrder();
        try
        {
            return await Client.NewOrderAsync(account, request, cancellationToken);
        }
        catch (AcmeException e) when (replaced is not null && IsRefusal(e))
        {
            // RFC 9773 §5 lets a CA refuse for what it knows about the old certificate; what it is replaced by needs no such permission.
            return await Client.NewOrderAsync(account, request with { Replaces = null }, cancellationToken);
        }
    }

    /// <summary>Whether an order may be refused for its content: not for its nonce (RFC 8555 §6.5), or since the CA is overloaded
    /// (§6.6).</summary>
    private static bool IsRefusal(AcmeException e) => e.Failure is AcmeFailure.Problem or AcmeFailure.Status
        && e.ErrorType is not (AcmeErrorType.RateLimited or AcmeErrorType.BadNonce) && e.StatusCode is not (429 or 503);

    private async Task<CertificateRecord> CompleteAsync(Acme.Directory directory,
        AccountCredentials account, Order order, CancellationToken cancellationToken)
    {
        _key ??= CertificateKey.Create(settings.KeyAlgorithm);
        var open = new StoredOrder(authority.DirectoryUrl, account.Url.OriginalString, order.Url.OriginalString, _key.ExportPem());
        Record = Record with { Order = open };
        if (order.Status == OrderStatus.Pending)
        {
            foreach (var url in order.Authorizations) await AuthorizeAsync(account, url, cancellationToken);
            order = await Client.WaitUntilReadyAsync(account, order.Url, s_wait, cancellationToken);
        }

        // Without a challenge, the key has not been saved yet; the CA must not issue for a key that a crash loses.
        if (_savedOrder != open) await SaveAsync([], cancellationToken);
        if (order.Status == OrderStatus.Ready)
            order = await Client.FinalizeAsync(account, order, CertificateSigningRequest.Create(_key, [_identifier]), cancellationToken);
        if (order.Status != OrderStatus.Pending) order = await Client.WaitUntilIssuedAsync(account, order, s_wait, cancellationToken);
        if (order is { Status: OrderStatus.Valid, Certificate: { } certificate })
            return await DownloadAsync(directory, account, certificate, cancellationToken);
        throw order.Status switch
        {
            OrderStatus.Invalid => Invalid(order),
            OrderStatus.Valid => new IssuanceException(FailureKind.InvalidAnswer,
                $"{authority.Name} finished the order without a certificate"),
            _ => new IssuanceException(FailureKind.Slow, $"{authority.Name} has not finished the order yet ({order.Status})",
                order.RetryAfter) { OrderLives = true },
        };
    }

    private async Task<CertificateRecord> DownloadAsync(Acme.Directory directory,
        AccountCredentials account, Uri certificate, CancellationToken cancellationToken)
    {
        using var chain = settings.PreferredChain is { } root
            ? await Client.GetCertificateAsync(account, certificate, root, cancellationToken)
            : await Client.GetCertificateAsync(account, certificate, cancellationToken);
        if (settings.PreferredChain is { } preferred && !preferred.Equals(chain.RootCommonName, StringComparison.OrdinalIgnoreCase))
            OtherRoot = Printable.Text(chain.RootCommonName, 100);
        return Record = IssuedCertificate.Accept(
            Record, chain, _key!, authority.Name, context.Time.GetUtcNow(), directory.RenewalInfo is not null);
    }

    private async Task AuthorizeAsync(AccountCredentials account, Uri url, CancellationToken cancellationToken)
    {
        var authorization = await Client.GetAuthorizationAsync(account, url, cancellationToken);
        var failed = new List<string>();
        while (IsPending(authorization)
            && ChallengeChoice.Choose(authorization, settings.ChallengeTypes, Record, failed) is { } challenge)
        {
            authorization = await RespondAsync(account, url, challenge, cancellationToken);
            if (authorization.Status == AuthorizationStatus.Valid) Record = Record with { ChallengeType = challenge.Type };
            if (IsPending(authorization) && !authorization.Challenges.Any(one => one.Url == challenge.Url && one.HasFailed))
                throw new IssuanceException(FailureKind.Slow, $"{authority.Name} has not validated {challenge.Type} yet",
                    authorization.RetryAfter) { OrderLives = true };
            failed.Add(challenge.Type);
        }

        if (authorization.Status == AuthorizationStatus.Valid) return;
        if (IsPending(authorization) && !authorization.Challenges.Any(one => one.HasFailed))
            throw new IssuanceException(FailureKind.Refused, $"{authority.Name} offers none of the challenges "
                + $"{string.Join(", ", settings.ChallengeTypes)}; allow others in Acme:AllowedChallengeTypes");
        throw await NotValidatedAsync(authorization, cancellationToken);
    }

    private static bool IsPending(Authorization authorization) =>
        authorization.Status is AuthorizationStatus.Pending or AuthorizationStatus.Unknown;

    /// <summary>Opens the challenge for all replicas that share the store, responds to the CA, and waits for its verdict.</summary>
    private async Task<Authorization> RespondAsync(AccountCredentials account,
        Uri url, Challenge challenge, CancellationToken cancellationToken)
    {
        var open = new StoredChallenge(Record.Host, challenge.Type, challenge.Token!,
            challenge.KeyAuthorization(account.Key), context.Time.GetUtcNow() + s_wait.Timeout + s_wait.Timeout);
        // Saved first: the validation request may reach another replica.
        await SaveAsync([open], cancellationToken);
        context.Challenges.Set(Record.Host, [open]);
        try
        {
            if (challenge.Status == ChallengeStatus.Pending) await Client.RespondAsync(account, challenge.Url, cancellationToken);
            return await Client.WaitForAuthorizationAsync(account, url, challenge.Url, s_wait, cancellationToken);
        }
        finally
        {
            context.Challenges.Set(Record.Host, []);
        }
    }

    /// <summary>The reasons are in the challenges, of which some CAs let two fail in one authorization.</summary>
    private async Task<IssuanceException> NotValidatedAsync(Authorization authorization, CancellationToken cancellationToken)
    {
        var state = $"the authorization is {authorization.Status.ToString().ToLowerInvariant()}";
        var failed = authorization.Challenges.Where(one => one.Error is not null || one.HasFailed)
            .OrderBy(one => settings.ChallengeTypes.IndexOf(one.Type)).ToList();
        var reasons = failed.Select(one => $"{one.Type}: {one.Error?.ToString() ?? state}").DefaultIfEmpty($"the name: {state}").ToList();
        for (var i = 0; settings.Preflight && i < failed.Count; i++)
        {
            if (await context.Preflight.ExplainAsync(Record.Host, failed[i].Type, cancellationToken) is { } finding)
                reasons[i] += $" ({finding})";
        }

        var kind = failed.Select(one => IssuanceException.KindOfValidation(one.Error))
            .FirstOrDefault(one => one != FailureKind.Validation, FailureKind.Validation);
        return new IssuanceException(kind, $"{authority.Name} did not validate {string.Join("; ", reasons)}")
        {
            WasForeseen = _isForeseen,
        };
    }

    private async Task SaveAsync(IReadOnlyList<StoredChallenge> challenges, CancellationToken cancellationToken)
    {
        await context.SaveAsync(Record, challenges, release: false, cancellationToken);
        _savedOrder = Record.Order;
    }

    private IssuanceException Invalid(Order order) => order.Error is { } problem
        ? new IssuanceException(IssuanceException.KindOf(problem.ErrorType, problem.Status),
            $"{authority.Name} abandoned the order: {problem}") { WasForeseen = _isForeseen }
        : new IssuanceException(FailureKind.Validation, $"{authority.Name} abandoned the order without giving a reason");
}
