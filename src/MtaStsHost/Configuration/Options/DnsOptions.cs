using System.ComponentModel;

namespace MtaStsHost.Configuration;

internal sealed class DnsOptions
{
    [Description("The resolvers that checks, `import` and the preflight before an order use: `192.0.2.53`, `127.0.0.1:8053`.")]
    [DefaultValue("the system's")]
    [ResolverAddress]
    public List<string> Resolvers { get; } = [];
}
