using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Cli;

namespace MtaStsHost.Tests.Cli;

public sealed class ProgressTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };

    public void Dispose() => _output.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData(80)]
    public void Dispose_WithinASecond_SaysNothing(int? width)
    {
        using (Start(width))
        {
            Pass(0.9);
        }

        Pass(60);
        Assert.Equal("", _output.ToString());
    }

    [Fact]
    public void File_HasALineEveryFiveSecondsAtMostAndOnlyWithNews()
    {
        using var progress = Start(width: null);
        Pass(1);
        Assert.Equal("checking 3 domains: 0 done\n", Take());
        Advance(progress, 2);
        Pass(4.9);
        Assert.Equal("", Take());
        Pass(0.1);
        Assert.Equal("checking 3 domains: 2 done\n", Take());
        Pass(60);
        Assert.Equal("", Take());
    }

    [Fact]
    public void File_IsNotWipedAndWhatIsPrintedStandsByItself()
    {
        using (var progress = Start(width: null))
        {
            Pass(1);
            progress.Print(() => _output.Write("printed\n"));
        }

        Assert.Equal("checking 3 domains: 0 done\nprinted\n", Take());
    }

    [Fact]
    public void Terminal_HasOneLineThatIsRewritten()
    {
        using var progress = Start(width: 80);
        Pass(1);
        Assert.Equal("checking 3 domains: 0 done", Take());
        Pass(10);
        Assert.Equal("", Take());
        Advance(progress, 1);
        Pass(0.2);
        Assert.Equal($"{Wiped(26)}checking 3 domains: 1 done", Take());
    }

    [Fact]
    public void Terminal_PrintAndDispose_WipeTheLineBefore()
    {
        using (var progress = Start(width: 80))
        {
            Pass(1);
            Take();
            progress.Print(() => _output.Write("printed\n"));
            Assert.Equal($"{Wiped(26)}printed\n", Take());
            progress.Print(() => _output.Write("printed\n"));
            Assert.Equal("printed\n", Take());
            Pass(0.2);
            Assert.Equal("checking 3 domains: 0 done", Take());
        }

        Assert.Equal(Wiped(26), Take());
        Pass(60);
        Assert.Equal("", Take());
    }

    [Fact]
    public void Terminal_Narrow_HasNoLineThatWouldBreak()
    {
        using var progress = Start(width: 10);
        Pass(1);
        Assert.Equal("checking ", Take());
    }

    [Fact]
    public async Task Print_TakesLong_TheTimerDoesNotWait()
    {
        using var progress = Start(width: 80);
        var elsewhere = new ManualResetEventSlim();
        var release = new ManualResetEventSlim();
        var print = Task.Run(() => progress.Print(() =>
        {
            elsewhere.Set();
            release.Wait();
        }));
        elsewhere.Wait();
        Pass(5); // calls the timer on this thread
        Assert.Equal("", Take());
        release.Set();
        await print;
        Pass(0.2);
        Assert.Equal("checking 3 domains: 0 done", Take());
    }

    [Fact]
    public void Uncounted_SaysOnceWhatIsWaitedForAndItIsPrintable()
    {
        using var progress = new Progress("fetching \u001b[2J", isCounted: false, _output, null, _time);
        Pass(60);
        Assert.Equal("fetching \\u001B[2J …\n", Take());
    }

    private static string Wiped(int length) => $"\r{new string(' ', length)}\r";

    private static void Advance(Progress progress, int times)
    {
        for (var i = 0; i < times; i++) progress.Advance();
    }

    private Progress Start(int? width) => new("checking 3 domains", isCounted: true, _output, width, _time);

    private void Pass(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    private string Take()
    {
        var text = _output.ToString();
        _output.GetStringBuilder().Clear();
        return text;
    }
}
