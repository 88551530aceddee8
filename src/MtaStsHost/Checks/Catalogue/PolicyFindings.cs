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

    /// <summary>A wildcard, or an alias that was made for something else: what is at its target must stay as it is.</summary>
    public static readonly FindingDescriptor MissingBehindAlias = new("txt-missing", Txt, Error, Rfc,
        "{txtName} is an alias of {target}, which has no MTA-STS record and was not made for one, so senders don't fetch a policy",
        "{first}publish {txtName}. TXT \"{value}\" in place of the alias; if that comes from a wildcard, a record at the name itself "
        + "overrides it (RFC 4592)", Warning, Info);

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

    /// <summary>By the grammar, white space may precede the semicolon; by the text of §3.1, such a record is discarded.</summary>
    public static readonly FindingDescriptor SpaceBeforeSemicolon = new("txt-invalid", Txt, Error, Rfc,
        "{place} has {text}, with white space before the first semicolon: some senders accept it, and others see no record", Publish);

    public static readonly FindingDescriptor SpaceBeforeSemicolonBeside = new("txt-multiple", Txt, Error, Rfc,
        "{place} has {text} beside the MTA-STS record: most senders count it as a second one, and so see no policy", Publish);

    public static readonly FindingDescriptor FurtherIds = new("txt-invalid", Txt, Warning, Rfc,
        "{place} has {text}, with more than one id: senders use the first one, or reject the record (mox)", Publish);

    public static readonly FindingDescriptor Unrelated = new("txt-unrelated", Txt, Warning, Rfc,
        "{place} has {text} beside the MTA-STS record; some senders (maddy) see no policy then",
        "remove it; only the MTA-STS record belongs at {place}");

    public static readonly FindingDescriptor UnrelatedAtAlias = new("txt-unrelated", Txt, Warning, Rfc,
        "{txtName} is an alias of {target}, which has {text} beside the MTA-STS record; some senders (maddy) see no policy then",
        "publish {txtName}. TXT \"{value}\" in place of the alias, and leave {target} as it is");

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

/// <summary>The resolver that all checks use.</summary>
internal static class ResolverFindings
{
    /// <summary>The only finding of a check in which no lookup worked: nothing is known about the domain.</summary>
    public static readonly FindingDescriptor Unreachable = new("resolver-unreachable", None, Error, null,
        "nothing could be checked: no answer from the resolver {servers} ({source}): {error}",
        "check that it is running and that this machine can reach it over UDP and TCP, or name another one in Dns:Resolvers");
}

/// <summary>The policy itself, what was served before it, and how a domain is removed.</summary>
internal static class PolicyFindings
{
    private const string Change = "RFC 8461 §8.1";
    private const string Removal = "RFC 8461 §8.3";
    private const string Gate = "RFC 8461 §5";

    public static readonly FindingDescriptor MaxAgeShort = new("max-age-short", None, Info, "RFC 8461 §3.2",
        "max_age is {maxAge} s, less than two weeks: an attacker who keeps senders away from the policy host for that long leaves them "
        + "without a policy", "raise max_age to {least} or more once all has gone well for a while");

    public static readonly FindingDescriptor MaxAgeUnderADay = new("max-age-short", None, Warning, "RFC 8461 §3.2",
        "max_age is {maxAge} s, less than a day: some senders ignore so short a time, and an outage of the policy host of that length "
        + "leaves others without a policy", "raise max_age to a day at least, and to {least} once all has gone well for a while");

    public static readonly FindingDescriptor MaxAgeLong = new("max-age-long", None, Info, "RFC 8461 §3.2",
        "max_age is {maxAge} s, {days} days: for that long, senders that don't check again keep this policy, even if it is wrong",
        "a max_age between {least} (two weeks) and {most} is enough");

    public static readonly FindingDescriptor TestingTooLong = new("testing-too-long", None, Info, Gate,
        "the policy has been in mode testing since {since} without a finding: mail is not protected yet", "set Mode to enforce");

    public static readonly FindingDescriptor EnforceHeld = new("enforce-held", None, Warning, Gate,
        "{domain} is configured for mode enforce and is served in mode testing (MtaSts:EnforceGate is Block): {reason}",
        "fix the MX hosts (MtaStsHost check {domain}); meanwhile, publish {txtName}. TXT \"{value}\", and the new record once the log "
        + "says that enforce is served");

    public static readonly FindingDescriptor EnforceWillBeHeld = new("enforce-held", None, Warning, Gate,
        "{domain} is to change to mode enforce and will be served in mode testing (MtaSts:EnforceGate is Block): {reason}",
        "fix the MX hosts of {domain} before the deployment; until the log says that enforce is served, publish the id shown in /health");

