using static MtaStsHost.Checks.Catalogue.FindingArea;
using static MtaStsHost.Checks.Catalogue.FindingSeverity;

namespace MtaStsHost.Checks.Catalogue;

/// <summary>The policy itself, what was served before it, and how a domain is removed.</summary>
internal static class PolicyFindings
{
    private const string Change = "RFC 8461 §8.1";
    private const string Removal = "RFC 8461 §8.3";
    private const string Gate = "RFC 8461 §5";

    public static readonly FindingDescriptor MaxAgeShort = new("max-age-short", None, Info, "RFC 8461 §3.2",
        "max_age is {maxAge} s, less than two weeks: an attacker who keeps senders away from the policy host for that long leaves them "
        + "without a policy", "raise max_age to {least} or more once all has gone well for a while");

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

    public static readonly FindingDescriptor NoneNotServedYet = new("not-safe-to-remove", History, Info, Removal,
        "{domain} is configured in mode none, which is not served yet as far as the store knows",
        "leave {domain} in the configuration and {policyHost} in DNS; once mode none is served, MtaStsHost history {domain} shows until "
        + "when");

    public static readonly FindingDescriptor NotSafeToRemove = new("not-safe-to-remove", History, Info, Removal,
        "{domain} is in mode none and must stay until {until}, since senders may hold an earlier policy until then",
        "leave {domain} in the configuration, and {txtName} TXT \"{value}\" and {policyHost} in DNS, until {time}");

    public static readonly FindingDescriptor SafeToRemove = new("safe-to-remove", History, Info, Removal,
        "{domain} is safe to remove {since}: no sender holds a policy that binds it",
        "remove {txtName} and {policyHost} from DNS, then {domain} from the configuration");

    public static readonly FindingDescriptor HostedElsewhere = new("policy-differs", PolicyHost, Info, Removal,
        "{domain} is not configured any more, and {policyHost} serves a different policy under another id: the domain seems to be hosted "
        + "elsewhere now",
        "if it is not, find out what answers there: a caching proxy, an old server, or another instance with an old configuration; senders "
        + "may hold a policy served from here until {until}");
}
