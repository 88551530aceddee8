using static MtaStsHost.Checks.Catalogue.FindingArea;
using static MtaStsHost.Checks.Catalogue.FindingSeverity;

namespace MtaStsHost.Checks.Catalogue;

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
