using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Storage;

public sealed class StoreHealthTests
{
    [Fact]
    public void RetryAfter_FailuresInARow_LongerUpToHalfAMinute()
    {
        var state = new StoreHealth().Certificates;
        var waits = Enumerable.Range(0, 7).Select(_ =>
        {
            state.Fails(new StoreException("x", "y"));
            return state.RetryAfter.TotalSeconds;
        }).ToList();

        Assert.Equal([1, 2, 4, 8, 16, 30, 30], waits);
        Assert.True(state.Works());
        Assert.False(state.Works());
        Assert.True(state.Fails(new StoreException("x", "y")));
        Assert.False(state.Fails(new StoreException("x", "y")));
        Assert.True(state.Fails(new StoreException("z", "y")));
    }
}
