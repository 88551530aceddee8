using static MtaStsHost.Checks.Catalogue.FindingArea;
using static MtaStsHost.Checks.Catalogue.FindingSeverity;

namespace MtaStsHost.Checks.Catalogue;

/// <summary>SPF, RFC 7208.</summary>
internal static class SpfFindings
{
    private const string Limits = "RFC 7208 §4.6.4";
    private const string Term = "{term} in the SPF record of {place}";
    private const string NameHosts = "name the hosts that send, not a whole address space";
    private const string EndInAll = "change it to ~all, or to -all once all hosts that send are named";

    public static readonly FindingDescriptor LookupFailed = new("spf-missing", Spf, Unknown, "RFC 7208 §4.4",
        "the SPF record of {domain} could not be looked up: {error}");

    public static readonly FindingDescriptor Missing = new("spf-missing", Spf, Warning, "RFC 7208 §3",
        "{domain} has no SPF record: any host may send in its name", "publish {record}");

    public static readonly FindingDescriptor NotARecord = new("spf-invalid", Spf, Error, "RFC 7208 §4.5",
        "a TXT record of {domain} looks like SPF but doesn't begin with v=spf1 and a space, so it doesn't count: {text}",
        "correct its beginning: {record}");

    public static readonly FindingDescriptor Malformed = new("spf-invalid", Spf, Error, "RFC 7208 §4.6",
        "the SPF record of {domain} is malformed {error}; receivers treat this as a failure: {text}",
        "fix it there; until then, no part of the record counts");

    public static readonly FindingDescriptor Multiple = new("spf-multiple", Spf, Error, "RFC 7208 §4.5",
        "{domain} has {count} SPF records, so none counts and receivers treat this as a failure: {records}", "keep only one{record}");

    public static readonly FindingDescriptor AfterAll = new("spf-invalid", Spf, Warning, "RFC 7208 §5.1",
        "the SPF record of {domain} has {error}", "move it before all, or remove it");

    public static readonly FindingDescriptor RedirectUnused = new("spf-invalid", Spf, Info, "RFC 7208 §6.1",
        "the SPF record of {domain} has both all and redirect={target}; the redirect has no effect", "remove one of the two");

    public static readonly FindingDescriptor IncludeInvalid = new("spf-invalid", Spf, Error, "RFC 7208 §5.2",
        Term + ": {name} {fault}, so receivers give up on the whole record", "remove it, or have the owner of that name fix it");

    public static readonly FindingDescriptor IncludeUnknown = new("spf-invalid", Spf, Unknown, "RFC 7208 §5.2",
        Term + ": {name} could not be looked up: {error}");

    public static readonly FindingDescriptor TooManyLookups = new("spf-too-many-lookups", Spf, Error, Limits,
        "the SPF record of {domain} needs {count} lookups, and receivers give up after {most}: {costs}",
        "remove what sends no mail any more, or name addresses with ip4: and ip6:, which need no lookup");

    public static readonly FindingDescriptor VoidLookups = new("spf-too-many-lookups", Spf, Info, Limits,
        "the SPF record of {domain} names hosts that have no record in DNS{limit}: {terms}", "remove them", Error);

    public static readonly FindingDescriptor VoidForFamily = new("spf-too-many-lookups", Spf, Info, Limits,
        "for senders that connect over {family}, the SPF record of {domain} names hosts without an address, and receivers give up after "
        + "{most} such lookups: {terms}",
        "if any of your hosts send over {family}, name their addresses with ip4: and ip6: before these terms");

    public static readonly FindingDescriptor TooManyHosts = new("spf-too-many-lookups", Spf, Error, Limits,
        Term + ": {name} has {count} MX hosts; receivers give up after {most}",
        "name the addresses of the hosts with ip4: and ip6: instead");

    public static readonly FindingDescriptor Loop = new("spf-too-many-lookups", Spf, Error, Limits,
        Term + " leads back to itself ({path}); receivers give up on the whole record", "remove {term}");

