using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Acme.Testing;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>
/// A proxy before the host, both as operators have them: programs of their own, the proxy with the example of <c>deploy</c>. The
/// host
/// believes 127.0.0.1 alone, which is the proxy; senders come from <see cref="Sender.Address"/>. Started once, when the first test asks for
/// it.
/// </summary>
public abstract class ProxyFixture : IAsyncDisposable
{
    public static readonly IReadOnlyList<string> Domains = ["example.com", "example.net", "example.org"];

    private readonly Lazy<Task> _started;
    private readonly TestCa _hostCa = new("Host");
    private readonly TestCa _proxyCa = new("Proxy");
    private HostProcess? _host;
    private HostProcess? _proxy;

    protected ProxyFixture() => _started = new(StartOnceAsync);

    /// <summary>Where senders come to.</summary>
    public Uri Public { get; } = new($"https://127.0.0.1:{FreePorts.Next()}");

    public HostInstallation Host { get; } = new($$"""
        {
          "MtaSts": { "Domains": { {{string.Join(", ", Domains.Select(domain => $$"""
            "{{domain}}": { "Mode": "enforce", "Mx": [ "mail.{{domain}}", "*.mx.{{domain}}" ], "MaxAge": 604800 }
            """))}} } },
          "ForwardedHeaders": { "KnownNetworks": [ "127.0.0.1" ] },
          "Tls": { "Certificates": [ { "Path": "../tls/tls.pem", "KeyPath": "../tls/tls.key" } ] }
        }
        """);

    public HostProcess HostProcess => _host!;

    /// <summary>Whose certificates a sender must see: the proxy's, or the host's where the proxy passes TLS on.</summary>
    public virtual string Issuer => "CN=" + _proxyCa.IssuerName;

    /// <summary>The program, which must be installed.</summary>
    protected abstract string Program { get; }

    protected TempFolder Folder => Host.Folder;

    /// <summary>What the host is started with, beside its settings.</summary>
    protected virtual string[] HostArguments => Host.HttpArguments;

    protected string HostIssuer => "CN=" + _hostCa.IssuerName;

    public static string PolicyOf(string domain) =>
        $"version: STSv1\r\nmode: enforce\r\nmx: mail.{domain}\r\nmx: *.mx.{domain}\r\nmax_age: 604800\r\n";

    /// <summary>The root of the certificate that senders should see.</summary>
    public virtual X509Certificate2 Root() => _proxyCa.Root();

    /// <exception cref="Xunit.Sdk.SkipException">The program isn't there.</exception>
    public virtual Task StartAsync()
    {
        Tools.Require(Program);
        return _started.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null) await _proxy.DisposeAsync();
        if (_host is not null) await _host.DisposeAsync();
        Host.Dispose();
        _hostCa.Dispose();
        _proxyCa.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes the proxy's configuration. Returns its arguments.</summary>
    protected abstract string[] Configure();

    /// <summary>The certificate for all policy hosts that the proxy has.</summary>
    protected TestCertificate ProxyCertificate() => _proxyCa.Issue(Domains.Select(domain => $"mta-sts.{domain}"));

    protected X509Certificate2 HostRoot() => _hostCa.Root();

    private async Task StartOnceAsync()
    {
        _hostCa.Issue(Domains.Select(domain => $"mta-sts.{domain}")).Write(Folder["tls"]);
        _host = await Host.StartAsync(new HostStart { Arguments = HostArguments });
        var proxy = _proxy = HostProcess.Start([Tools.Require(Program), .. Configure()], new HostStart { WorkingDirectory = Folder.Path });
        await Eventually.IsTrueAsync(async () => proxy.HasExited || await HasCertificatesAsync(), $"{Program} has its certificates");
        if (proxy.HasExited) throw new InvalidOperationException($"{Program} ended: {proxy.Output}{proxy.Error}");
    }

    private async Task<bool> HasCertificatesAsync()
    {
        try
        {
            foreach (var domain in Domains) await (await RawHttp.HandshakeAsync(Public, $"mta-sts.{domain}")).DisposeAsync();
            return true;
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            return false;
        }
    }
}
