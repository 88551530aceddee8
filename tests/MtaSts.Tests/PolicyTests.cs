namespace MtaSts.Tests;

public sealed class PolicyTests
{
    [Fact]
    public void Constructor_RepeatedMx_KeepsTheFirstInOrder()
    {
        var policy = Policies.Make(PolicyMode.Enforce, 86400, "b.example.com", "a.example.com", "B.example.com.", "*.example.com",
            "a.example.com");
        Assert.Equal(["b.example.com", "a.example.com", "*.example.com"], policy.Mx.Select(static mx => mx.Value));
    }

    [Theory]
    [InlineData(PolicyMode.Testing)]
    [InlineData(PolicyMode.Enforce)]
    public void Constructor_NoMx_Throws(PolicyMode mode) => Assert.Throws<ArgumentException>(() => new Policy(mode, [], 86400));

    [Fact]
    public void Constructor_NoMxInModeNone_IsGood() => Assert.Empty(new Policy(PolicyMode.None, [], 86400).Mx);

    [Theory]
    [InlineData(-1)]
    [InlineData(31557601)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void Constructor_MaxAgeOutOfRange_Throws(int maxAge) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Policy(PolicyMode.None, [], maxAge));

    [Theory]
    [InlineData(0)]
    [InlineData(31557600)]
    public void Constructor_MaxAgeAtTheEnds_IsGood(int maxAge) => Assert.Equal(maxAge, new Policy(PolicyMode.None, [], maxAge).MaxAge);

    [Fact]
    public void Constructor_UnknownMode_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => new Policy((PolicyMode)7, [], 1));

    [Fact]
    public void Equals_SameValues_IsTrue()
    {
        var policy = Policies.Make(PolicyMode.Enforce, 1, "a.example", "b.example");
        Assert.Equal(policy, Policies.Make(PolicyMode.Enforce, 1, "A.example", "b.example."));
        Assert.Equal(policy.GetHashCode(), Policies.Make(PolicyMode.Enforce, 1, "a.example", "b.example").GetHashCode());
        Assert.NotEqual(policy, Policies.Make(PolicyMode.Enforce, 1, "b.example", "a.example"));
        Assert.NotEqual(policy, Policies.Make(PolicyMode.Enforce, 2, "a.example", "b.example"));
        Assert.NotEqual(policy, Policies.Make(PolicyMode.Testing, 1, "a.example", "b.example"));
        Assert.NotEqual(policy, Policies.Make(PolicyMode.Enforce, 1, "a.example"));
    }

    [Fact]
    public void Matches_AnyPattern_IsEnough()
    {
        var policy = Policies.Make(PolicyMode.Enforce, 1, "mail.example.com", "*.example.net");
        Assert.True(policy.Matches("mail.example.com"));
        Assert.True(policy.Matches("Anything.example.net."));
        Assert.False(policy.Matches("mail.example.org"));
    }
}
