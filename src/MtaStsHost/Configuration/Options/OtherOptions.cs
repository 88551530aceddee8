using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MtaStsHost.Configuration;

internal sealed class CheckOptions
{
    [Description("The service checks its domains in the background; `false`: only `check` does.")]
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

    [Description("The limit for one fetch, and for one whole connection to an MX host.")]
    [Duration("00:00:01", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);
}

internal sealed class DnsOptions
{
    [Description("The resolvers that checks, `import` and the preflight before an order use: `192.0.2.53`, `127.0.0.1:8053`.")]
    [DefaultValue("the system's")]
    [ResolverAddress]
    public List<string> Resolvers { get; } = [];
}

internal sealed class TraefikOptions
{
    [Description("The Traefik entry points that senders connect to.")]
    [NotEmpty(ErrorMessage = "{0}: is empty; write the name of one of Traefik's entryPoints, such as websecure")]
    [TraefikName("an entry point", "write the name of one of Traefik's entryPoints, such as websecure")]
    public List<string> EntryPoints { get; } = ["websecure"];

    [Description("The Traefik certificate resolver that gets the certificates.")]
    [TraefikName("a certificate resolver", "write its name in Traefik's certificatesResolvers, such as letsencrypt")]
    public string? CertResolver { get; set; }

    [Description("The URL at which Traefik reaches the listener without TLS, such as `http://mtastshost:8080`.")]
    [DefaultValue("the address that Traefik used")]
    [ServiceUrl]
    public string? ServiceUrl { get; set; }

    [Description("The start of each router's name; the domain follows.")]
    [TraefikName("the start of a router's name", "use letters, digits, '-', '_' and '.', such as mta-sts-")]
    public string RouterPrefix { get; set; } = "mta-sts-";
}

internal sealed class StorageOptions
{
    [Description("`Sqlite`.")]
    [Choice("Sqlite")]
    public string Provider { get; set; } = "Sqlite";

    [Description("The database file with served policies, certificates and their keys; it and its folder belong to the service's user "
        + "alone.")]
    [Secret(IsPartly = true)]
    public string ConnectionString { get; set; } = "Data Source=data/mtastshost.db";
}

internal sealed class KnownProxiesOptions
{
    [Description("The proxies whose `X-Forwarded-For` (without TLS) or PROXY header is trusted, for the log and to detect that the policy "
        + "host is reachable from outside.")]
    [Network]
    public List<string> KnownNetworks { get; } = [];
}

internal sealed class SerilogOptions
{
    [Description("The least severe level that is logged.")]
    [OrValueOf(nameof(MinimumLevelOptions.Default))]
    [ValidateObjectMembers]
    public MinimumLevelOptions MinimumLevel { get; } = new();

    [Description("`text` or `json` (compact JSON, one event per line).")]
    [Choice("text", "json")]
    public string Format { get; set; } = "text";
}

internal sealed class MinimumLevelOptions
{
    [Description("`Verbose`, `Debug`, `Information`, `Warning`, `Error` or `Fatal`.")]
    [Choice("Verbose", "Debug", "Information", "Warning", "Error", "Fatal")]
    public string Default { get; set; } = "Information";

    [Description("The level of one source; `Microsoft.AspNetCore` has `Warning`.")]
    [EntryName("SOURCE")]
    [Choice("Verbose", "Debug", "Information", "Warning", "Error", "Fatal")]
    public Dictionary<string, string> Override { get; } = [];
}
