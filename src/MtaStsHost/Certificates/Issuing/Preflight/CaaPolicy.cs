using MtaStsHost.Network;
using MtaStsHost.Text;


namespace MtaStsHost.Certificates.Issuing.Preflight;

/// <summary>Who asks: the CA, and the challenges and account that it would be asked with.</summary>
/// <param name="CaaIdentities">The CA's names in CAA records, at least one.</param>
/// <param name="ChallengeTypes">One of them will do; empty where it isn't known, and then not looked at.</param>
/// <param name="AccountUrl"><c>null</c> where it isn't known, and then not looked at.</param>
internal sealed record CaaRequest(IReadOnlyList<string> CaaIdentities, IReadOnlyList<string> ChallengeTypes, string? AccountUrl);

/// <summary>
/// Whether a set of CAA records keeps a CA from issuing, as RFC 8659 §4 and RFC 8657 have it. Policy hosts are no wildcards, so
/// <c>issuewild</c> doesn't count. Where CAs may differ, none is said to be kept.
/// </summary>
internal static class CaaPolicy
{
    /// <summary>Properties that some CA understands: a critical one of them may be no obstacle. RFC 8659 §4, RFC 9495, CA/Browser
    /// Forum.</summary>
    private static readonly HashSet<string> s_known = new(StringComparer.Ordinal)
    {
        "issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone",
    };

    /// <summary>Climbs from the host to the top-level domain; the first name with CAA records decides. RFC 8659 §3. One query a label at
    /// most.</summary>
    /// <returns><c>null</c> when nothing forbids it.</returns>
    /// <exception cref="ResolutionException">A name server on the way didn't answer, so that it isn't known.</exception>
    public static async Task<PreflightFinding?> JudgeHostAsync(string host,
        CaaRequest request, IResolver resolver, CancellationToken cancellationToken)
    {
        for (var name = host; name.Length > 0; name = Parent(name))
        {
            var records = await resolver.CaaAsync(name, cancellationToken);
            if (records.Count > 0) return Judge(name, records, request);
        }

        return null;
    }

    /// <param name="name">Where the records stand.</param>
    /// <param name="records">All of that name; at least one.</param>
    /// <returns><c>null</c> when they don't forbid it.</returns>
    public static PreflightFinding? Judge(string name, IReadOnlyList<CaaRecord> records, CaaRequest request)
    {
        if (records.FirstOrDefault(record => record.Critical && !s_known.Contains(record.Tag)) is { } unknown)
            return new($"the CAA records of {name} have a critical property that no CA knows ({Printable.Text(unknown.Tag, 40)})",
                "take it out, or clear its critical flag");
        var issue = records.Where(record => record.Tag == "issue").ToList();
        if (issue.Count == 0) return null;
        var values = issue.Select(record => (Text: record.Value, Value: CaaIssueValue.TryParse(record.Value, out var value) ? value : null))
            .ToList();
        var ours = values.Where(entry => entry.Value is { Issuer.Length: > 0 }
            && request.CaaIdentities.Contains(entry.Value.Issuer, StringComparer.OrdinalIgnoreCase)).ToList();
        var add = $"publish {name} CAA 0 issue \"{Printable.Text(request.CaaIdentities[0], 100)}\"";
        if (ours.Count == 0)
        {
            var malformed = values.Exists(entry => entry.Value is null) ? ", and a malformed value permits nobody" : "";
            return new($"the CAA records of {name} don't permit this CA ({Listed(values)}{malformed})", add);
        }

        var faults = ours.Select(entry => Fault(entry.Value!, request)).ToList();
        return faults.Contains(null) ? null : new($"the CAA records of {name} name this CA, but {faults[0]}",
            $"mend that record, or {add} beside it");
    }

    private static string Listed(IEnumerable<(string Text, CaaIssueValue? Value)> values) =>
        string.Join(", ", values.Take(4).Select(entry => $"issue \"{Printable.Text(entry.Text, 60)}\""));

    /// <summary>
    /// Why a record doesn't hold for this account and challenge; <c>null</c> when it does. RFC 8657 §3 makes a property with more than one
    /// <c>accounturi</c> unsatisfiable; it doesn't speak of several <c>validationmethods</c>, so that any of them will do here.
    /// </summary>
    private static string? Fault(CaaIssueValue value, CaaRequest request)
    {
        var accounts = value.All("accounturi");
        if (accounts.Count > 1) return "with more than one accounturi, which no account satisfies";
        if (accounts.Count == 1 && request.AccountUrl is not null && accounts[0] != request.AccountUrl)
            return $"for the account {Printable.Text(accounts[0], 200)} only, and this host's is {Printable.Text(request.AccountUrl, 200)}";
        var methods = value.All("validationmethods");
        if (methods.Count > 0 && request.ChallengeTypes.Count > 0
            && !methods.SelectMany(list => list.Split(',')).Intersect(request.ChallengeTypes, StringComparer.OrdinalIgnoreCase).Any())
            return $"for other challenges than {string.Join(" and ", request.ChallengeTypes)} only "
                + $"({Printable.Text(string.Join(", ", methods), 100)})";
        return null;
    }

    private static string Parent(string name) =>
        name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? name[(dot + 1)..] : "";
}
