using static MtaStsHost.Checks.Catalogue.FindingArea;
using static MtaStsHost.Checks.Catalogue.FindingSeverity;

namespace MtaStsHost.Checks.Catalogue;

/// <summary>The MX records, and the hosts that they name. RFC 8461 §4.</summary>
internal static class MxFindings
{
    private const string Delivery = "RFC 5321 §5.1";
    private const string NullMx = "RFC 7505 §3";
    private const string Cover = "RFC 8461 §4.1";
    private const string Certificate = "RFC 8461 §4.2";

    public static readonly FindingDescriptor LookupFailed = new("mx-missing", MxRecords, Unknown, Delivery,
        "the MX records of {domain} could not be looked up: {error}", "check that the domain's name servers answer");

    public static readonly FindingDescriptor Implicit = new("mx-missing", MxRecords, Info, Delivery,
        "{domain} has no MX record; mail goes to its own address", "to say so explicitly, publish {domain}. MX 10 {domain}.");

    public static readonly FindingDescriptor Missing = new("mx-missing", MxRecords, Error, Delivery,
        "{domain} has no MX record and no address: no mail can be delivered",
        "publish {domain}. MX 10 with the name of the mail server, or {domain}. MX 0 . if the domain accepts no mail");

    public static readonly FindingDescriptor NullBesideOthers = new("mx-null", MxRecords, Error, NullMx,
        "{domain} declares that it accepts no mail (null MX), but has other MX records too: senders may go by either",
        "remove {domain}. MX 0 . or the other MX records from DNS");

    public static readonly FindingDescriptor NullWithPolicy = new("mx-null", MxRecords, Warning, NullMx,
        "{domain} accepts no mail (null MX), so its policy has no effect",
        "retire the policy (mode none), or publish the MX records that are missing");

    public static readonly FindingDescriptor Null = new("mx-null", MxRecords, Info, NullMx, "{domain} accepts no mail (null MX)");

    public static readonly FindingDescriptor Invalid = new("mx-invalid", MxRecords, Error, Delivery,
        "the MX {name} of {domain} is not a valid host name, so no certificate can be valid for it: it {fault}",
        "make the MX record name a host that has an A or AAAA record", Warning);

    public static readonly FindingDescriptor Repeated = new("mx-repeated", MxRecords, Info, Delivery,
        "more than one MX record names {hosts}", "one record per host is enough");

    public static readonly FindingDescriptor HostsLeftOut = new("mx-left-out", MxHosts, Unknown, null,
        "{domain} has too many MX hosts; these were not checked: {hosts}{dropped}", "a few MX hosts are enough");

    public static readonly FindingDescriptor AddressesLeftOut = new("mx-left-out", MxHosts, Unknown, null,
        "not all addresses of {hosts} were checked: only {most} of each");

    public static readonly FindingDescriptor NotCovered = new("mx-not-covered", MxRecords, Error, Cover,
        "the policy of {domain} doesn't name {hosts}",
        "add to the domain's Mx: {patterns}; then publish the new id; or remove the MX record from DNS", Warning);

    public static readonly FindingDescriptor PatternUnused = new("mx-pattern-unused", MxRecords, Info, Cover,
        "the policy names {patterns}, which no MX record matches",
        "keep it while you are adding or removing that host; otherwise remove it from Mx");

    public static readonly FindingDescriptor NoAddress = new("mx-unreachable", MxRecords | MxHosts, Warning, Delivery,
        "the MX host {host} has no address in DNS", "publish {host}. A or AAAA with its address, or remove the MX record", Error);

    public static readonly FindingDescriptor AddressesUnknown = new("mx-unreachable", MxHosts, Unknown, Delivery,
        "{host} is an MX host whose addresses could not {all}be looked up: {error}", "check that the name servers of {host} answer");

    public static readonly FindingDescriptor Unreachable = new("mx-unreachable", MxRecords | MxHosts, Warning, Delivery,
        "{host} {fault}", "check that the server is running and answers there, or remove the address from DNS");

    public static readonly FindingDescriptor Inconclusive = new("mx-unreachable", MxHosts, Unknown, null,
        "these MX hosts can't be checked from here: {hosts}; {faults}",
        "many networks block port 25 or lack IPv6, and many servers refuse unknown clients: check from another network too");

