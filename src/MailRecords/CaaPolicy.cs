namespace MailRecords;

/// <summary>A CAA record. RFC 8659 §4.1.</summary>
/// <param name="Critical">A CA that doesn't understand the property must not issue.</param>
/// <param name="Tag">Lower case.</param>
/// <param name="Value">As published.</param>
public sealed record CaaRecord(bool Critical, string Tag, string Value)
{
    /// <summary>The lowest bit of the flags, which some take for the critical one. Let's Encrypt does too; by RFC 8659 §4.1 it means
    /// nothing.</summary>
    public bool HasLowestFlag { get; init; }
}

/// <summary>The CA, challenges and account that a certificate is requested with.</summary>
/// <param name="CaaIdentities">The CA's names in CAA records (RFC 8555 §9.7.6), at least one.</param>
/// <param name="ChallengeTypes">One permitted type is enough; empty when unknown, and then not checked.</param>
/// <param name="AccountUrl"><c>null</c> when unknown, and then not checked.</param>
public sealed record CaaRequest(IReadOnlyList<string> CaaIdentities, IReadOnlyList<string> ChallengeTypes, string? AccountUrl);

/// <summary>Why CAA records forbid a request.</summary>
public enum CaaRefusalReason
{
    /// <summary>A property that no CA understands is critical. RFC 8659 §4.1.</summary>
    UnknownCriticalProperty,

    /// <summary>No <c>issue</c> property names the CA. RFC 8659 §4.2.</summary>
    OtherIssuers,

    /// <summary>The <c>issue</c> properties that name the CA permit another account or challenge only. RFC 8657.</summary>
    OtherParameters,
}

/// <summary>That CAA records forbid a request.</summary>
/// <param name="Reason">For programs.</param>
/// <param name="Message">A phrase in printable ASCII whose subject is the CAA records.</param>
public sealed record CaaRefusal(CaaRefusalReason Reason, string Message);

/// <summary>Whether the CAA records of one name permit a certificate for a name without a wildcard. RFC 8659 §4, RFC 8657.</summary>
public static class CaaPolicy
{
    private const int MaxListed = 4;
    private const string LetsEncrypt = "letsencrypt.org";

    /// <summary>Permits where CAs may differ.</summary>
    /// <param name="records">All CAA records of the name, at least one.</param>
    /// <param name="request">What is requested.</param>
    /// <returns><c>null</c> when the records permit it.</returns>
    public static CaaRefusal? Check(IReadOnlyList<CaaRecord> records, CaaRequest request)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(request);
        var minds = request.CaaIdentities.Contains(LetsEncrypt, StringComparer.OrdinalIgnoreCase);
        if (records.FirstOrDefault(record => (record.Critical || (record.HasLowestFlag && minds)) && !IsKnown(record.Tag)) is { } unknown)
            return new(CaaRefusalReason.UnknownCriticalProperty,
                $"contain a critical property that no CA understands ({Quoted.Bare(unknown.Tag, 40)})");
        var texts = records.Where(record => record.Tag == "issue").Select(record => record.Value).ToList();
        if (texts.Count == 0) return null;
        var values = texts.ConvertAll(text => CaaIssueValue.TryParse(text, out var value) ? value : null);
        var ours = values.Where(value => value is { Issuer.Length: > 0 }
            && request.CaaIdentities.Contains(value.Issuer, StringComparer.OrdinalIgnoreCase)).ToList();
        if (ours.Count == 0)
        {
            var malformed = values.Contains(null) ? "; a malformed value permits no CA" : "";
            var listed = string.Join(", ", texts.Take(MaxListed).Select(text => $"issue \"{Quoted.Bare(text)}\""));
            return new(CaaRefusalReason.OtherIssuers, $"don't permit this CA ({listed}{malformed})");
        }

        var reasons = ours.ConvertAll(value => Mismatch(value!, request));
        return reasons.Contains(null) ? null : new(CaaRefusalReason.OtherParameters, $"name this CA, but {reasons[0]}");
    }

    /// <summary>Properties that CAs understand, and that may therefore be critical. RFC 8659 §4, RFC 9495, CA/Browser Forum.</summary>
    private static bool IsKnown(string tag) =>
        tag is "issue" or "issuewild" or "iodef" or "issuemail" or "issuevmc" or "contactemail" or "contactphone";

    /// <summary>RFC 8657 §3 makes a property with more than one <c>accounturi</c> unsatisfiable. It doesn't mention several
    /// <c>validationmethods</c>, so that any of them is enough here.</summary>
    private static string? Mismatch(CaaIssueValue value, CaaRequest request)
    {
        var accounts = value.All("accounturi");
        if (accounts.Count > 1) return "with more than one accounturi, which no account satisfies";
        if (accounts.Count == 1 && request.AccountUrl is not null && accounts[0] != request.AccountUrl)
            return $"only for the account {Quoted.Text(accounts[0], 200)}; this account is {Quoted.Text(request.AccountUrl, 200)}";
        var methods = value.All("validationmethods");
        if (methods.Count > 0 && request.ChallengeTypes.Count > 0
            && !methods.SelectMany(list => list.Split(',')).Intersect(request.ChallengeTypes, StringComparer.OrdinalIgnoreCase).Any())
            return $"only for the challenges {Quoted.Text(string.Join(", ", methods), 100)}, not for "
                + string.Join(" or ", request.ChallengeTypes);
        return null;
    }
}

/// <summary>The value of a CAA <c>issue</c> property: <c>ca.example; validationmethods=http-01</c>. RFC 8659 §4.2.</summary>
/// <param name="Issuer">The CA's name in lower case; empty when no CA is permitted.</param>
/// <param name="Parameters">In the value's order; a tag may occur more than once.</param>
public sealed record CaaIssueValue(string Issuer, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>Reads a value in one pass. Never throws for any text.</summary>
    /// <returns>Whether the value is valid. One that isn't permits no CA.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out CaaIssueValue? value)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = null;
        // Neither a tag nor its content can contain a semicolon.
        var parts = text.Split(';');
        var issuer = parts[0].Trim(' ', '\t');
        if (issuer.Length > 0 && !issuer.Split('.').All(MailtoUri.IsLabel)) return false;
        var parameters = new List<KeyValuePair<string, string>>();
        foreach (var part in parts.AsSpan(1))
        {
            // "ca.example;" is valid, and "ca.example; a=1;" is not.
            if (parts.Length == 2 && part.Trim(' ', '\t').Length == 0) break;
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) return false;
            var (tag, content) = (part[..equals].Trim(' ', '\t'), part[(equals + 1)..].Trim(' ', '\t'));
            if (!MailtoUri.IsLabel(tag) || content.AsSpan().ContainsAnyExceptInRange('!', '~')) return false;
            parameters.Add(new(tag, content));
        }

        value = new CaaIssueValue(issuer.ToLowerInvariant(), parameters);
        return true;
    }

    /// <summary>The values of a parameter. Tags are case-sensitive: RFC 8657 defines its own in lower case.</summary>
    public IReadOnlyList<string> All(string tag) =>
        [.. Parameters.Where(parameter => parameter.Key == tag).Select(parameter => parameter.Value)];

    /// <summary>The value as a record has it.</summary>
    public override string ToString() =>
        string.Join("; ", Parameters.Select(parameter => $"{parameter.Key}={parameter.Value}").Prepend(Issuer));
}
