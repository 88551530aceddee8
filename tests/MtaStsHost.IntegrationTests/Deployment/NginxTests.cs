using System.Net;
using Acme.Testing;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary><c>deploy/nginx/mta-sts.conf</c>: nginx has the certificates.</summary>
public sealed class NginxTests(NginxTests.Fixture nginx) : ProxyContract(nginx), IClassFixture<NginxTests.Fixture>
{
    [Theory]
    [InlineData("/.well-known/acme-challenge/token", HttpStatusCode.OK)]
    [InlineData(PolicyClient.Path, HttpStatusCode.NotFound)]
    public async Task Port_80_has_what_the_CA_looks_for_and_nothing_else(string path, HttpStatusCode expected)
    {
        await nginx.StartAsync();
        nginx.Host.Folder.Write("www/.well-known/acme-challenge/token", "token.thumbprint");
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get,
            new Uri(nginx.Http, path)) { Headers = { Host = "mta-sts.example.com" } };

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, answer.StatusCode);
    }

    public sealed class Fixture : ProxyFixture
    {
        public Uri Http { get; } = new($"http://127.0.0.1:{FreePorts.Next()}");

        protected override string Program => "nginx";

        protected override string[] Configure()
        {
            var (certificate, key) = ProxyCertificate().Write(Folder["nginx"]);
            var example = Example.Read(
                "nginx/mta-sts.conf",
                ("443 ssl", $"{Public.Port} ssl"),
                ("listen 80;", $"listen {Http.Port};"),
                ("listen [::]:80;", $"listen [::]:{Http.Port};"),
                ("http://127.0.0.1:8080", Host.Http.OriginalString),
                ("/etc/letsencrypt/live/mta-sts/fullchain.pem", certificate),
                ("/etc/letsencrypt/live/mta-sts/privkey.pem", key),
                ("/var/www/letsencrypt", Folder["www"]));
            // Around it what the example must stand up to: another site's compression.
            return Nginx.Arguments(Folder,
                $"http {{\n{Nginx.TemporaryFolders(Folder)}access_log off;\ngzip on;\ngzip_types *;\ngzip_min_length 1;\ngzip_proxied "
                + $"any;\n{example}\n}}\n");
        }
    }
}

/// <summary><c>deploy/nginx/mta-sts-passthrough.conf</c>: the host has the certificates, and nginx speaks version 1 of the PROXY
/// protocol.</summary>
public sealed class NginxPassthroughTests(NginxPassthroughTests.Fixture nginx)
    : PassthroughContract(nginx), IClassFixture<NginxPassthroughTests.Fixture>
{
    public sealed class Fixture : PassthroughFixture
    {
        private const string Module = "/usr/lib/nginx/modules/ngx_stream_module.so";

        protected override string Program => "nginx";

        public override Task StartAsync()
        {
            if (!File.Exists(Module)) Tools.Missing($"{Module} is not there; ./test.sh installs it on Debian");
            return base.StartAsync();
        }

        protected override string[] Configure()
        {
            var example = Example.Read(
                "nginx/mta-sts-passthrough.conf",
                ("listen 443;", $"listen {Public.Port};"),
                ("listen [::]:443;", $"listen [::]:{Public.Port};"),
                ("127.0.0.1:8443", HostAddress),
                ("127.0.0.1:4443", $"127.0.0.1:{FreePorts.Next()}"));
            return Nginx.Arguments(Folder, example, $"load_module {Module};\n");
        }
    }
}
