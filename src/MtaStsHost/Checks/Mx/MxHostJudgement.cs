using System.Net.Sockets;
using MtaStsHost.Text;

namespace MtaStsHost.Checks.Mx;

/// <summary>What the MX hosts showed when they were connected to. Pure.</summary>
internal static class MxHostJudgement
{
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(7);

    public static IEnumerable<Finding> Judge(MxFacts facts)
    {
        var severity = MxJudgement.Severity(facts.Policy);
        var looked = facts.Hosts.Where(host => host.IsLookedAt).ToList();
        var isNoneLeft = looked.All(host => host.LookupError is null && host.Addresses.Count == 0);
        foreach (var host in looked)
        {
            if (JudgeAddresses(host, isNoneLeft) is { } missing) yield return missing;
            // One finding for all addresses that show the same.
            foreach (var same in host.Addresses.GroupBy(entry => (entry.Result.Outcome, entry.Result.Message, IsUnknown: IsUnknown(entry))))
            {
                var where = $"{host.Name} ({string.Join(", ", same.Select(entry => entry.Address))})";
                if (same.Key is { Outcome: not SmtpOutcome.Good, IsUnknown: false }) yield return Explain(host.Name,
                    where, same.First().Result, severity);
                if (same.Key.Outcome == SmtpOutcome.Good && Soonest(facts, same) is { } end) yield return EndsSoon(where, end);
            }

            if (host.Aliases.Count > 0)
            {
                yield return new("mx-alias", FindingSeverity.Info,
                    $"the MX host {host.Name} is an alias of {MxJudgement.List(host.Aliases)}; some senders don't follow that",
                    $"let the MX record name {Printable.Text(host.Aliases[^1])}, with a certificate and an entry in Mx for it, or give "
                        + $"{host.Name} its own A and AAAA records", "RFC 5321 §5.1");
            }
        }

        if (JudgeUnknown(looked) is { } unknown) yield return unknown;
        foreach (var finding in JudgeDane(looked)) yield return finding;
    }

    private static Finding? JudgeAddresses(MxHost host, bool isNoneLeft) => (host.LookupError, host.Addresses.Count) switch
    {
        ({ } error, var known) => new("mx-unreachable", FindingSeverity.Unknown,
            $"DNS doesn't tell {(known == 0 ? "the address" : "all addresses")} of the MX host {host.Name}: {Printable.Text(error)}",
            $"see that the name servers of {host.Name} answer", "RFC 5321 §5.1") { Unseen = host.Name },
        (_, 0) => new("mx-unreachable", isNoneLeft ? FindingSeverity.Error : FindingSeverity.Warning,
            $"the MX host {host.Name} has no address in DNS",
            $"publish {host.Name}. A or AAAA with its address, or take the MX record out", "RFC 5321 §5.1"),
        _ => null,
    };

    /// <summary>Whether the fault may lie on this side, or be about who asks.</summary>
    public static bool IsUnknown(MxAddress entry) => entry.Result switch
    {
        { Outcome: SmtpOutcome.Refused } => true,
        { SocketError: SocketError.NetworkUnreachable or SocketError.NetworkDown
            or SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable or SocketError.AccessDenied } => true,
        { Greeted: false } => !entry.IsPortOpen,
        _ => false,
    };

    /// <summary>One for the domain: a network that blocks port 25 blocks it to all hosts.</summary>
    private static Finding? JudgeUnknown(IReadOnlyList<MxHost> hosts)
    {
        var unseen = hosts.SelectMany(host => host.Addresses.Where(IsUnknown).Select(entry => (Host: host.Name, Entry: entry))).ToList();
        var unknown = unseen.Select(one => $"{one.Host} ({one.Entry.Address}) {one.Entry.Result.Message}").ToList();
        return unknown.Count == 0
            ? null
            : new("mx-unreachable", FindingSeverity.Unknown,
                $"from here nobody can tell whether these MX hosts are all right: {MxJudgement.List(unknown)}",
                "many networks block port 25 or lack IPv6, and many servers refuse unknown clients: look from another network too", null)
            {
                Unseen = Finding.Join(unseen.Select(one => $"{one.Host}/{one.Entry.Address}")),
            };
    }

