namespace Acme;

/// <summary>Answers as public types; anything that is missing or malformed becomes an <see cref="AcmeException"/>.</summary>
internal static class ResourceReader
{
    /// <param name="response">The server's answer.</param>
    /// <param name="url">The account's URL; null to read it from <c>Location</c>.</param>
    public static Account ReadAccount(this AcmeResponse response, Uri? url = null)
    {
        var wire = response.Read(AcmeJsonContext.Default.WireAccount);
        return new Account
        {
            Url = url ?? response.Location(),
            Status = wire.Status switch
            {
                "valid" => AccountStatus.Valid,
                "deactivated" => AccountStatus.Deactivated,
                "revoked" => AccountStatus.Revoked,
                _ => AccountStatus.Unknown,
            },
            Contacts = [.. (wire.Contact ?? []).OfType<string>()],
            Created = response.Status == 201,
        };
    }

    public static Authorization ReadAuthorization(this AcmeResponse response, Uri url)
    {
        var wire = response.Read(AcmeJsonContext.Default.WireAuthorization);
        return new Authorization
        {
            Url = url,
            Status = wire.Status switch
            {
                "pending" => AuthorizationStatus.Pending,
                "valid" => AuthorizationStatus.Valid,
                "invalid" => AuthorizationStatus.Invalid,
                "deactivated" => AuthorizationStatus.Deactivated,
                "expired" => AuthorizationStatus.Expired,
                "revoked" => AuthorizationStatus.Revoked,
                _ => AuthorizationStatus.Unknown,
            },
            Identifier = response.ReadIdentifier(wire.Identifier),
            Wildcard = wire.Wildcard ?? false,
            Expires = WireTime.Read(wire.Expires),
            Challenges = [.. (wire.Challenges ?? []).OfType<WireChallenge>().Select(response.ReadChallenge)],
            RetryAfter = response.RetryAfter,
        };
    }

    public static Challenge ReadChallenge(this AcmeResponse response) =>
        response.ReadChallenge(response.Read(AcmeJsonContext.Default.WireChallenge));

    public static Directory ReadDirectory(this AcmeResponse response)
    {
        var wire = response.Read(AcmeJsonContext.Default.WireDirectory);
        return new Directory
        {
            NewNonce = response.Url(wire.NewNonce, "newNonce"),
            NewAccount = response.Url(wire.NewAccount, "newAccount"),
            NewOrder = response.Url(wire.NewOrder, "newOrder"),
            RevokeCert = response.UrlOrNull(wire.RevokeCert, "revokeCert"),
            KeyChange = response.UrlOrNull(wire.KeyChange, "keyChange"),
            RenewalInfo = response.UrlOrNull(wire.RenewalInfo, "renewalInfo"),
            TermsOfService = AcmeProblem.Clean(wire.Meta?.TermsOfService),
            Website = AcmeProblem.Clean(wire.Meta?.Website),
            CaaIdentities = [.. (wire.Meta?.CaaIdentities ?? []).OfType<string>()],
            ExternalAccountRequired = wire.Meta?.ExternalAccountRequired ?? false,
            Profiles = (wire.Meta?.Profiles ?? []).ToDictionary(
                static profile => profile.Key, static profile => AcmeProblem.Clean(profile.Value) ?? "", StringComparer.Ordinal),
        };
    }

    /// <param name="response">The server's answer.</param>
    /// <param name="url">The order's URL; null to read it from <c>Location</c>.</param>
    public static Order ReadOrder(this AcmeResponse response, Uri? url = null)
    {
        var wire = response.Read(AcmeJsonContext.Default.WireOrder);
        return new Order
        {
            Url = url ?? response.Location(),
            Status = wire.Status switch
            {
                "pending" => OrderStatus.Pending,
                "ready" => OrderStatus.Ready,
                "processing" => OrderStatus.Processing,
                "valid" => OrderStatus.Valid,
                "invalid" => OrderStatus.Invalid,
                _ => OrderStatus.Unknown,
            },
            Expires = WireTime.Read(wire.Expires),
            Identifiers = [.. (wire.Identifiers ?? []).Select(response.ReadIdentifier)],
            Authorizations = [.. (wire.Authorizations ?? []).Select(one => response.Url(one, "authorizations"))],
            Finalize = response.Url(wire.Finalize, "finalize"),
            Certificate = response.UrlOrNull(wire.Certificate, "certificate"),
            Error = wire.Error is { } error ? ProblemReader.Read(error) : null,
            Replaces = CertificateId.TryParse(wire.Replaces, out var replaces) ? replaces : null,
            Profile = AcmeProblem.Clean(wire.Profile),
            RetryAfter = response.RetryAfter,
        };
    }

    public static RenewalInfo ReadRenewalInfo(this AcmeResponse response)
    {
        var wire = response.Read(AcmeJsonContext.Default.WireRenewalInfo);
        if (WireTime.Read(wire.SuggestedWindow?.Start) is not { } start || WireTime.Read(wire.SuggestedWindow?.End) is not { } end)
            throw response.Invalid("no suggestedWindow");
        if (end <= start)
            throw response.Invalid("a suggestedWindow that ends before it starts"); // RFC 9773 §4.2: treated as no answer
        return new RenewalInfo
        {
            Start = start,
            End = end,
            ExplanationUrl = AcmeProblem.Clean(wire.ExplanationUrl),
            RetryAfter = response.RetryAfter,
        };
    }

    private static Challenge ReadChallenge(this AcmeResponse response, WireChallenge wire)
    {
        var type = AcmeProblem.Clean(wire.Type) ?? "";
        var hasToken = wire.Token is { } text && Challenge.IsToken(text);
        // Tokens end up in paths and file names, so RFC 8555 §8.3 forbids anything outside the alphabet.
        if (!hasToken && type is Challenge.Http01 or Challenge.TlsAlpn01 or Challenge.Dns01)
            throw response.Invalid($"a token of {type} that is not base64url");
        return new Challenge
        {
            Type = type,
            Url = response.Url(wire.Url, "a challenge's url"),
            Status = wire.Status switch
            {
                "pending" => ChallengeStatus.Pending,
                "processing" => ChallengeStatus.Processing,
                "valid" => ChallengeStatus.Valid,
                "invalid" => ChallengeStatus.Invalid,
                _ => ChallengeStatus.Unknown,
            },
            Token = hasToken ? wire.Token : null,
            Validated = WireTime.Read(wire.Validated),
            Error = wire.Error is { } error ? ProblemReader.Read(error) : null,
            RetryAfter = response.RetryAfter,
        };
    }

    private static Identifier ReadIdentifier(this AcmeResponse response, WireIdentifier? wire) =>
        wire is { Type: { } type, Value: { } value }
            ? new Identifier(AcmeProblem.Clean(type)!, AcmeProblem.Clean(value)!)
            : throw response.Invalid("an identifier without type or value");
}