    public static readonly FindingDescriptor HistoryUnknown = new("history", History, Unknown, null,
        "the policies that were served before could not be read", "see storage.lastError in /health");

    public static readonly FindingDescriptor IdNotChanged = new("id-not-changed", History, Error, Change,
        "the policy of {domain} has changed, but its id {id} has not: senders that hold the old text keep it until {until}",
        "remove Id from the settings of {domain} or change it, and publish the new {txtName} TXT");

    public static readonly FindingDescriptor CachedAndEnforced = new("mx-cached-policy", MxRecords | History, Error, Change,
        "an earlier policy of {domain}, in mode enforce, doesn't name {hosts}, and senders may hold it until {until}: they don't deliver "
        + "there", "publish {txtName}. TXT \"{value}\" if you haven't yet: senders that see the new id fetch the new policy{rest}");

    public static readonly FindingDescriptor CachedAndTested = new("mx-cached-policy", MxRecords | History, Warning, Change,
        "an earlier policy of {domain}, in mode testing, doesn't name {hosts}, and senders may hold it until {until}: they report a "
        + "failure for each delivery there", CachedAndEnforced.Fix);

    /// <summary>The one author of "removed too early".</summary>
    public static readonly FindingDescriptor RemovedTooEarly = new("not-safe-to-remove", History, Warning, Removal,
        "{domain} is not configured any more, and senders may hold a policy of it until {until}: it is served in mode none until then",
        "publish {txtName}. TXT \"{value}\" and leave {policyHost} in DNS until {time}", Info);

    public static readonly FindingDescriptor RemovedAndInDns = new("not-safe-to-remove", History, Warning, Removal,
        "{domain} is not configured any more, but {txtName} has an earlier id, or has not been looked up since: some senders (mox, "
        + "postfix-mta-sts-resolver) keep a policy for as long as they see its id; mode none is served until {until} at least",
        "publish {txtName}. TXT \"{value}\" and leave {policyHost} in DNS until then at least", Info);

    public static readonly FindingDescriptor RemovedJustNow = new("not-safe-to-remove", History, Warning, Removal,
        "{domain} is not configured any more; its last policy is served until {until}, and mode none after that",
        "if it was removed by mistake, put {domain} back before then; otherwise leave {txtName} and {policyHost} in DNS, and publish the "
        + "record that the log and /health show once mode none is served");

    public static readonly FindingDescriptor RemovalUnconfirmed = new("not-safe-to-remove", History, Warning, Removal,
        "{domain} is not configured any more; its last policy is served until that is confirmed, since many domains are missing at once, "
        + "or a folder of included files is", "put {domain} back; if it is to be removed, see configuration.lastError in /health");

    public static readonly FindingDescriptor NoneNotServedYet = new("not-safe-to-remove", History, Info, Removal,
        "{domain} is configured in mode none, which is not served yet as far as the store knows",
        "leave {domain} in the configuration and {policyHost} in DNS; once mode none is served, MtaStsHost history {domain} shows until "
        + "when");

    public static readonly FindingDescriptor NotSafeToRemove = new("not-safe-to-remove", History, Info, Removal,
        "{domain} is in mode none and must stay until {until}, since senders may hold an earlier policy until then",
        "leave {domain} in the configuration, and {txtName} TXT \"{value}\" and {policyHost} in DNS, until {time}");

    /// <summary>RFC 8461 §8.3 counts from when the old id has left DNS.</summary>
    public static readonly FindingDescriptor IdStillInDns = new("not-safe-to-remove", History, Info, Removal,
        "{domain} is in mode none, but {txtName} has another id, or has not been looked up since: some senders (mox, "
        + "postfix-mta-sts-resolver) keep an earlier policy for as long as they see its id",
        "publish {txtName}. TXT \"{value}\"; leave {domain} in the configuration, and {policyHost} in DNS, until {until} at least");

    public static readonly FindingDescriptor SafeToRemove = new("safe-to-remove", History, Info, Removal,
        "{domain} is safe to remove {since}: no sender holds a policy that binds it",
        "remove {txtName} and {policyHost} from DNS, then {domain} from the configuration");

    public static readonly FindingDescriptor HostedElsewhere = new("policy-differs", PolicyHost, Info, Removal,
        "{domain} is not configured any more, and {policyHost} serves a different policy under another id: the domain seems to be hosted "
        + "elsewhere now",
        "if it is not, find out what answers there: a caching proxy, an old server, or another instance with an old configuration; senders "
        + "may hold a policy served from here until {until}");
}
