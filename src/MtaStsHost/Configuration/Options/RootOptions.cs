using System.ComponentModel;

namespace MtaStsHost.Configuration;

/// <summary>
/// All sections of <c>appsettings.json</c>. Everything that is known of a setting follows from these classes: how it is bound and
/// validated, the known keys, <c>appsettings.schema.json</c>, docs/reference/configuration.md and <c>config show</c>.
/// </summary>
internal sealed class RootOptions
{
    [Description("The listeners.")]
    public KestrelOptions Kestrel { get; } = new();

    [Description("The mail domains and their policies.")]
    public MtaStsOptions MtaSts { get; } = new();

    [Description("Certificates from files.")]
    public TlsOptions Tls { get; } = new();

    [Description("Certificates through ACME (RFC 8555).")]
    public AcmeOptions Acme { get; } = new();

    [Description("Checks of the configured domains.")]
    public CheckOptions Checks { get; } = new();

    [Description("DNS look-ups.")]
    public DnsOptions Dns { get; } = new();

    [Description("What GET /traefik contains.")]
    public TraefikOptions Traefik { get; } = new();

    [Description("The store with served policies, certificates and keys.")]
    public StorageOptions Storage { get; } = new();

    [Description("Proxies in front of the service.")]
    public KnownProxiesOptions ForwardedHeaders { get; } = new();

    [Description("The log.")]
    public SerilogOptions Serilog { get; } = new();
}
