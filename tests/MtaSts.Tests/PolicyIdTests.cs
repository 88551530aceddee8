using CsCheck;

namespace MtaSts.Tests;

public sealed class PolicyIdTests
{
    public static TheoryData<PolicyMode, string[], int, string> Pinned => new()
    {
        { PolicyMode.Enforce, ["mail.example.com"], 604800, "ddcfc28c0c2a59db89ddc447d331ecff" },
        { PolicyMode.Testing, ["mx1.example.org", "*.example.net"], 86400, "a64e1b9669ec9cb04a9ada902f7f5bfe" },
        { PolicyMode.None, [], 86400, "67b2e486a9f7a6161699c05594bf71cf" },
    };

    [Theory]
    [MemberData(nameof(Pinned))]
    public void Compute_KnownPolicy_GivesPinnedId(PolicyMode mode, string[] mx, int maxAge, string expected) =>
        Assert.Equal(expected, PolicyId.Compute(Policies.Make(mode, maxAge, mx)).Value);

    [Fact]
    public void Compute_MxInAnyOrder_GivesTheSameId() =>
        Gen.Select(Policies.Any, Gen.Int).Sample(static (policy, seed) =>
        {
            var mx = policy.Mx.ToArray();
            new Random(seed).Shuffle(mx);
            return PolicyId.Compute(new Policy(policy.Mode, mx, policy.MaxAge)) == PolicyId.Compute(policy);
        });

    [Fact]
    public void Compute_AnotherPolicy_GivesAnotherId() =>
        Gen.Select(Policies.Any, Policies.Any).Sample(static (one, two) =>
            (PolicyId.Compute(one) == PolicyId.Compute(two))
            == (one.Mode == two.Mode && one.MaxAge == two.MaxAge && one.Mx.ToHashSet().SetEquals(two.Mx)));

    [Theory]
    [InlineData("1")]
    [InlineData("20160831085700Z")]
    [InlineData("ABCdef0123456789ABCdef0123456789")]
    public void TryParse_Id_IsKept(string text)
    {
        Assert.True(PolicyId.TryParse(text, out var id, out var error), error);
        Assert.Equal(text, id.Value);
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData(null, "is empty")]
    [InlineData("", "is empty")]
    [InlineData("ABCdef0123456789ABCdef0123456789x", "has 33 characters; an id has at most 32")]
    [InlineData("2016-08-31", "has a character that is not an ASCII letter or digit")]
    [InlineData("a b", "has a character that is not an ASCII letter or digit")]
    [InlineData("\u00E9", "has a character that is not an ASCII letter or digit")]
    [InlineData("\u0661", "has a character that is not an ASCII letter or digit")]
    [InlineData("a\n", "has a character that is not an ASCII letter or digit")]
    public void TryParse_NoId_SaysWhy(string? text, string expected)
    {
        Assert.False(PolicyId.TryParse(text, out var id, out var error));
        Assert.Null(id);
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Equals_OtherCase_IsAnotherId()
    {
        Assert.True(PolicyId.TryParse("abc", out var lower, out _));
        Assert.True(PolicyId.TryParse("ABC", out var upper, out _));
        Assert.NotEqual(lower, upper);
    }
}
