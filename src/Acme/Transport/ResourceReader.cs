namespace Acme;

/// <summary>Answers as public types; anything that is missing or malformed becomes an <see cref="AcmeException"/>.</summary>
internal static class ResourceReader
{
    /// <summary>Without a URL, it is the one in <c>Location</c>.</summary>
    public static Account ReadAccount(this AcmeResponse response, Uri? url = null)
    {
        var wire = response.Read(AcmeJsonContext.Default.WireAccount);
        return new Account
        {
            Url = url ?? response.Location(),
            Status = StateOf<AccountStatus>(wire.Status),
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
            Status = StateOf<AuthorizationStatus>(wire.Status),
            Identifier = response.ReadIdentifier(wire.Identifier),
            Wildcard = wire.Wildcard ?? false,
            Expires = ReadTime(wire.Expires),
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

    /// <inheritdoc cref="ReadAccount"/>
    public static Order ReadOrder(this AcmeResponse response, Uri? url = null)
    {
        var wire = response.Read(AcmeJsonContext.Default.WireOrder);
        return new Order
        {
            Url = url ?? response.Location(),
            Status = StateOf<OrderStatus>(wire.Status),
            Expires = ReadTime(wire.Expires),
            Identifiers = [.. (wire.Identifiers ?? []).Select(response.ReadIdentifier)],
            Authorizations = [.. (wire.Authorizations ?? []).Select(one => response.Url(one, "authorizations"))],
            Finalize = response.Url(wire.Finalize, "finalize"),
            Certificate = response.UrlOrNull(wire.Certificate, "certificate"),
            Error = ProblemReader.Read(wire.Error),
            Replaces = CertificateId.TryParse(wire.Replaces, out var replaces) ? replaces : null,
            Profile = AcmeProblem.Clean(wire.Profile),
            RetryAfter = response.RetryAfter,
        };
    }

    public static RenewalInfo ReadRenewalInfo(this AcmeResponse response)
    {
        var wire = response.Read(AcmeJsonContext.Default.WireRenewalInfo);
        if (ReadTime(wire.SuggestedWindow?.Start) is not { } start || ReadTime(wire.SuggestedWindow?.End) is not { } end)
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
            Status = StateOf<ChallengeStatus>(wire.Status),
            Token = hasToken ? wire.Token : null,
            Validated = ReadTime(wire.Validated),
            Error = ProblemReader.Read(wire.Error),
            RetryAfter = response.RetryAfter,
        };
    }

    private static Identifier ReadIdentifier(this AcmeResponse response, WireIdentifier? wire) =>
        wire is { Type: { } type, Value: { } value }
            ? new Identifier(AcmeProblem.Clean(type)!, AcmeProblem.Clean(value)!)
            : throw response.Invalid("an identifier without type or value");

    /// <summary>A state by its name in RFC 8555 §7.1.6, which is in lower case; the first one, Unknown, for any other text.</summary>
    private static T StateOf<T>(string? text)
        where T : struct, Enum =>
        text is not null && text.All(char.IsAsciiLetterLower) && Enum.TryParse<T>(text, ignoreCase: true, out var state) ? state : default;

    /// <summary>Null for a text that is not a date of RFC 3339.</summary>
    private static DateTimeOffset? ReadTime(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : null;
}
