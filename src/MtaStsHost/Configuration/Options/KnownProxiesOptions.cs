using System.ComponentModel;

namespace MtaStsHost.Configuration;

internal sealed class KnownProxiesOptions
{
    [Description("The proxies whose `X-Forwarded-For` (without TLS) or PROXY header is trusted, for the log and to detect that the policy "
        + "host is reachable from outside.")]
    [Network]
    public List<string> KnownNetworks { get; } = [];
}