    public static readonly FindingDescriptor TermUnknown = new("spf-too-many-lookups", Spf, Unknown, Limits,
        Term + " could not be looked up: {error}");

    public static readonly FindingDescriptor NoAll = new("spf-permissive", Spf, Warning, "RFC 7208 §4.7",
        "the SPF record of {place} says nothing about hosts that it doesn't name, as if it ended with ?all",
        "end it with ~all, or with -all once all hosts that send are named");

    public static readonly FindingDescriptor AllPass = new("spf-permissive", Spf, Error, "RFC 7208 §5.1",
        Term + " lets every host send in the name of {domain}", EndInAll);

    public static readonly FindingDescriptor EveryAddress = new("spf-permissive", Spf, Error, "RFC 7208 §5.1",
        Term + " lets every host send in the name of {domain}", NameHosts);

    public static readonly FindingDescriptor TooWide = new("spf-permissive", Spf, Warning, "RFC 7208 §5.6",
        Term + " lets more hosts send than anyone has", NameHosts);

    public static readonly FindingDescriptor Neutral = new("spf-permissive", Spf, Warning, "RFC 7208 §8.2",
        Term + " says nothing about hosts that the record doesn't name", EndInAll);

    public static readonly FindingDescriptor Ptr = new("spf-permissive", Spf, Warning, "RFC 7208 §5.5",
        Term + " is slow and unreliable, and should not be published; some receivers skip it",
        "name the hosts with a:, ip4: or ip6: instead", Info);
}

/// <summary>DKIM, RFC 6376.</summary>
internal static class DkimFindings
{
    private const string Keys = "RFC 6376 §3.6.1";
    private const string Lookup = "RFC 6376 §3.6.2";
    private const string NewKey = "have the signing host generate a key of 2048 bits under a new selector, publish it beside {name}, sign "
        + "with it, then remove the old one";

    public static readonly FindingDescriptor Missing = new("dkim-missing", Dkim, Error, Lookup,
        "there is no DKIM key at {name}: signatures with the selector {selector} fail",
        "publish {record}, with the public key of the signing host, or remove the selector from Dkim:Selectors");

    public static readonly FindingDescriptor LookupFailed = new("dkim-missing", Dkim, Unknown, Lookup,
        "the DKIM key at {name} could not be looked up: {error}");

    public static readonly FindingDescriptor CommonUnknown = new("dkim-invalid", Dkim, Unknown, Lookup, LookupFailed.Message + "{more}");

    public static readonly FindingDescriptor Several = new("dkim-invalid", Dkim, Error, "RFC 6376 §3.6.2.2",
        "{name} has {count} TXT records, and verifiers may use any of them", "keep only the one that is the key", Warning);

    public static readonly FindingDescriptor Malformed = new("dkim-invalid", Dkim, Error, Keys,
        "the DKIM key at {name} is malformed {error}: {text}", "publish it again from the signing host, {record}", Warning);

    public static readonly FindingDescriptor Test = new("dkim-invalid", Dkim, Info, Keys,
        "the key at {name} is in test mode (t=y): verifiers treat what it signs as unsigned", "remove t=y once signatures pass");

    public static readonly FindingDescriptor Revoked = new("dkim-revoked", Dkim, Warning, Keys,
        "the DKIM key at {name} is revoked (p= is empty)",
        "remove the selector from Dkim:Selectors if nothing is signed with it any more, or publish its key");

    public static readonly FindingDescriptor CommonRevoked = new("dkim-revoked", Dkim, Info, Keys, Revoked.Message + "{more}");

    public static readonly FindingDescriptor Breakable = new("dkim-weak", Dkim, Error, "RFC 8301 §3.2",
        "the RSA key at {name} has {bits} bits: it can be broken, and verifiers accept no less than {least}", NewKey, Warning);

