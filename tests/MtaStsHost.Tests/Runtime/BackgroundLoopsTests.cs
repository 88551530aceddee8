using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Runtime;

namespace MtaStsHost.Tests.Runtime;

public sealed class BackgroundLoopsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly BackgroundLoop _loop;

    public BackgroundLoopsTests() => _loop = new BackgroundLoops(_time).Add("checks", "domains are not checked");

    [Fact]
    public void Error_RoundThatWorksOrSleeps_IsNull()
    {
        Assert.Null(_loop.Error);
        _loop.Begin();
        Assert.Null(_loop.Error);
        _loop.End();
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Null(_loop.Error);
    }

    [Fact]
    public void Error_RoundThatHangs_IsThereFromEightSecondsOnUntilItEnds()
    {
        _loop.Begin();
        _time.Advance(BackgroundLoop.Patience - TimeSpan.FromMilliseconds(1));
        Assert.Null(_loop.Error);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(_loop.IsStuck);
        Assert.Equal("domains are not checked: the current round has taken over 8 s", _loop.Error);

        _loop.End();
        Assert.Null(_loop.Error);
    }

    [Fact]
    public void Error_RoundThatFailed_IsThereUntilOneWorks()
    {
        _loop.Begin();
        _loop.End(new InvalidOperationException("no\u001b[31m"));
        Assert.False(_loop.IsStuck);
        Assert.Equal("domains are not checked: InvalidOperationException: no\\u001B[31m", _loop.Error);

        _loop.Begin();
        Assert.NotNull(_loop.Error); // nothing has worked yet
        _loop.End();
        Assert.Null(_loop.Error);
    }

    [Fact]
    public void All_Loops_AreInTheOrderOfTheirStart()
    {
        var loops = new BackgroundLoops(_time);
        loops.Add("one", "nothing is done");
        loops.Add("two", "nothing else is done");

        Assert.Equal(["one", "two"], loops.All.Select(loop => loop.Name));
    }
}