    private static Finding Explain(string host, string where, SmtpProbeResult result, FindingSeverity severity)
    {
        Finding Make(string code, string fix, string rfc) => new(code, severity, $"{where} {result.Message}", fix, rfc);
        return result.Outcome switch
        {
            SmtpOutcome.NoStartTls => Make("mx-no-starttls", $"turn on STARTTLS there, with a certificate for {host}", "RFC 8461 §4.2"),
            SmtpOutcome.StartTlsRefused => Make("mx-no-starttls",
                "look into the server's log: mostly it can't read its certificate or key", "RFC 3207 §4"),
            SmtpOutcome.InjectedPlaintext => Make("mx-tls",
                "update the server, or the proxy or firewall before it: nobody may write into the connection there", "RFC 3207 §4.2"),
            SmtpOutcome.TlsVersion => Make("mx-tls-version", "turn on TLS 1.2 and 1.3 there", "RFC 8996"),
            SmtpOutcome.TlsHandshake => Make("mx-tls",
                $"look into the server's log: mostly it has no certificate that it can read; to see the handshake: openssl s_client "
                + $"-starttls smtp -servername {host} -connect {host}:25", "RFC 8461 §4.2"),
            SmtpOutcome.Untrusted => Make("mx-certificate",
                "use a certificate of a public CA, and let the server send the intermediate certificates with it", "RFC 8461 §4.2"),
            SmtpOutcome.WrongName => Make("mx-certificate",
                $"get a certificate with the DNS name {host}; or let the MX record name a host that is in this one, and add that to Mx",
                "RFC 8461 §4.2"),
            SmtpOutcome.Expired => Make("mx-certificate", "renew the certificate, and let the server load it", "RFC 8461 §4.2"),
            _ => new("mx-unreachable", FindingSeverity.Warning, $"{where} {result.Message}",
                "see that the server runs and answers there, or take the address out of DNS", "RFC 5321 §5.1"),
        };
    }

    /// <summary>A week before the end, or in the last fifth of a shorter life.</summary>
    private static DateTimeOffset? Soonest(MxFacts facts, IEnumerable<MxAddress> addresses)
    {
        var ends = addresses.Select(entry => entry.Result)
            .Where(result => result is { CertificateNotBefore: { } from, CertificateNotAfter: { } to }
                && to - facts.Time < Min(s_soon, (to - from) / 5))
            .Select(result => result.CertificateNotAfter);
        return ends.Min();
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static Finding EndsSoon(string where, DateTimeOffset end) =>
        new("mx-certificate", FindingSeverity.Warning, $"the certificate of {where} ends on {end:yyyy-MM-dd HH:mm}Z",
            "renew it, and let the server load it", "RFC 8461 §4.2");

    /// <summary>RFC 7672: senders that know DANE go by TLSA records, and wait where DNS doesn't tell whether there are any.</summary>
    private static IEnumerable<Finding> JudgeDane(IReadOnlyList<MxHost> hosts)
    {
        var dane = hosts.Where(host => host.TlsaRecords > 0).Select(host => host.Name).ToList();
        if (dane.Count > 0)
            yield return new("mx-dane", FindingSeverity.Info,
                $"there are TLSA records for {MxJudgement.List(dane)}: senders that know DANE go by these", null, "RFC 7672 §2.2");
        var silent = hosts.Where(host => host.TlsaRecords is null).Select(host => $"_25._tcp.{host.Name}").ToList();
        if (silent.Count > 0)
        {
            yield return new("mx-dane", FindingSeverity.Unknown,
                $"DNS doesn't tell whether there are TLSA records at {MxJudgement.List(silent)}",
                "see that the name servers answer: senders that know DANE hold mail back while they don't",
                    "RFC 7672 §2.1.1") { Unseen = Finding.Join(silent) };
        }
    }
}
