using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MtaStsHost.Configuration;

internal sealed class CheckOptions
{
    [Description("The service checks its domains in the background; `false`: only `check` does. The TXT records of domains in mode `none` "
        + "are looked up in any case, since they show when such a domain is safe to remove.")]
    public bool Enabled { get; set; } = true;

    [Description("How often each domain is checked; from one minute to `7.00:00:00`.")]
    [Duration("00:01:00", "7.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);

    [Description("PEM roots, which then are the only ones trusted; for a test CA.")]
    [DefaultValue("the system's")]
    [FilePath]
    public string? TrustedRootsFile { get; set; }

    [Description("The port on which MX hosts are checked.")]
    [Range(1, 65_535)]
    public int SmtpPort { get; set; } = 25;

    [Description("The port on which policy hosts are checked.")]
    [Range(1, 65_535)]
    public int HttpsPort { get; set; } = 443;

    [Description("Networks whose addresses are not global, and which checks connect to all the same: `192.168.0.0/16`. Of other such "
        + "addresses, checks connect only to this machine's.")]
    [Network]
    public List<string> InnerNetworks { get; } = [];

    [Description("The limit for one fetch, and for one whole connection to an MX host.")]
    [Duration("00:00:01", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);
}
