using static MtaStsHost.Checks.Catalogue.FindingArea;
using static MtaStsHost.Checks.Catalogue.FindingSeverity;

namespace MtaStsHost.Checks.Catalogue;

/// <summary>A kind of failed fetch, as it reads in each situation.</summary>
/// <param name="Fails">Senders can't fetch the policy.</param>
/// <param name="FailsInPart">Other addresses of the policy host work.</param>
/// <param name="FailsBefore">The first deployment is still to come.</param>
/// <param name="FailsUnwanted">No record announces a policy.</param>
internal sealed record FetchFailure(
    FindingDescriptor Fails, FindingDescriptor FailsInPart, FindingDescriptor FailsBefore, FindingDescriptor FailsUnwanted)
{
    // Most senders try the next address, but not all, and it costs each of them time.
    public static FetchFailure Of(string code, string fix, string rfc = "RFC 8461 §3.3") => new(
        new(code, PolicyHost, Error, rfc, "{failure}", fix),
        new(code, PolicyHost, Warning, rfc, "{failure}; other addresses of {policyHost} work", fix + ", or remove that address from DNS"),
        new(code, PolicyHost, Info, rfc, "{failure}, where no policy is served yet",
            "deploy this configuration; if it still fails then, " + fix),
        new(code, PolicyHost, Warning, rfc, "{failure}, and no record announces a policy",
            "remove {policyHost} from DNS if it was left behind; if a wildcard in the zone answers for it, nothing has to be done, since "
            + "senders look there only with a record; otherwise " + fix + ", and publish the record"));
}

/// <summary>The policy host, its certificate, and what it serves. RFC 8461 §3.3.</summary>
internal static class HostFindings
{
    private const string Rfc = "RFC 8461 §3.3";
    private const string Takeover = "RFC 8461 §8.2";
    private const string Change = "RFC 8461 §8.1";

    private const string InnerAddress = "name a resolver in Dns:Resolvers that returns the policy host's internal address, and its network "
        + "in Checks:InnerNetworks";

    public static readonly FindingDescriptor LookupFailed = new("host-missing", PolicyHost, Unknown, Rfc,
        "{policyHost} could not be looked up: {error}",
        "check that the domain's name servers answer and that its DNSSEC signatures are valid");

    public static readonly FindingDescriptor LookupIncomplete = new("host-missing", PolicyHost, Unknown, Rfc,
        "not all addresses of {host} could be looked up: {error}", "check that the domain's name servers answer for both A and AAAA");

    public static readonly FindingDescriptor Missing = new("host-missing", PolicyHost, Error, Rfc,
        "{where} has no address in DNS, so no sender can fetch the policy", "publish {record}");

    public static readonly FindingDescriptor MissingPlanned = new("host-missing", PolicyHost, Info, Rfc,
        "{where} has no address in DNS yet", "with the deployment, publish {record}");

    public static readonly FindingDescriptor MissingAndSafe = new("host-missing", PolicyHost, Info, Rfc,
        "{where} has no address in DNS", TxtFindings.MissingAndSafe.Fix);

    public static readonly FindingDescriptor Dangling = new("host-missing", PolicyHost, Warning, Takeover,
        "{where} has no address in DNS: anyone who gets control of that name can serve a policy for {domain}",
        "remove the CNAME if it was left behind; otherwise give its target the address of the host that serves the policy");

    public static readonly FindingDescriptor Elsewhere = new("host-elsewhere", PolicyHost, Warning, Takeover,
        "{policyHost} points to {addresses}, which is not MtaSts:PublicHost", "{when}publish {record}", Info);

    public static readonly FindingDescriptor TooManyAddresses = new("host-unreachable", PolicyHost, Unknown, Rfc,
        "{policyHost} has more than {most} addresses; only that many were checked");

    public static readonly FindingDescriptor NoRouteFromHere = new("host-unreachable", PolicyHost, Unknown, Rfc,
        "{addresses} of {policyHost} can't be checked from here: this machine has no route to it");

    public static readonly FindingDescriptor NotGlobal = new("host-unreachable", PolicyHost, Warning, "RFC 6890",
        "{policyHost} has addresses that are not global and were not connected to: {addresses}",
        "if senders see these addresses too, publish global ones, since senders can't reach these; if they are seen in this network "
        + "only, add it to Checks:InnerNetworks");

    /// <summary>Senders reach it, which shows that an earlier failure is over although it can't be seen from here.</summary>
    public static readonly FindingDescriptor NoHairpin = new("host-unreachable", PolicyHost, Unknown, Rfc,
        "{failure}, but senders outside fetch the policy there: this network has no hairpin NAT",
        "nothing for senders; to have it checked from here, " + InnerAddress);

    public static readonly FetchFailure Unreachable = FetchFailure.Of("host-unreachable",
        "make port 443 of each address reach the host that serves the policy");

    public static readonly FetchFailure UnreachableMaybeNat = FetchFailure.Of("host-unreachable",
        "forward port 443 of each address to this service, or to the proxy in front of it; if it works from outside, and only this network "
        + "lacks hairpin NAT, " + InnerAddress);

    public static readonly FetchFailure Silent = FetchFailure.Of("host-unreachable", "check that the server answers within 2 s");

    public static readonly FetchFailure NotFound = FetchFailure.Of("host-missing", Unreachable.Fails.Fix!);

    public static readonly FetchFailure Tls = FetchFailure.Of("host-tls",
        "give the server a certificate for this name, and offer TLS 1.2 or later");