    public static readonly FindingDescriptor Short = new("dkim-weak", Dkim, Warning, "RFC 8301 §3.2",
        "the RSA key at {name} has {bits} bits; signers should use {better}", NewKey, Info);

    public static readonly FindingDescriptor Sha1Only = new("dkim-weak", Dkim, Error, "RFC 8301 §3.1",
        "the key at {name} doesn't permit sha256 (h=), and verifiers accept nothing else", "remove h=");
}

/// <summary>DMARC, RFC 9989 and RFC 7489.</summary>
internal static class DmarcFindings
{
    private const string Grammar = "RFC 9989 §4.7";
    private const string Steps = "RFC 9989 §5.1";
    private const string Reports = "RFC 9990 §4";

    public static readonly FindingDescriptor LookupFailed = new("dmarc-missing", Dmarc, Unknown, "RFC 9989 §4.10",
        "the DMARC record of {domain} could not be looked up: {error}");

    public static readonly FindingDescriptor Missing = new("dmarc-missing", Dmarc, Warning, Steps,
        "{domain} has no DMARC record, and neither has a domain above it: receivers deliver mail that only claims to come from it",
        "publish {record}, read the reports, then move on to p=quarantine and p=reject");

    public static readonly FindingDescriptor Multiple = new("dmarc-multiple", Dmarc, Error, "RFC 9989 §4.10",
        "{place} has {count} DMARC records, so none counts: {records}", "keep only one: {record}");

    public static readonly FindingDescriptor Malformed = new("dmarc-invalid", Dmarc, Error, Grammar,
        "the DMARC record of {place} is malformed {error}; receivers act as if there were none: {text}", "fix it there");

    public static readonly FindingDescriptor ActsAsNone = new("dmarc-invalid", Dmarc, Error, "RFC 9989 §4.10.1",
        "the DMARC record of {place} is malformed {error}; receivers act as if it had p=none only: {text}", "fix it there");

    public static readonly FindingDescriptor NotARecord = new("dmarc-invalid", Dmarc, Error, "RFC 9989 §4.10",
        "_dmarc.{place} has {text}, which receivers don't recognize as a DMARC record: it must begin with v=DMARC1;", "{remedy}", Warning);

    public static readonly FindingDescriptor AtApex = new("dmarc-missing", Dmarc, Warning, "RFC 9989 §4.10",
        "{domain} itself has {text}, where no receiver looks for it", "move it to _dmarc.{domain}");

    public static readonly FindingDescriptor Ignored = new("dmarc-invalid", Dmarc, Warning, Grammar,
        "the DMARC record of {place} contains something that receivers ignore, {error}", "fix it there, or remove it");

    public static readonly FindingDescriptor ReportsRefused = new("dmarc-invalid", Dmarc, Warning, Reports,
        "the DMARC record of {place} names {target} for reports, which doesn't declare that it accepts them: {which} receivers send none",
        "have {target} publish {record}, or name an address in {place}", Info);

    public static readonly FindingDescriptor ReportsUnknown = new("dmarc-invalid", Dmarc, Unknown, Reports,
        "whether {target} accepts the DMARC reports of {place} could not be looked up: {error}");

    public static readonly FindingDescriptor None = new("dmarc-none", Dmarc, Warning, Steps,
        "{record} requests nothing from receivers (none) and has no rua for reports",
        "add rua=mailto:dmarc@{domain}, read the reports, then move on to p=quarantine and p=reject");

    public static readonly FindingDescriptor ReportsOnly = new("dmarc-none", Dmarc, Info, Steps,
        "{record} requests only reports from receivers (none): mail that only claims to come from the domain is delivered",
        "once the reports show no sender of yours that fails, move on to p=quarantine and p=reject");

    public static readonly FindingDescriptor Test = new("dmarc-none", Dmarc, Info, Grammar,
        "{record} is in test mode (t=y): receivers {effect}", "remove t=y once the reports show no sender of yours that fails");

