using MtaStsHost.Checks.Catalogue;

namespace MtaStsHost.Checks.Mx;

/// <summary>What the MX hosts showed when they were connected to. Pure.</summary>
internal static class MxHostJudgement
{
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(7);

    public static IEnumerable<Finding> Judge(MxFacts facts)
    {
        var domain = facts.Domain.Value;
        var looked = facts.Hosts.Where(host => host.IsLookedAt).ToList();
        var isNoneLeft = looked.TrueForAll(host => host.LookupError is null && host.Addresses.Count == 0);
        foreach (var host in looked)
        {
            if (host.LookupError is { } error)
                yield return new(MxFindings.AddressesUnknown, domain, host.Name, host.Addresses.Count > 0 ? "all " : "", error);
            else if (host.Addresses.Count == 0)
                yield return new(MxFindings.NoAddress, domain, host.Name)
                {
                    Severity = isNoneLeft ? FindingSeverity.Error : FindingSeverity.Warning,
                };

            // One finding for all addresses that show the same.
            foreach (var same in host.Addresses.GroupBy(entry => (entry.Result.Outcome, entry.Result.Message, entry.IsInconclusive)))
            {
                var where = $"{host.Name} ({string.Join(", ", same.Select(entry => entry.Address))})";
                if (same.Key is { Outcome: not SmtpOutcome.Good, IsInconclusive: false })
                    yield return Explain(facts, where, same.Key.Message, same.Key.Outcome, host.Name);
                if (same.Key.Outcome == SmtpOutcome.Good && Soonest(facts, same) is { } end)
                    yield return new(MxFindings.ExpiresSoon, domain, where, end);
            }

            if (host.Aliases.Count > 0) yield return new(MxFindings.Alias, domain, host.Name, host.Aliases, host.Aliases[^1]);
        }

        // One for the domain: a network that blocks port 25 blocks it to all hosts.
        var unseen = looked.SelectMany(host => host.Addresses.Select(entry => (host.Name, entry))).Where(one => one.entry.IsInconclusive)
            .ToList();
        if (unseen.Count > 0)
            yield return new(MxFindings.Inconclusive, domain, unseen.Select(one => $"{one.Name} ({one.entry.Address})"),
                unseen.Select(one => one.entry.Result.Message).Distinct());
        // RFC 7672: senders that support DANE use TLSA records, and wait if they can't find out whether there are any.
        var dane = looked.Where(host => host.TlsaRecords > 0).Select(host => host.Name).ToList();
        if (dane.Count > 0) yield return new(MxFindings.Dane, domain, dane);
        var silent = looked.Where(host => host.TlsaRecords is null).Select(host => $"_25._tcp.{host.Name}").ToList();
        if (silent.Count > 0) yield return new(MxFindings.DaneUnknown, domain, silent);
    }

    private static Finding Explain(MxFacts facts, string where, string fault, SmtpOutcome outcome, string name)
    {
        var descriptor = outcome switch
        {
            SmtpOutcome.NoStartTls => MxFindings.NoStartTls,
            SmtpOutcome.StartTlsRefused => MxFindings.StartTlsRefused,
            SmtpOutcome.InjectedPlaintext => MxFindings.Injected,
            SmtpOutcome.TlsVersion => MxFindings.TlsVersion,
            SmtpOutcome.TlsHandshake => MxFindings.TlsFailed,
            SmtpOutcome.Untrusted => MxFindings.Untrusted,
            SmtpOutcome.WrongName => MxFindings.WrongName,
            SmtpOutcome.Expired => MxFindings.Expired,
            _ => MxFindings.Unreachable,
        };
        return new(descriptor, facts.Domain.Value, where, fault, name)
        {
            Severity = descriptor == MxFindings.Unreachable ? FindingSeverity.Warning : facts.Severity,
        };
    }

    /// <summary>A week before the end, or in the last fifth of a shorter life.</summary>
    private static DateTimeOffset? Soonest(MxFacts facts, IEnumerable<MxAddress> addresses) => addresses.Select(entry => entry.Result)
        .Where(result => result is { CertificateNotBefore: { } from, CertificateNotAfter: { } to }
            && to - facts.Time is var left && left < s_soon && left < (to - from) / 5)
        .Min(result => result.CertificateNotAfter);
}
