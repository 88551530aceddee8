using System.Security.Cryptography.X509Certificates;
using Acme.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary><c>deploy/caddy/mta-sts.caddy</c>: Caddy has the certificates, which it gets by itself; here from a CA of its
/// own.</summary>
public sealed class CaddyTests(CaddyTests.Fixture caddy) : ProxyContract(caddy), IClassFixture<CaddyTests.Fixture>
{
    public sealed class Fixture : ProxyFixture
    {
        public override string Issuer => "CN=Caddy Local Authority - ECC Intermediate";

        protected override string Program => "caddy";

        public override X509Certificate2 Root() =>
            X509CertificateLoader.LoadCertificateFromFile(Folder["caddy/pki/authorities/local/root.crt"]);

        protected override string[] Configure()
        {
            var example = Example.Read("caddy/mta-sts.caddy", ("127.0.0.1:8080", Host.Http.Authority));
            var global = $"{{\nadmin off\nlocal_certs\nskip_install_trust\nhttp_port {FreePorts.Next()}\nhttps_port "
                + $"{Public.Port}\nstorage file_system {Folder["caddy"]}\n}}\n";
            return ["run", "--adapter", "caddyfile", "--config", Folder.Write("Caddyfile", global + example)];
        }
    }
}
