using static MtaStsHost.Checks.Catalogue.FindingArea;
using static MtaStsHost.Checks.Catalogue.FindingSeverity;

namespace MtaStsHost.Checks.Catalogue;

/// <summary>The TXT record at <c>_mta-sts</c>. RFC 8461 §3.1.</summary>
internal static class TxtFindings
{
    private const string Rfc = "RFC 8461 §3.1";
    private const string Change = "RFC 8461 §8.1";
    private const string Publish = "{first}publish {place}. TXT \"{value}\", and no other record there";

    public static readonly FindingDescriptor Missing = new("txt-missing", Txt, Error, Rfc,
        "{txtName} has no MTA-STS record, so senders don't fetch a policy", Publish, Warning, Info);

    public static readonly FindingDescriptor MissingAtAlias = new("txt-missing", Txt, Error, Rfc,
        "{txtName} is an alias of {target}, which has no MTA-STS record, so senders don't fetch a policy", Publish, Warning, Info);

    public static readonly FindingDescriptor MissingAndSafe = new("txt-missing", Txt, Info, Rfc,
        "{txtName} has no MTA-STS record", "remove {domain} from the configuration, since it is safe to remove");

    public static readonly FindingDescriptor LookupFailed = new("txt-missing", Txt, Unknown, Rfc,
        "{txtName} could not be looked up: {error}",
        "check that the domain's name servers answer and that its DNSSEC signatures are valid; senders get no answer either");

    public static readonly FindingDescriptor Multiple = new("txt-multiple", Txt, Error, Rfc,
        "{place} has {count} MTA-STS records, which senders treat as none", Publish);

    public static readonly FindingDescriptor Invalid = new("txt-invalid", Txt, Error, Rfc,
        "{place} has {text}: it {fault}, so senders treat it as none", Publish);

    public static readonly FindingDescriptor NotARecord = new("txt-invalid", Txt, Error, Rfc,
        "{place} has {text}, which senders don't recognize as an MTA-STS record: it must begin with v=STSv1;", Publish);

    public static readonly FindingDescriptor Unrelated = new("txt-unrelated", Txt, Warning, Rfc,
        "{place} has {text} beside the MTA-STS record; some senders see no policy then",
        "remove it; only the MTA-STS record belongs at {place}");

    public static readonly FindingDescriptor OnlyUnrelated = new("txt-unrelated", Txt, Warning, Rfc,
        "{place} has {text}, which has nothing to do with MTA-STS", "remove it; a wildcard record in the zone may be the cause");

    public static readonly FindingDescriptor AtApex = new("txt-at-apex", Txt | Spf, Error, Rfc,
        "{domain} itself has {text}, where no sender looks for it", "move it to {txtName}", Warning);

    public static readonly FindingDescriptor IdStale = new("txt-id-stale", Txt, Error, Change,
        "{place} has the id {published}, and the served policy has {served}: senders keep the old policy and don't fetch this one",
        "publish {place}. TXT \"{value}\"{cached}");

    public static readonly FindingDescriptor IdStaleInCache = new("txt-id-stale", Txt, Warning, Change,
        "{place} has the id {published}, and the policy that is served since {since} has {served}; within the record's TTL ({ttl} s) "
        + "this may be the old record in a cache", "publish {place}. TXT \"{value}\" if you haven't yet");

    public static readonly FindingDescriptor IdStalePlanned = new("txt-id-stale", Txt, Info, Change,
        "{place} has the id {published}, and the policy to be deployed has {served}",
        "after the deployment, publish {place}. TXT \"{value}\"");

    public static readonly FindingDescriptor Secure = new("dnssec", Txt, Info, "RFC 8461 §10", "{txtName} is protected by DNSSEC");

    public static readonly FindingDescriptor Insecure = new("dnssec", Txt, Info, "RFC 8461 §10",
        "{txtName} is not protected by DNSSEC; MTA-STS doesn't need it");
}
