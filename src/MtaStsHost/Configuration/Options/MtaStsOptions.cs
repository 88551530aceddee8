using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MtaStsHost.Configuration;

internal sealed class MtaStsOptions
{
    [Description("Any key of a domain; the domain's own value overrides it.")]
    [ValidateObjectMembers]
    public DomainOptions Defaults { get; } = new();

    [Description("The mail domains.")]
    [EntryName("DOMAIN")]
    public Dictionary<string, DomainOptions> Domains { get; } = [];

    [Description("More files with `Domains`, and `Defaults` for these domains. By default, those next to each configuration file; "
        + "`[]` includes none.")]
    [IncludePath]
    public List<string> Include { get; } = [IncludePattern.Default];

    [Description("What becomes of a domain that is removed while senders may still hold its policy: `On` serves it in mode `none` until "
        + "they no longer do, `Off` drops it at once.")]
    [Choice("On", "Off")]
    public string Retirement { get; set; } = "On";

    [Description("How many domains may be removed at once even though that is more than half of ten or more, or a folder of `Include` "
        + "is missing. Until it is confirmed in this way, their policies are served as before.")]
    [Range(0, 10_000_000)]
    public int ConfirmRemoval { get; set; }

    [Description("What happens when a domain goes to `enforce` while a check of its MX hosts fails: `Warn` logs it, `Block` serves the "
        + "domain in mode `testing` until the check passes, `Off` ignores it.")]
    [Choice("Warn", "Block", "Off")]
    public string EnforceGate { get; set; } = "Warn";

    [Description("The name of this server, or a list of its addresses, for `records`.")]
    [OneOrMore]
    [HostOrAddress]
    public List<string> PublicHost { get; } = [];
}