    public static readonly FetchFailure Untrusted = FetchFailure.Of("host-certificate",
        "install a certificate from a public CA, with its whole chain");

    public static readonly FetchFailure WrongName = FetchFailure.Of("host-certificate",
        "install a certificate for this name; the mail domain's own certificate is not enough");

    public static readonly FetchFailure Expired = FetchFailure.Of("host-certificate",
        "renew the certificate, and find out why it was not renewed automatically");

    public static readonly FetchFailure Redirect = FetchFailure.Of("policy-redirect",
        "answer with the policy itself; senders must not follow redirects");

    public static readonly FetchFailure Refused = FetchFailure.Of("policy-status",
        "remove the bot filter, rate limit or access rule in front of the policy");

    public static readonly FetchFailure Status = FetchFailure.Of("policy-status",
        "serve the policy at /.well-known/mta-sts.txt with status 200");

    public static readonly FetchFailure NotHttp = FetchFailure.Of("policy-status", "run an HTTPS server there");

    public static readonly FetchFailure MediaType = FetchFailure.Of("policy-content-type", "send Content-Type: text/plain");

    public static readonly FetchFailure Compressed = FetchFailure.Of("policy-content-type", "send the policy uncompressed");

    public static readonly FetchFailure TooLarge = FetchFailure.Of("policy-too-large", "shorten the policy to 64 KiB");

    public static readonly FetchFailure Invalid = FetchFailure.Of("policy-invalid", "fix the policy; senders reject all of it");

    public static readonly FetchFailure BlankLine = FetchFailure.Of("policy-invalid",
        "remove the blank line; some senders accept it, and others reject the policy", "RFC 8461 §3.2");

    public static readonly FetchFailure TrailingDot = FetchFailure.Of("policy-invalid",
        "remove the dot; senders that accept the policy all the same (Postfix) find that nothing matches it, and refuse mail in mode "
        + "enforce", "RFC 8461 §3.2");

    public static readonly FindingDescriptor ReadDifferently = new("policy-invalid", PolicyHost, Warning, "RFC 8461 §3.2",
        "{policyHost} serves a policy that is valid, but in {remark}; {effect}", "{remedy}");

    public static readonly FindingDescriptor Long = new("policy-too-large", PolicyHost, Warning, Rfc,
        "the policy of {policyHost} has {bytes} bytes; some senders (chasquid) read only the first {most}",
        "shorten it with wildcards; max_age must stay behind the mx lines");

    public static readonly FindingDescriptor VeryLong = new("policy-too-large", PolicyHost, Warning, Rfc,
        "the policy of {policyHost} has {bytes} bytes; some senders (postfix-tlspol) fail at that and hold mail back",
        "shorten it with wildcards; max_age must stay behind the mx lines");

    public static readonly FindingDescriptor Slow = new("policy-slow", PolicyHost, Warning, Rfc,
        "{policyHost} at {address} took {seconds} s; some senders wait for 2 s",
        "find out what takes so long: the server, a proxy in front of it, or the network");

    public static readonly FindingDescriptor Differs = new("policy-differs", PolicyHost, Error, Change,
        "{policyHost} at {address} serves a different policy than this service: {policy}",
        "find out what answers there: a caching proxy, an old server, or another instance with an old configuration");

    public static readonly FindingDescriptor DiffersBefore = new("policy-differs", PolicyHost, Info, Change,
        "{policyHost} at {address} still serves another policy: {policy}", "deploy this configuration");

    public static readonly FindingDescriptor CertificateExpiring = new("certificate-expiring", PolicyHost, Warning, Rfc,
        "the certificate of {policyHost} at {address} expires at {time}", "renew it, and find out why it was not renewed automatically");

    public static readonly FindingDescriptor NoCertificate = new("host-certificate", PolicyHost, Error, Rfc,
        "no certificate covers {policyHost}, so senders can't fetch the policy",
        "add one to Tls:Certificates, or set Acme:AcceptTermsOfService to true to have it ordered");

    public static readonly FindingDescriptor CertificatePending = new("host-certificate", PolicyHost, Warning, Rfc,
        "no certificate covers {policyHost} yet, so senders can't fetch the policy; one is being ordered",
        "wait; /metrics shows how many orders are queued");

    public static readonly FindingDescriptor CertificateFailed = new("certificate-failed", PolicyHost, Error, Rfc,
        "no certificate covers {policyHost}, and the last order failed ({error})", "{remedy}");

    public static readonly FindingDescriptor CertificateExpiresSoon = new("certificate-expiring", PolicyHost, Warning, Rfc,
        "the certificate of {policyHost} expires at {time}{lastError}", "{remedy}");

    public static readonly FindingDescriptor RenewalOff = new("renewal-off", PolicyHost, Warning, Rfc,
        "the certificate of {policyHost} is not renewed, since Acme:AcceptTermsOfService is false; it expires at {time}",
        "set Acme:AcceptTermsOfService to true, or add a certificate to Tls:Certificates");

    public static readonly FindingDescriptor CaChanged = new("ca-changed", PolicyHost, Warning, Rfc,
        "the certificate of {policyHost} is from {directory}, which is not configured any more{lastError}",
        "wait: one from the configured CA is ordered automatically; MtaStsHost certificates renew {policyHost} orders it at once");

    public static readonly FindingDescriptor CertificateExpired = new("certificate-expired", PolicyHost, Error, Rfc,
        "the certificate of {policyHost} expired at {time}{lastError}", "{remedy}");
}
