using System.Net;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Checks.Mx;

public sealed class MxProbesTests : IAsyncDisposable
{
    private static readonly IPAddress s_address = IPAddress.Parse("127.0.0.2");

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly IssuingTime _clock;
    private readonly TestCa _ca = new();
    private readonly TestSmtpServer _server;
    private readonly SmtpReachability _reachability;

    public MxProbesTests()
    {
        _server = new TestSmtpServer(_ca.Issue(["*.example.com"]), s_address);
        _reachability = new SmtpReachability(_clock = new IssuingTime(_time));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _ca.Dispose();
    }

    [Fact]
    public async Task ProbeAsync_ManyAtOnce_ShareOneConnection()
    {
        var probes = Probes(null);

        var results = await Task.WhenAll(Enumerable.Range(0, 100)
            .Select(i => Probe(probes, i % 2 == 0 ? "mail.example.com" : "MAIL.example.com")));

        Assert.All(results, result => Assert.Equal(SmtpOutcome.Good, result.Outcome));
        Assert.Equal(1, _server.Connections);
        Assert.True(probes.IsPortOpen(s_address));
    }

    [Fact]
    public async Task ProbeAsync_AnotherNameOrAddress_IsAnotherConnection()
    {
        var probes = Probes(null);
        await Probe(probes, "mail.example.com");

        await Probe(probes, "mx2.example.com"); // another name in the handshake, and another certificate perhaps
        var elsewhere = await probes.ProbeAsync("mail.example.com", IPAddress.Parse("127.0.0.77"),
            null, TestContext.Current.CancellationToken);

        Assert.Equal(2, _server.Connections);
        Assert.Equal(SmtpOutcome.Unreachable, elsewhere.Outcome);
    }

    [Theory]
    [InlineData(5, 1, 1)]
    [InlineData(5, 4, 1)]
    [InlineData(5, 6, 2)]
    [InlineData(null, 10_000, 1)]
    public async Task ProbeAsync_Later_TakesWhatWasSeenForItsLife(int? life, int later, int connections)
    {
        var probes = Probes(life is { } minutes ? TimeSpan.FromMinutes(minutes) : null);
        await Probe(probes, "mail.example.com");

        _time.Advance(TimeSpan.FromMinutes(later));
        await Probe(probes, "mail.example.com");

        Assert.Equal(connections, _server.Connections);
    }

    [Fact]
    public async Task ProbeAsync_WhoWantsSomethingNewer_LooksAgainForAll()
    {
        var probes = Probes(TimeSpan.FromMinutes(5));
        await Probe(probes, "mail.example.com");
        _time.Advance(TimeSpan.FromMinutes(4));

        await Probe(probes, "mail.example.com", TimeSpan.FromMinutes(4));
        Assert.Equal(1, _server.Connections);
        await Probe(probes, "mail.example.com", TimeSpan.FromMinutes(3));
        Assert.Equal(2, _server.Connections);
        _time.Advance(TimeSpan.FromMinutes(2));
        await Probe(probes, "mail.example.com");
        Assert.Equal(2, _server.Connections);
    }

    [Fact]
    public async Task ProbeAsync_ClockSetBack_LooksAgainAsEver()
    {
        var probes = Probes(TimeSpan.FromMinutes(5));
        await Probe(probes, "mail.example.com");
        _clock.WrongBy = TimeSpan.FromDays(-1);
        for (var hour = 0; hour < 5; hour++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            await Probe(probes, "mail.example.com");
        }

        Assert.Equal(6, _server.Connections);
    }

    [Fact]
    public async Task ProbeAsync_WhoGivesUp_DoesNotEndItForTheOthers()
    {
        var go = new TaskCompletionSource();
        _server.Scripts[SmtpStep.Greeting] = async (stream, cancellationToken) =>
        {
            await go.Task.WaitAsync(cancellationToken);
            return await TestSmtpServer.Say("220 hello\r\n")(stream, cancellationToken);
        };
        var probes = Probes(null);
        using var impatience = new CancellationTokenSource();
        var impatient = probes.ProbeAsync("mail.example.com", s_address, null, impatience.Token);
        var patient = Probe(probes, "mail.example.com");
        await Eventually.IsTrueAsync(() => _server.Connections == 1, "the server is connected to");

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.False(patient.IsCompleted);
        go.SetResult();
        Assert.Equal(SmtpOutcome.Good, (await patient).Outcome);
        Assert.Equal(1, _server.Connections);
    }

    [Fact]
    public async Task ProbeAsync_MoreHostsThanConnections_WaitForOneAnother()
    {
        var go = new TaskCompletionSource();
        var (now, most) = (0, 0);
        _server.Scripts[SmtpStep.Greeting] = async (stream, cancellationToken) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            await go.Task.WaitAsync(cancellationToken);
            Interlocked.Decrement(ref now);
            return await TestSmtpServer.Say("554 enough\r\n")(stream, cancellationToken);
        };
        var probes = Probes(null);

        var all = Enumerable.Range(0, MxProbes.MaxConnections + 20).Select(i => Probe(probes, $"mx{i}.example.com")).ToList();
        await Eventually.IsTrueAsync(() => Volatile.Read(ref now) == MxProbes.MaxConnections, "as many as may be are connected");
        go.SetResult();
        await Task.WhenAll(all);

        Assert.Equal(MxProbes.MaxConnections + 20, _server.Connections);
        Assert.InRange(most, 1, MxProbes.MaxConnections);
    }

    private MxProbes Probes(TimeSpan? life) =>
        new(new SmtpProbe(new SmtpProbeOptions(_server.Port, TimeSpan.FromSeconds(20), [_ca.Root()]), _clock), _reachability, life, _clock);

    private static Task<SmtpProbeResult> Probe(MxProbes probes, string host, TimeSpan? notOlderThan = null) =>
        probes.ProbeAsync(host, s_address, notOlderThan, TestContext.Current.CancellationToken);
}
