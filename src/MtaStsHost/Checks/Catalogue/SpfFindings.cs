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
