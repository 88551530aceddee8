using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MtaStsHost.Configuration;

/// <summary>
/// The keys of a domain. There may be 100,000 domains, so these classes are never bound: <see cref="DomainSettings"/> holds what was
/// written, and the policy builder judges it. Their attributes describe the keys.
/// </summary>
internal sealed class DomainOptions
{
    [Description("`none`, `testing` or `enforce`. Must be set here or in `MtaSts:Defaults`.")]
    [Choice("none", "testing", "enforce")]
    public string? Mode { get; set; }

    [Description("The hosts of the domain's MX records: host names, or `*.` followed by a name.")]
    public List<string> Mx { get; } = [];

    [Description("Seconds that senders keep the policy; 604800 is a week. Must be set here or in `MtaSts:Defaults`.")]
    [Range(0, Policy.MaxMaxAge)]
    public int? MaxAge { get; set; }

    [Description("A fixed policy id, which you must then change with every change of the policy.")]
    [DefaultValue("a hash of the policy")]
    [RegularExpression("^[A-Za-z0-9]{1,32}$")]
    public string? Id { get; set; }

    [Description("`mailto:` and `https:` addresses for senders' reports (RFC 8460).")]
    public List<string> TlsRpt { get; } = [];

    [Description("DKIM, for `check`.")]
    public DkimOptions Dkim { get; } = new();
}

internal sealed class DkimOptions
{
    [Description("The DKIM selectors that sign the domain's mail, for `check`.")]
    public List<string> Selectors { get; } = [];
}
