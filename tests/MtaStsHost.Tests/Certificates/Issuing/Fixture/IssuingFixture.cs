using System.Collections.Immutable;
using Acme;
using Acme.Testing;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates.Issuing.Fixture;

/// <summary>
/// Hosts that order at CAs which misbehave, on a clock that the test turns: months pass in a second. Time jumps to what is due next, so a
/// test counts attempts and not seconds.
/// </summary>
internal sealed class IssuingFixture : IAsyncDisposable
{
    public const string Name = "mta-sts.a.example";

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(15);

    /// <summary>The manager's own.</summary>
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(1);

    private readonly TempFolder _folder = new();
    private readonly Dictionary<Uri, FakeAcmeServer> _servers = [];
    private readonly List<TestHost> _running = [];

    public IssuingFixture(PlayedCa? plays = null)
    {
        Time = new IssuingTime(Right);
        Ca = AddCa("https://ca.test/", plays);
        OtherCa = AddCa("https://other.test/");
    }

    /// <summary>The right time, which the CAs have.</summary>
    public FakeTimeProvider Right { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The hosts' clock.</summary>
    public IssuingTime Time { get; }

    public FakeAcmeServer Ca { get; }

    /// <summary>For settings that name it.</summary>
    public FakeAcmeServer OtherCa { get; }

    public TestHosts Hosts { get; } = new();

    public string StorePath => _folder["store/mtastshost.db"];

    public DateTimeOffset Now => Time.GetUtcNow();

    public AcmeSettings Settings { get; set; } = new(
        [new AuthoritySettings(new Uri("https://ca.test/directory"), null, null)],
        "", ImmutableArray.Create(Challenge.Http01), KeyAlgorithm.ES256,
            null, null, MaxConcurrentOrders: 8, Preflight: false, OrdersPerThreeHours: 250);

    public IReadOnlyList<TestHost> Running => _running;

    /// <summary>The first host that was started.</summary>
    public TestHost Host => _running[0];

    private bool IsWorking => _running.Exists(host => host.Counters.UnderWay > 0);

    /// <summary>A host that isn't running yet.</summary>
    public TestHost Make() => new(StorePath, Time, _servers, Hosts, Settings);

    public async Task<TestHost> StartAsync(params IEnumerable<string> names)
    {
        Hosts.Add(names);
        return await StartAsync(Make());
    }

    public async Task<TestHost> StartAsync(TestHost host)
    {
        _running.Add(host);
        await host.Manager.StartAsync(CancellationToken.None);
        await SettleAsync();
        return host;
    }

    /// <summary>A host with a certificate for <see cref="Name"/>.</summary>
    public async Task<CertificateRecord> ObtainAsync(TimeSpan? within = null)
    {
        await StartAsync(Name);
        await RunAsync(within ?? TimeSpan.FromMinutes(1));
        var row = await RowAsync(Name);
        Assert.NotNull(row.Certificate);
        return row;
    }

    /// <summary>Ends a host; it can't be started again.</summary>
    public async Task StopAsync(TestHost host)
    {
        _running.Remove(host);
        await host.DisposeAsync();
    }

    public async Task<CertificateRecord> RowAsync(string host = Name) =>
        await Host.Store.Inner.FindAsync(host, CancellationToken.None) ?? throw new InvalidOperationException($"no row for {host}");

    /// <summary>Lets so much time pass, and all that is due in it be done.</summary>
    /// <param name="idleStep">The longest jump; days where nothing happens until the next due time.</param>
    public async Task RunAsync(TimeSpan span, TimeSpan? idleStep = null)
    {
        await SettleAsync();
        for (var end = Right.GetUtcNow() + span; Right.GetUtcNow() < end; await SettleAsync())
        {
            var left = end - Right.GetUtcNow();
            var step = await NextStepAsync(idleStep ?? span, idleStep ?? s_round);
            Right.Advance(step < left ? step : left);
        }
    }

    /// <summary>Lets time pass until something holds.</summary>
    public async Task RunUntilAsync(Func<CertificateRecord, bool> condition, TimeSpan atMost, string host = Name)
    {
        for (var end = Right.GetUtcNow() + atMost; !condition(await RowAsync(host));)
        {
            if (Right.GetUtcNow() >= end) Assert.Fail($"not within {atMost}: {string.Join('\n', Host.Log.Lines)}");
            Right.Advance(await NextStepAsync(atMost, s_round));
            await SettleAsync();
        }
    }

    /// <summary>Waits in real time until every host sleeps, or waits for the clock.</summary>
    public async Task SettleAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var (quiet, before) = (0, -1L); quiet < QuietTicks();)
        {
            await Task.Delay(s_tick, TimeProvider.System);
            // Through the pool's queue, so that what was ready to run before has had its turn.
            await Task.Run(static () => { });
            var activity = _servers.Values.Sum(server => (long)server.Requests.Count)
                + _running.Sum(host => host.Store.Calls) + Time.Timers;
            var isQuiet = activity == before && Time.Waiting >= _running.Count && _running.TrueForAll(host => host.Store.UnderWay == 0);
            before = activity;
            quiet = isQuiet ? quiet + 1 : 0;
            if (TimeProvider.System.GetElapsedTime(started) > s_deadline) throw new TimeoutException("the hosts don't come to rest");
        }
    }

    /// <summary>An order at rest waits for a delay. Without one, it may wait for another order's, or for an answer that never comes; or
    /// a signature takes a while because many tests run.</summary>
    private int QuietTicks() => !IsWorking ? 2 : Time.Sleeping >= _running.Sum(host => 1 + host.Counters.UnderWay) ? 5 : 50;

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _running) await host.DisposeAsync();
        foreach (var server in _servers.Values) server.Dispose();
        _folder.Dispose();
    }

    private FakeAcmeServer AddCa(string url, PlayedCa? plays = null)
    {
        var server = new FakeAcmeServer(Right, plays) { BaseUrl = new Uri(url) };
        _servers.Add(server.DirectoryUrl, server);
        return server;
    }

    private async Task<TimeSpan> NextStepAsync(TimeSpan longest, TimeSpan heldBack)
    {
        if (IsWorking) return Time.UntilNext > s_tick ? Time.UntilNext : s_tick;
        var due = _running.Count == 0 ? null : await Host.Store.Inner.NextDueAsync(CancellationToken.None);
        // The millisecond: the store's times have no parts of it.
        var wait = due - Now + s_tick ?? longest;
        // What is due and not taken is held back; the manager looks again in its own time.
        if (wait < TimeSpan.FromSeconds(1)) wait = heldBack;
        return wait < longest ? wait : longest;
    }
}
