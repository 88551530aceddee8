using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mail;

/// <summary>Where senders report TLS failures, RFC 8460. At most 31 queries per domain: the record, and for each of at most 10 domains of
/// report addresses its MX records and addresses.</summary>
internal static class TlsRptCheck
{
    private const string Version = "v=TLSRPTv1";
    private const string Mailto = "mailto:";
    private const int MaxTargets = 10;

    /// <param name="hasPolicy">Whether the domain has MTA-STS: then its operator should hear of failures.</param>
    /// <param name="wanted">The configured report addresses; empty: none.</param>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(DomainName domain,
        bool hasPolicy, IReadOnlyList<string> wanted, IResolver resolver, CancellationToken cancellationToken)
    {
        var (txts, fault) = await resolver.TxtAsync(TlsRptRecord.NameFor(domain), cancellationToken).OrFaultAsync();
        if (txts is null) return [new(TlsRptFindings.LookupFailed, domain.Value, fault!)];
        var selection = TlsRptRecord.Select(txts, out var record, out var error);
        return selection == TxtSelection.Valid
            ? [.. JudgeUris(domain.Value, record!), .. await JudgeTargetsAsync(domain, record!, resolver, cancellationToken)]
            : [Judge(domain, hasPolicy, wanted, txts, selection, error)];
    }

    private static Finding Judge(DomainName domain, bool hasPolicy, IReadOnlyList<string> wanted,
        IReadOnlyList<string> txts, TxtSelection selection, string? error)
    {
        var record = ZoneLine.Txt(TlsRptRecord.NameFor(domain),
            TlsRptRecord.Format(wanted.Count > 0 ? wanted : [$"{Mailto}tlsrpt@{domain}"]));
        if (selection == TxtSelection.Multiple) return new(TlsRptFindings.Multiple, domain.Value, record);
        if (selection == TxtSelection.Invalid)
        {
            var bad = txts.First(text => text.StartsWith(Version + ";", StringComparison.Ordinal));
            // Only the grammar minds white space at the end.
            return new(TlsRptRecord.TryParse(bad.TrimEnd(' ', '\t'), out _, out _) ? TlsRptFindings.MalformedForMost
                : TlsRptFindings.Malformed, domain.Value, error!, Printable.Quote(bad), record);
        }

        if (txts.FirstOrDefault(TlsRptRecord.HasSpacedVersion) is { } spaced)
            return new(TlsRptFindings.MalformedForMost, domain.Value, "has white space before its first semicolon",
                Printable.Quote(spaced), record);
        if (txts.FirstOrDefault(txt => txt.Contains("tlsrpt", StringComparison.OrdinalIgnoreCase)) is { } near)
            return new(TlsRptFindings.Malformed, domain.Value, $"doesn't start with {Version};", Printable.Quote(near), record);
        return new(TlsRptFindings.Missing, hasPolicy ? FindingSeverity.Warning : FindingSeverity.Info, domain.Value, record);
    }

    /// <summary>URIs that don't count, or not for all senders.</summary>
    private static IEnumerable<Finding> JudgeUris(string domain, TlsRptRecord record)
    {
        foreach (var reason in record.Dropped.Distinct()) yield return new(TlsRptFindings.UriDropped, domain, reason);
        foreach (var uri in record.Rua.Take(MaxTargets))
        {
            if (TlsRptRecord.RemarkOn(uri) is { } remark)
                yield return new(TlsRptFindings.UriDoubtful, domain, Printable.Quote(uri), remark);
        }
    }

    private static async Task<IReadOnlyList<Finding>> JudgeTargetsAsync(DomainName domain,
        TlsRptRecord record, IResolver resolver, CancellationToken cancellationToken)
    {
        var targets = record.Rua.Where(uri => uri.StartsWith(Mailto, StringComparison.Ordinal))
            .Select(uri => uri.Split('?', 2)[0]).Select(address => address[(address.LastIndexOf('@') + 1)..])
            .Distinct(StringComparer.Ordinal).Take(MaxTargets);
        var found = await Task.WhenAll(targets.Select(target => JudgeTargetAsync(domain, target, resolver, cancellationToken)));
        return [.. found.OfType<Finding>()];
    }

    private static async Task<Finding?> JudgeTargetAsync(DomainName domain,
        string target, IResolver resolver, CancellationToken cancellationToken)
    {
        try
        {
            var hosts = await resolver.MxAsync(target, cancellationToken);
            var reason = hosts.Any(mx => mx.Exchange.Length > 0) ? null
                : hosts.Count > 0 ? "has the null MX (RFC 7505)"
                : (await resolver.AddressesAsync(target, cancellationToken)).Length == 0 ? "has no MX and no address"
                : null;
            return reason is null ? null : new(TlsRptFindings.NoMailbox, domain.Value, target, reason);
        }
        catch (ResolutionException e)
        {
            return new(TlsRptFindings.MailboxUnknown, domain.Value, target, e.Message);
        }
    }
}
