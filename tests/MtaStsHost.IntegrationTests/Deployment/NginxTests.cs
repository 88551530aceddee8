using System.Globalization;
using System.Net;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary><c>docs/deployment/nginx/mta-sts.conf</c>: nginx has the certificates.</summary>
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
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(nginx.Http, path)) { Headers = { Host = "mta-sts.example.com" } };

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
            return Nginx.Arguments(Folder, $"http {{\n{Nginx.TemporaryFolders(Folder)}access_log off;\ngzip on;\ngzip_types *;\ngzip_min_length 1;\ngzip_proxied any;\n{example}\n}}\n");
        }
    }
}

/// <summary>An nginx of a test's own.</summary>
internal static class Nginx
{
    private static readonly string[] s_kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

    /// <summary>So that no user needs to write into the system's folders.</summary>
    public static string TemporaryFolders(TempFolder folder) => string.Concat(s_kinds.Select(kind => $"{kind}_temp_path {folder[$"nginx/{kind}"]};\n"));

    /// <param name="blocks">What stands beside <c>events</c>.</param>
    public static string[] Arguments(TempFolder folder, string blocks)
    {
        // Its workers must get into the test's folder, which is the test's user's alone.
        var user = Environment.UserName == "root" ? "user root;\n" : "";
        var text = string.Create(CultureInfo.InvariantCulture, $"{user}daemon off;\nworker_processes 1;\npid {folder["nginx/pid"]};\nerror_log stderr;\nevents {{ }}\n{blocks}");
        return ["-p", folder["nginx"], "-e", "stderr", "-c", folder.Write("nginx/nginx.conf", text)];
    }
}
