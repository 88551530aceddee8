using MtaSts;
using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mail;

/// <summary>
/// Where senders report that TLS failed, RFC 8460. At most 31 queries a domain: the record, and for each of at most 10 domains of report
/// addresses its MX and both kinds of address.
/// </summary>
internal static class TlsRptCheck
{
    public const string Missing = "tlsrpt-missing";
    public const string Multiple = "tlsrpt-multiple";
    public const string Invalid = "tlsrpt-invalid";

    private const string Grammar = "RFC 8460 §3";
    private const string Mailto = "mailto:";
    private const int MaxTargets = 10;

    /// <param name="hasPolicy">Whether the domain has MTA-STS: then somebody should hear that senders fail to keep to it.</param>
    /// <param name="wanted">Where reports are to go by configuration; empty: nobody said.</param>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(DomainName domain,
        bool hasPolicy, IReadOnlyList<string> wanted, IResolver resolver, CancellationToken cancellationToken)
    {
        try
        {
            var txts = await resolver.TxtAsync(TlsRptRecord.NameFor(domain), cancellationToken);
            var selection = TlsRptRecord.Select(txts, out var record, out var error);
            return selection == TxtSelection.Valid
                ? await JudgeTargetsAsync(domain, record!, resolver, cancellationToken)
                : [Judge(domain, hasPolicy, wanted, txts, selection, error)];
        }
        catch (ResolutionException e)
        {
            return [Texts.Unknown(Missing, $"the TLSRPT record of {domain}", e, Grammar)];
        }
    }

    private static Finding Judge(DomainName domain, bool hasPolicy, IReadOnlyList<string> wanted,
        IReadOnlyList<string> txts, TxtSelection selection, string? error)
    {
        var name = TlsRptRecord.NameFor(domain);
        var record = Texts.TxtRecord(name, TlsRptRecord.Format(wanted.Count > 0 ? wanted : [$"{Mailto}tlsrpt@{domain}"]));
        if (selection == TxtSelection.Multiple)
            return new Finding(Multiple, FindingSeverity.Error,
                $"{name} has several TLSRPT records, so that none counts and no reports are sent", $"leave one: {record}", Grammar);
        if (selection == TxtSelection.Invalid)
            return Malformed(txts.First(IsOne), error!);
        if (txts.FirstOrDefault(txt => txt.Contains("tlsrpt", StringComparison.OrdinalIgnoreCase)) is { } near)
            return Malformed(near, "doesn't start with v=TLSRPTv1;");
        var severity = hasPolicy ? FindingSeverity.Warning : FindingSeverity.Info;
        return new Finding(Missing, severity, $"{domain} has no TLSRPT record: nobody hears of senders that can't deliver over TLS",
            $"publish {record}", Grammar);

        Finding Malformed(string text, string what) =>
            new(Invalid, FindingSeverity.Error, $"the TLSRPT record of {domain} {what}, so that no reports are sent: {Texts.Quote(text)}",
                $"publish in its place {record}", Grammar);
    }

    private static bool IsOne(string text) => text.StartsWith("v=TLSRPTv1;", StringComparison.Ordinal);

    private static async Task<IReadOnlyList<Finding>> JudgeTargetsAsync(DomainName domain,
        TlsRptRecord record, IResolver resolver, CancellationToken cancellationToken)
    {
        var targets = record.Rua.Where(uri => uri.StartsWith(Mailto, StringComparison.Ordinal))
            .Select(uri => uri.Split('?', 2)[0])
            .Select(address => address[(address.LastIndexOf('@') + 1)..])
            .Distinct(StringComparer.Ordinal)
            .Take(MaxTargets);
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
            return reason is null ? null : new Finding(Invalid, FindingSeverity.Warning,
                $"the TLSRPT record of {domain} has reports go to an address in {target}, which takes no mail: it {reason}",
                $"name an address that takes mail in {TlsRptRecord.NameFor(domain)}", Grammar);
        }
        catch (ResolutionException e)
        {
            return Texts.Unknown(Invalid, $"whether {target} takes the TLS reports of {domain}", e, Grammar);
        }
    }
}
