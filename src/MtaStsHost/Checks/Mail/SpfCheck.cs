using MailRecords;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mail;

/// <summary>Which hosts may send in the name of a domain, RFC 7208. At most 42 queries: TXT, MX, and <see cref="SpfWalk"/>'s.</summary>
internal static class SpfCheck
{
    private const int MaxListed = 6;

    /// <param name="domain">A-labels, without a trailing dot.</param>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(string domain, IResolver resolver, CancellationToken cancellationToken)
    {
        var (txts, fault) = await resolver.TxtAsync(domain, cancellationToken).OrFaultAsync();
        if (txts is null) return [new(SpfFindings.LookupFailed, domain, fault!)];
        var records = txts.Where(SpfRecord.IsCandidate).ToList();
        if (records.Count > 1) return [JudgeSeveral(domain, records)];
        if (records.Count == 0) return [JudgeMissing(domain, txts, await ReceivesMailAsync(domain, resolver, cancellationToken))];
        if (!SpfRecord.TryParse(records[0], out var record, out var error))
            return [new(SpfFindings.Malformed, domain, error, Printable.Quote(records[0]))];
        var walk = new SpfWalk(domain, resolver);
        var found = await walk.WalkAsync(record, cancellationToken);
        return [.. JudgeIdle(domain, record), .. found, .. JudgeCounts(domain, walk)];
    }

    /// <summary>None of the TXT records is an SPF record.</summary>
    internal static Finding JudgeMissing(string domain, IReadOnlyList<string> txts, bool receivesMail)
    {
        var record = receivesMail ? "v=spf1 mx ~all" : "v=spf1 -all";
        // Without MX records, a domain may send mail all the same.
        var add = $"{ZoneLine.Txt(domain, record)}{(receivesMail ? ", with include:, ip4: or ip6: for other hosts that send"
            : " if it sends no mail; otherwise name the hosts that send before -all")}";
        // 'v=spf1;', ' v=spf1', '"v=spf1' and the like.
        return txts.FirstOrDefault(txt => txt.Length <= 1024 && txt.Contains("v=spf", StringComparison.OrdinalIgnoreCase)) is { } near
            ? new(SpfFindings.NotARecord, domain, Printable.Quote(near), add) : new(SpfFindings.Missing, domain, add);
    }

    private static Finding JudgeSeveral(string domain, List<string> records) =>
        new(SpfFindings.Multiple, domain, records.Count, records.Take(4).Select(record => Printable.Quote(record, 80)),
            Merge(records) is { } merged ? $": {ZoneLine.Txt(domain, merged)}" : "");

    /// <summary>One record that permits what all do, as strict with the rest as the first; <c>null</c> if one is malformed.</summary>
    private static string? Merge(List<string> texts)
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
        foreach (var error in record.Ignored) yield return new(SpfFindings.AfterAll, domain, error);
        if (record is { All: not null, Redirect: not null })
            yield return new(SpfFindings.RedirectUnused, domain, Printable.Text(record.Redirect, 100));
    }

    private static IEnumerable<Finding> JudgeCounts(string domain, SpfWalk walk)
    {
        if (walk.Terms > SpfWalk.MaxTerms && !walk.HasLoop)
        {
            var count = walk.Terms < SpfWalk.MaxFollowed ? $"{walk.Terms}" : $"{SpfWalk.MaxFollowed} or more";
            yield return new(SpfFindings.TooManyLookups, domain, count, SpfWalk.MaxTerms, walk.Costs.OrderByDescending(cost => cost.Terms)
                .Take(MaxListed).Select(cost => $"{Printable.Quote(cost.Term, 80)} {cost.Terms}"));
        }

        var isOver = walk.Voids.Count > SpfWalk.MaxVoid;
        foreach (var (family, voids) in ((string, List<string>)[])[("IPv4", walk.VoidsOverIp4), ("IPv6", walk.VoidsOverIp6)])
        {
            if (!isOver && walk.Terms <= SpfWalk.MaxTerms && voids.Count > 0 && walk.Voids.Count + voids.Count > SpfWalk.MaxVoid)
                yield return new(SpfFindings.VoidForFamily, domain, family, SpfWalk.MaxVoid, voids.Take(MaxListed));
        }

        if (walk.Voids.Count > 0)
            yield return new(SpfFindings.VoidLookups, isOver ? FindingSeverity.Error : FindingSeverity.Info, domain,
            isOver ? $", and receivers give up after {SpfWalk.MaxVoid} of them" : "", walk.Voids.Take(MaxListed));
    }

    /// <summary>Only for the suggestion: if it is not known, the one that does no harm.</summary>
    private static async Task<bool> ReceivesMailAsync(string domain, IResolver resolver, CancellationToken cancellationToken) =>
        (await resolver.MxAsync(domain, cancellationToken).OrFaultAsync()).Answer?.Any(mx => mx.Exchange.Length > 0) ?? true;
}
