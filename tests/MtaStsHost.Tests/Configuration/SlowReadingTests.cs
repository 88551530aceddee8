using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Configuration;

namespace MtaStsHost.Tests.Configuration;

public sealed class SlowReadingTests
{
    [Fact]
    public void Watch_OverTheLimit_IsReportedWhileItGoesOn()
    {
        var (time, reports) = (new FakeTimeProvider(), 0);
        using var slow = new SlowReading(time, () => reports++);

        var read = slow.Watch(() =>
        {
            time.Advance(SlowReading.Limit - TimeSpan.FromMilliseconds(1));
            Assert.Equal(0, reports);
            time.Advance(TimeSpan.FromMilliseconds(1));
            return reports;
        });

        Assert.Equal(1, read);
    }

    [Fact]
    public void Watch_WithinTheLimit_IsNotReportedAfterwards()
    {
        var (time, reports) = (new FakeTimeProvider(), 0);
        using var slow = new SlowReading(time, () => reports++);

        slow.Watch(() => 0);
        Assert.Throws<IOException>(() => slow.Watch<int>(() => throw new IOException()));
        time.Advance(SlowReading.Limit * 2);

        Assert.Equal(0, reports);
    }
}
