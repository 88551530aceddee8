using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Acme.Tests;

public sealed class NoncePoolTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Take_Several_GivesTheNewestFirstAndEachOnce()
    {
        var pool = new NoncePool(_time);
        pool.Add("a");
        pool.Add("b");
        Assert.Equal(["b", "a", null], [pool.Take(), pool.Take(), pool.Take()]);
    }

    [Fact]
    public void Take_OldOnes_AreForgotten()
    {
        var pool = new NoncePool(_time);
        pool.Add("old");
        _time.Advance(TimeSpan.FromMinutes(9));
        pool.Add("new");
        Assert.Equal("new", pool.Take());
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(pool.Take());
    }

    [Fact]
    public void Add_MoreThanItHolds_DropsTheOldest()
    {
        var pool = new NoncePool(_time);
        for (var i = 0; i < NoncePool.Capacity + 5; i++) pool.Add($"n{i}");
        for (var i = NoncePool.Capacity + 4; i >= 5; i--) Assert.Equal($"n{i}", pool.Take());
        Assert.Null(pool.Take());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a=")]
    [InlineData("a+/")]
    [InlineData("a\"")]
    [InlineData("\u00E9")]
    public void Add_NoBase64Url_IsIgnored(string? nonce)
    {
        var pool = new NoncePool(_time);
        pool.Add(nonce);
        Assert.Null(pool.Take());
    }

    [Fact]
    public void Take_ManyThreads_GiveNoNonceTwice()
    {
        var pool = new NoncePool(_time);
        Gen.Int[1, 60].Sample(count =>
        {
            var nonces = Enumerable.Range(0, count).Select(static i => $"n{i}").ToList();
            Parallel.ForEach(nonces, pool.Add);
            var taken = new System.Collections.Concurrent.ConcurrentBag<string>();
            Parallel.For(0, count + 5, _ =>
            {
                if (pool.Take() is { } nonce) taken.Add(nonce);
            });
            return taken.Order().SequenceEqual(nonces.Order());
        }, iter: 50, threads: 1);
    }
}
