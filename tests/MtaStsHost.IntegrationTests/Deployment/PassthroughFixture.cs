using System.Security.Cryptography.X509Certificates;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>A proxy that passes TLS on to a listener of the host which expects the PROXY protocol.</summary>
public abstract class PassthroughFixture : ProxyFixture
{
    public override string Issuer => HostIssuer;

    protected override string[] HostArguments => [.. Host.HttpsArguments, "--Kestrel:Endpoints:Https:ProxyProtocol=true"];

    /// <summary>Where the host listens, as the examples write it.</summary>
    protected string HostAddress => $"127.0.0.1:{Host.Https.Port}";

    public override X509Certificate2 Root() => HostRoot();
}
