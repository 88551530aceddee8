using static MtaStsHost.Checks.Catalogue.FindingArea;
using static MtaStsHost.Checks.Catalogue.FindingSeverity;

namespace MtaStsHost.Checks.Catalogue;

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
        "the DMARC record of {domain} is malformed {error}; receivers act as if there were none: {text}", "fix it there");

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
