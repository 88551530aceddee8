using static MtaStsHost.Checks.Catalogue.FindingArea;
using static MtaStsHost.Checks.Catalogue.FindingSeverity;

namespace MtaStsHost.Checks.Catalogue;

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
