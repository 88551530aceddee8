namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary><c>deploy/haproxy/mta-sts.cfg</c>: HAProxy has the certificates.</summary>
public sealed class HaproxyTests(HaproxyTests.Fixture haproxy) : ProxyContract(haproxy), IClassFixture<HaproxyTests.Fixture>
{
    public sealed class Fixture : ProxyFixture
    {
        protected override string Program => "haproxy";

        protected override string[] Configure()
        {
            var certificate = ProxyCertificate();
            Folder.Write("certificates/mta-sts.pem", certificate.ChainPem + certificate.KeyPem);
            // Before it what the example must stand up to: another site's compression.
            Folder.Write("haproxy.cfg",
                "global\n    maxconn 100\ndefaults\n    mode http\n    timeout connect 1s\n    timeout client 1s\n    timeout server "
                + "1s\n    compression algo gzip\n");
            var example = Example.Read(
                "haproxy/mta-sts.cfg",
                (":443 ", $":{Public.Port} "),
                ("127.0.0.1:8080", Host.Http.Authority),
                ("/etc/haproxy/certificates/", Folder["certificates/"]));
            return ["-db", "-f", Folder["haproxy.cfg"], "-f", Folder.Write("mta-sts.cfg", example)];
        }
    }
}

/// <summary><c>deploy/haproxy/mta-sts-passthrough.cfg</c>: the host has the certificates, and HAProxy speaks version 2 of the
/// PROXY protocol.</summary>
public sealed class HaproxyPassthroughTests(HaproxyPassthroughTests.Fixture haproxy)
    : PassthroughContract(haproxy), IClassFixture<HaproxyPassthroughTests.Fixture>
{
    public sealed class Fixture : PassthroughFixture
    {
        protected override string Program => "haproxy";

        protected override string[] Configure()
        {
            Folder.Write("haproxy.cfg", "global\n    maxconn 100\n");
            var example = Example.Read(
                "haproxy/mta-sts-passthrough.cfg",
                ("bind :443\n", $"bind :{Public.Port}\n"),
                (":::443 ", $":::{Public.Port} "),
                ("127.0.0.1:8443", HostAddress));
            return ["-db", "-f", Folder["haproxy.cfg"], "-f", Folder.Write("mta-sts.cfg", example)];
        }
    }
}
