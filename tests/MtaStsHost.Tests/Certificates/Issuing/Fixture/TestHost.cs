using Acme;
using Acme.Testing;
using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Configuration;
using MtaStsHost.Runtime;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates.Issuing.Fixture;

/// <summary>What orders certificates in one process, put together as <c>MtaStsHostBuilder</c> does. Several may share a store
/// file.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly HostIssuance _issuance;

    public TestHost(string storePath, IssuingTime time, IReadOnlyDictionary<Uri,
        FakeAcmeServer> servers, TestHosts hosts, AcmeSettings? settings)
    {
        Dns = new ScriptedResolver(time);
        Loops = new BackgroundLoops(time);
        Health = new StoreHealth(new DamagedRows(Log.For<DamagedRows>()));
        Store = new FaultyStore(new SqlStore(new SqliteEngine(storePath), time, Health.Damaged));
        Settings.Replace(settings);
        Challenges = new OpenChallenges(time);
        Cache = new CertificateCache(Index, Store, time, Log.For<CertificateCache>());
        Context = new IssuingContext(
            $"host/{Guid.NewGuid():N}", Store, Index, Challenges,
                new PreflightCheck(() => Dns, new SelfCheck(), PreflightPorts.Default, time),
                new CurrentBasis(Background, new RootsFiles(time)), Counters, time)
        {
            Connect = (authority, clock) => new AcmeClient(authority.DirectoryUrl, new AcmeClientOptions
            {
                TimeProvider = clock,
                Handler = new FakeAcmeHandler(servers[authority.DirectoryUrl]),
            }),
        };
        _issuance = new HostIssuance(Context, Cache, Log.For<HostIssuance>());
        Watch = new StoreWatch(Store, Index, Cache, Challenges, Endpoints, Health, Loops, time, Log.For<StoreWatch>());
        var queue = new CertificateQueue(hosts, Files, Context, Watch, Log.For<CertificateQueue>());
        Manager = new CertificateManager(queue, Settings, Context, Watch, _issuance, Health, Loops, Log.For<CertificateManager>());
    }

    public FaultyStore Store { get; }

    /// <summary>Used with <c>Preflight</c>; knows no name.</summary>
    public ScriptedResolver Dns { get; }

    public Live<BackgroundSettings> Background { get; } = new(new BackgroundSettings(CheckSettings.Default, [], null));

    public BackgroundLoops Loops { get; }

    public LogList Log { get; } = new();

    public Live<AcmeSettings?> Settings { get; } = new(null);

    public Live<IReadOnlyList<EndpointSettings>> Endpoints { get; } = new([new EndpointSettings("Https", "https://*:443", null)]);

    public FileCertificates Files { get; } = new();

    public OpenChallenges Challenges { get; }

    public CertificateIndex Index { get; } = new();

    public CertificateCache Cache { get; }

    public IssuingCounters Counters { get; } = new();

    public StoreHealth Health { get; }

    public IssuingContext Context { get; }

    public StoreWatch Watch { get; }

    public CertificateManager Manager { get; }

    /// <summary>The end of the active certificate, as the handshake finds it; <c>null</c>: none.</summary>
    public DateTimeOffset? Serves(string host) => Cache.TryGet(host, out var certificate) ? certificate.NotAfter : null;

    public async Task StopAsync() => await Manager.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Manager.Dispose();
        Watch.Dispose();
        _issuance.Dispose();
        await Store.DisposeAsync();
    }
}