    public static readonly FindingDescriptor Percent = new("dmarc-none", Dmarc, Info, "RFC 7489 §6.3",
        "{record} applies to {percent} of 100 messages (pct) at older receivers; newer ones don't know pct", "remove pct", Warning);

    public static readonly FindingDescriptor Weaker = new("dmarc-none", Dmarc, Info, Grammar,
        "the DMARC record of {place} requests less for {whom} ({tag}={policy}) than {than}={other} does: forged mail will use one of those",
        "remove {tag}, or change it to {other}", Warning);
}

/// <summary>TLSRPT, RFC 8460.</summary>
internal static class TlsRptFindings
{
    private const string Rfc = "RFC 8460 §3";

    public static readonly FindingDescriptor LookupFailed = new("tlsrpt-missing", TlsRpt, Unknown, Rfc,
        "the TLSRPT record of {domain} could not be looked up: {error}");

    public static readonly FindingDescriptor Missing = new("tlsrpt-missing", TlsRpt, Warning, Rfc,
        "{domain} has no TLSRPT record: senders that can't deliver over TLS have nowhere to report it", "publish {record}", Info);

    public static readonly FindingDescriptor Multiple = new("tlsrpt-multiple", TlsRpt, Error, Rfc,
        "{domain} has several TLSRPT records, so none counts and no reports are sent", "keep only one: {record}");

    public static readonly FindingDescriptor Malformed = new("tlsrpt-invalid", TlsRpt, Error, Rfc,
        "the TLSRPT record of {domain} {fault}, so no reports are sent: {text}", "replace it with {record}");

    public static readonly FindingDescriptor MalformedForMost = new("tlsrpt-invalid", TlsRpt, Error, Rfc,
        "the TLSRPT record of {domain} {fault}; some senders (mox) accept it, and others send no reports: {text}",
        "replace it with {record}");

    public static readonly FindingDescriptor UriDropped = new("tlsrpt-invalid", TlsRpt, Warning, Rfc,
        "the TLSRPT record of {domain} {fault}; senders use only the other ones", "correct that URI, or remove it");

    public static readonly FindingDescriptor UriDoubtful = new("tlsrpt-invalid", TlsRpt, Warning, Rfc,
        "the TLSRPT record of {domain} has the URI {uri}, which {remark}",
        "use an address such as mailto:tlsrpt@{domain}");

    public static readonly FindingDescriptor NoMailbox = new("tlsrpt-invalid", TlsRpt, Warning, Rfc,
        "the TLSRPT record of {domain} names an address in {target} for reports, which accepts no mail: it {reason}",
        "name an address that accepts mail in the record");

    public static readonly FindingDescriptor MailboxUnknown = new("tlsrpt-invalid", TlsRpt, Unknown, Rfc,
        "whether {target} accepts the TLS reports of {domain} could not be looked up: {error}");
}

/// <summary>CAA, RFC 8659.</summary>
internal static class CaaFindings
{
    private const string Code = "caa-forbids";
    private const string Rfc = "RFC 8659 §3";

    public static readonly FindingDescriptor Forbids = new(Code, Caa, Error, Rfc, "no certificate for {policyHost}: {what}", "{remedy}");

    public static readonly FindingDescriptor FirstForbids = new(Code, Caa, Warning, Rfc,
        "orders at {authority} fail, and a fallback is used: {what}", "{remedy}");

    public static readonly FindingDescriptor FallbackForbids = new(Code, Caa, Info, Rfc,
        "orders at the fallback {authority} fail: {what}", "{remedy}");

    public static readonly FindingDescriptor LookupFailed = new(Code, Caa, Unknown, Rfc,
        "the CAA records of {policyHost} could not be looked up: {error}");

    public static readonly FindingDescriptor AuthorityUnknown = new(Code, Caa, Unknown, Rfc,
        "it is not known whether the CAA records of {policyHost} permit {authority}: {fault}",
        "check that the CA's directory can be reached from here");
}
