using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Runtime;

namespace MtaStsHost.Tests.Runtime;

public sealed class WakeableDelayTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly WakeableDelay _sleep;

    public WakeableDelayTests() => _sleep = new WakeableDelay(_time);

    [Fact]
    public async Task SleepAsync_NobodyWakesIt_EndsWhenItsTimeIsOver()
    {
        _sleep.Listen();
        var sleeping = _sleep.SleepAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(sleeping.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));

        await sleeping;
    }

    [Fact]
    public async Task Wake_DuringTheSleep_EndsIt()
    {
        _sleep.Listen();
        var sleeping = _sleep.SleepAsync(null, CancellationToken.None);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.False(sleeping.IsCompleted);

        _sleep.Wake();

        await sleeping;
    }

    [Fact]
    public async Task Wake_DuringTheRound_CutsTheSleepAfterItShortAndNoOther()
    {
        _sleep.Listen();
        _sleep.Wake();
        await _sleep.SleepAsync(null, CancellationToken.None);

        _sleep.Listen();

        Assert.False(_sleep.SleepAsync(null, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task SleepAsync_HostStops_EndsWithoutAnException()
    {
        using var stopping = new CancellationTokenSource();
        _sleep.Listen();
        var sleeping = _sleep.SleepAsync(null, stopping.Token);
        Assert.False(sleeping.IsCompleted);

        await stopping.CancelAsync();

        await sleeping;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void SleepAsync_NoTime_IsOverAtOnce(int seconds) =>
        Assert.True(_sleep.SleepAsync(TimeSpan.FromSeconds(seconds), CancellationToken.None).IsCompleted);
}
