using MailRecords;
using MtaStsHost.Network;
using MtaStsHost.Text;

namespace MtaStsHost.Checks.Mail;

/// <summary>
/// Which hosts may send in the name of a domain, RFC 7208. At most 42 queries a domain: its TXT, its MX where it has no record, and those
/// of <see cref="SpfWalk"/>.
/// </summary>
internal static class SpfCheck
{
    public const string Missing = "spf-missing";
    public const string Multiple = "spf-multiple";
    public const string Invalid = "spf-invalid";
    public const string TooManyLookups = "spf-too-many-lookups";
    public const string Permissive = "spf-permissive";

    private const string Limits = "RFC 7208 §4.6.4";
    private const int MaxListed = 6;

    /// <param name="domain">A-labels, without a trailing dot.</param>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(string domain, IResolver resolver, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> txts;
        try
        {
            txts = await resolver.TxtAsync(domain, cancellationToken);
        }
        catch (ResolutionException e)
        {
            return [Texts.Unknown(Missing, $"the SPF record of {domain}", e, "RFC 7208 §4.4")];
        }

        var records = txts.Where(SpfRecord.IsCandidate).ToList();
        if (records.Count > 1) return [JudgeSeveral(domain, records)];
        if (records.Count == 0) return [JudgeMissing(domain, txts, await ReceivesMailAsync(domain, resolver, cancellationToken))];
        if (!SpfRecord.TryParse(records[0], out var record, out var error))
            return [new Finding(Invalid, FindingSeverity.Error,
                $"the SPF record of {domain} is malformed {error}; receivers act as on a failure: {Texts.Quote(records[0])}",
                "mend it there; no part of the record counts until then", "RFC 7208 §4.6")];
        var walk = new SpfWalk(domain, resolver);
        var found = await walk.WalkAsync(record, cancellationToken);
        return [.. JudgeIdle(domain, record), .. found, .. JudgeCounts(domain, walk)];
    }

    /// <summary>TXT records without one that is an SPF record.</summary>
    internal static Finding JudgeMissing(string domain, IReadOnlyList<string> txts, bool receivesMail)
    {
        var record = receivesMail ? "v=spf1 mx ~all" : "v=spf1 -all";
        var add = $"{Texts.TxtRecord(domain, record)}{(receivesMail ? ", with include:, ip4: or ip6: for other hosts that send" : "")}";
        // 'v=spf1;', ' v=spf1', '"v=spf1' and the like.
        return txts.FirstOrDefault(txt => txt.Length <= 1024 && txt.Contains("v=spf", StringComparison.OrdinalIgnoreCase)) is { } near
            ? new Finding(Invalid, FindingSeverity.Error,
                $"a TXT record of {domain} looks like SPF, but doesn't begin with {SpfRecord.Version} and a space, and so is none: "
                + $"{Texts.Quote(near)}", $"make it begin so: {add}", "RFC 7208 §4.5")
            : new Finding(Missing, FindingSeverity.Warning, $"{domain} has no SPF record: any host may send in its name",
                $"publish {add}", "RFC 7208 §3");
    }

    internal static Finding JudgeSeveral(string domain, IReadOnlyList<string> records)
    {
        var merged = Merge(records);
        return new Finding(
            Multiple,
            FindingSeverity.Error,
            $"{domain} has {records.Count} SPF records, so that none counts and receivers act as on a failure: "
                + $"{string.Join(", ", records.Take(4).Select(record => Texts.Quote(record, 80)))}",
            merged is null ? "leave one" : $"leave one: {Texts.TxtRecord(domain, merged)}",
            "RFC 7208 §4.5");
    }

    /// <summary>One record that permits what all do, and is as strict with the rest as the first; <c>null</c> where they aren't
    /// understood.</summary>
    private static string? Merge(IReadOnlyList<string> texts)
    {
        var records = new List<SpfRecord>();
        foreach (var text in texts.Take(4))
        {
            if (!SpfRecord.TryParse(text, out var record, out _) || record.EffectiveRedirect is not null) return null;
            records.Add(record);
        }

        var terms = records.SelectMany(record => record.Evaluated).Select(directive => directive.Text)
            .Distinct(StringComparer.OrdinalIgnoreCase);
        var all = records.Select(record => record.All)
            .FirstOrDefault(all => all is { Qualifier: SpfQualifier.Fail or SpfQualifier.SoftFail })?.Text ?? "~all";
        return string.Join(' ', [SpfRecord.Version, .. terms, all]);
    }

    private static IEnumerable<Finding> JudgeIdle(string domain, SpfRecord record)
    {
        foreach (var error in record.Ignored)
            yield return new Finding(Invalid, FindingSeverity.Warning,
                $"the SPF record of {domain} has {error}", "move it before all, or take it out", "RFC 7208 §5.1");
        if (record is { All: not null, Redirect: not null })
            yield return new Finding(Invalid, FindingSeverity.Info,
                $"the SPF record of {domain} has all and redirect={Printable.Text(record.Redirect, 100)}; the redirect does nothing",
                "take one of the two out", "RFC 7208 §6.1");
    }

    private static IEnumerable<Finding> JudgeCounts(string domain, SpfWalk walk)
    {
        if (walk.Terms > SpfWalk.MaxTerms && !walk.HasLoop)
        {
            var count = walk.Terms < SpfWalk.MaxFollowed ? $"{walk.Terms}" : $"{SpfWalk.MaxFollowed} or more";
            var costs = walk.Costs.OrderByDescending(cost => cost.Terms)
                .Take(MaxListed).Select(cost => $"{Texts.Quote(cost.Term, 80)} {cost.Terms}");
            yield return new Finding(TooManyLookups, FindingSeverity.Error,
                $"the SPF record of {domain} needs {count} look-ups, and receivers give up after {SpfWalk.MaxTerms}: "
                + $"{string.Join(", ", costs)}",
                "take out what sends no mail any more, or name addresses with ip4: and ip6:, which cost none", Limits);
        }

        if (walk.Voids.Count == 0) yield break;
        var (isOver, terms) = (walk.Voids.Count > SpfWalk.MaxVoid, string.Join(", ", walk.Voids.Take(MaxListed)));
        yield return new Finding(
            TooManyLookups,
            isOver ? FindingSeverity.Error : FindingSeverity.Info,
            $"the SPF record of {domain} names {Texts.Times(walk.Voids.Count, "host", "hosts")} without a record in "
                + $"DNS{(isOver ? $", and receivers give up after {SpfWalk.MaxVoid}" : "")}: {terms}",
            $"take {(walk.Voids.Count == 1 ? "it" : "them")} out",
            Limits);
    }

    /// <summary>Only for what to suggest: what does no harm where it is not known.</summary>
    private static async Task<bool> ReceivesMailAsync(string domain, IResolver resolver, CancellationToken cancellationToken)
    {
        try
        {
            return (await resolver.MxAsync(domain, cancellationToken)).Any(mx => mx.Exchange.Length > 0);
        }
        catch (ResolutionException)
        {
            return true;
        }
    }
}
