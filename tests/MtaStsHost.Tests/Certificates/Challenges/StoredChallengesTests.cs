using Acme;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates.Challenges;

public sealed class StoredChallengesTests
{
    private const string Host = "mta-sts.example.com";

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly ScriptedStore _store = new();
    private readonly Live<AcmeSettings?> _settings = new(null);
    private readonly OpenChallenges _open;
    private readonly StoredChallenges _stored;

    public StoredChallengesTests()
    {
        _settings.Replace(new AcmeSettings([new AuthoritySettings(new Uri("https://ca.example/"), null, null)],
            "", ["http-01"], KeyAlgorithm.ES256, null, null, 1, false, 1));
        _open = new OpenChallenges(_time);
        _stored = new StoredChallenges(_open, _store, _settings, _time);
    }

    [Fact]
    public async Task RefreshAsync_OneOfAnotherHost_IsOpenAfterwards()
    {
        _store.Challenges = [At(Host)];

        Assert.True(await RefreshAsync());

        Assert.Equal("token.key", _open.FindHttp01("MTA-STS.example.com", "token"));
        Assert.True(_open.Any);
        _store.Challenges = [];
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await RefreshAsync());
        Assert.Null(_open.FindHttp01(Host, "token"));
        Assert.False(_open.Any);
    }

    [Fact]
    public async Task RefreshAsync_StrangersAskAllTheTime_FiveLooksASecond()
    {
        var asked = new List<Task<bool>>();
        for (var ms = 0; ms < 1000; ms += 10)
        {
            for (var i = 0; i < 10; i++) asked.Add(RefreshAsync());
            await Eventually.IsTrueAsync(() => _store.Lists > 0, "the first look");
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        await EndAsync(Task.WhenAll(asked));

        Assert.All(asked, look => Assert.True(look.Result));
        Assert.InRange(_store.Lists, 1, 7);
    }

    [Fact]
    public async Task RefreshAsync_SoonAfterAnotherLook_WaitsAndSeesWhatCameInBetween()
    {
        Assert.True(await RefreshAsync());
        _store.Challenges = [At(Host)];

        // A CA asks from several places at once.
        var looks = Enumerable.Range(0, 5).Select(_ => RefreshAsync()).ToList();
        Assert.DoesNotContain(looks, look => look.IsCompleted);
        await EndAsync(Task.WhenAll(looks));

        Assert.Equal(2, _store.Lists);
        Assert.All(looks, look => Assert.True(look.Result));
        Assert.Equal("token.key", _open.FindHttp01(Host, "token"));
    }

    [Fact]
    public async Task RefreshAsync_WhileAnotherLookReads_LooksAgainAfterIt()
    {
        var gate = new TaskCompletionSource();
        _store.Gate = gate.Task;
        var first = RefreshAsync();
        await Eventually.IsTrueAsync(() => _store.Lists == 1, "the first look reads");
        _store.Challenges = [At(Host)];

        var second = RefreshAsync();
        gate.SetResult();

        Assert.True(await first);
        await EndAsync(second);
        Assert.Equal("token.key", _open.FindHttp01(Host, "token"));
    }

    [Fact]
    public async Task RefreshAsync_AskedOnceAndGone_LeavesTheOthersTheirLook()
    {
        Assert.True(await RefreshAsync());
        using var gone = new CancellationTokenSource();
        var left = _stored.RefreshAsync(gone.Token);
        var stays = RefreshAsync();

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await EndAsync(stays);
        Assert.True(await stays);
    }

    [Fact]
    public async Task RefreshAsync_StoreFails_IsFalseAndKeepsWhatIsKnown()
    {
        _store.Challenges = [At(Host)];
        await RefreshAsync();
        _store.Fails = true;
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await RefreshAsync());

        Assert.NotNull(_open.FindHttp01(Host, "token"));
    }

    [Fact]
    public async Task RefreshAsync_NothingIsOrdered_TouchesNoStore()
    {
        _settings.Replace(null);

        Assert.False(await RefreshAsync());

        Assert.Equal(0, _store.Lists);
    }

    [Fact]
    public async Task OpenChallenges_WrittenFromManySides_NeverForgetsThatSomethingIsOpen()
    {
        var writers = Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++) _open.ReplaceStored([]);
        });
        for (var i = 0; !writers.IsCompleted; i++)
        {
            _open.Set(Host, [At(Host)]);
            for (var look = 0; look < 20; look++) Assert.True(_open.Any);
            _open.Set(Host, []);
        }

        await writers;
        Assert.False(_open.Any);
    }

    [Fact]
    public void OpenChallenges_OneExpiresOrHasAnotherType_IsNotFound()
    {
        _open.Set(Host, [At(Host), At(Host) with { Type = "tls-alpn-01", Token = "other" }]);

        Assert.Equal("token.key", _open.FindHttp01(Host, "token"));
        Assert.Null(_open.FindHttp01(Host, "other"));
        Assert.Null(_open.FindHttp01(Host, "TOKEN"));
        Assert.Null(_open.FindHttp01("mta-sts.example.net", "token"));
        Assert.NotNull(_open.FindTlsAlpn01(Host));
        Assert.Null(_open.FindTlsAlpn01("mta-sts.example.net"));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null(_open.FindHttp01(Host, "token"));
        Assert.Null(_open.FindTlsAlpn01(Host));
    }

    private StoredChallenge At(string host) => new(host, "http-01", "token", "token.key", _time.GetUtcNow().AddMinutes(10));

    private Task<bool> RefreshAsync() => _stored.RefreshAsync(TestContext.Current.CancellationToken);

    /// <summary>Lets the clock go on until the work is done.</summary>
    private async Task EndAsync(Task work) => await Eventually.IsTrueAsync(
        () =>
        {
            if (!work.IsCompleted) _time.Advance(TimeSpan.FromMilliseconds(50));
            return work.IsCompleted;
        },
        "the looks end");
}