    public static readonly FindingDescriptor NotGlobal = new("mx-unreachable", MxHosts, Warning, "RFC 6890",
        "these MX hosts have addresses that are not global and were not connected to: {hosts}",
        "if senders see these addresses too, publish global ones, since senders can't reach these; if they are seen in this network "
        + "only, add it to Checks:InnerNetworks");

    public static readonly FindingDescriptor NoStartTls = new("mx-no-starttls", MxRecords | MxHosts, Error, Certificate,
        "{host} {fault}", "enable STARTTLS there, with a certificate for {name}", Warning);

    public static readonly FindingDescriptor StartTlsRefused = new("mx-no-starttls", MxRecords | MxHosts, Error, "RFC 3207 §4",
        "{host} {fault}", "check the server's log: usually it can't read its certificate or key", Warning);

    public static readonly FindingDescriptor Injected = new("mx-tls", MxRecords | MxHosts, Error, "RFC 3207 §4.2", "{host} {fault}",
        "update the server, or the proxy or firewall in front of it: nothing may write to the connection at that point", Warning);

    public static readonly FindingDescriptor TlsFailed = new("mx-tls", MxRecords | MxHosts, Error, Certificate, "{host} {fault}",
        "check the server's log: usually it has no certificate that it can read; to see the handshake: openssl s_client -starttls smtp "
        + "-servername {name} -connect {name}:25", Warning);

    public static readonly FindingDescriptor LargeHello = new("mx-tls", MxRecords | MxHosts, Warning, "RFC 8446 §5.1", "{host} {fault}",
        "update the server, or the proxy or firewall in front of it, which has to read a ClientHello from more than one packet: senders "
        + "with a post-quantum key share, as of OpenSSL 3.5 and Go 1.24, send some 1,500 bytes, and their mail waits. To see it, with "
        + "OpenSSL 3.5: openssl s_client -starttls smtp -groups X25519MLKEM768 -connect {name}:25, and then with -groups X25519");

    public static readonly FindingDescriptor TlsVersion = new("mx-tls-version", MxRecords | MxHosts, Error, "RFC 8996",
        "{host} {fault}", "enable TLS 1.2 and 1.3 there", Warning);

    public static readonly FindingDescriptor Untrusted = new("mx-certificate", MxRecords | MxHosts, Error, Certificate, "{host} {fault}",
        "use a certificate from a public CA, and configure the server to send the intermediate certificates with it", Warning);

    public static readonly FindingDescriptor WrongName = new("mx-certificate", MxRecords | MxHosts, Error, Certificate, "{host} {fault}",
        "get a certificate with the DNS name {name}; or make the MX record name a host in this certificate, and add that to Mx", Warning);

    public static readonly FindingDescriptor Expired = new("mx-certificate", MxRecords | MxHosts, Error, Certificate, "{host} {fault}",
        "renew the certificate, and make the server load it", Warning);

    public static readonly FindingDescriptor ExpiresSoon = new("mx-certificate", MxRecords | MxHosts, Warning, Certificate,
        "the certificate of {host} expires at {time}", "renew it, and make the server load it");

    public static readonly FindingDescriptor Alias = new("mx-alias", MxRecords | MxHosts, Info, Delivery,
        "the MX host {host} is an alias of {aliases}; some senders don't follow aliases",
        "make the MX record name {target}, with a certificate and an entry in Mx for it, or give {host} its own A and AAAA records");

    public static readonly FindingDescriptor Dane = new("mx-dane", FindingArea.Dane, Info, "RFC 7672 §2.2",
        "there are TLSA records for {hosts}: senders that support DANE use these");

    public static readonly FindingDescriptor DaneUnknown = new("mx-dane", FindingArea.Dane, Unknown, "RFC 7672 §2.1.1",
        "TLSA records could not be looked up at {names}",
        "check that the name servers answer: until they do, senders that support DANE hold mail back");

    public static readonly FindingDescriptor Refused = new("mail-refused",
        Txt | PolicyHost | MxRecords | MxHosts | History, Error, "RFC 8461 §5",
        "mail is being refused: senders that honor the policy of {domain} don't deliver to {hosts}; {rest}",
        "fix what the findings about these hosts say; until then, serve the policy in mode testing and publish its id");
}
