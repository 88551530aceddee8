using System.ComponentModel;

namespace MtaStsHost.Configuration;

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
