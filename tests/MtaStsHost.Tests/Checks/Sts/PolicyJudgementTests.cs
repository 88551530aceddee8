using MtaSts;
using MtaStsHost.Checks.Sts;

namespace MtaStsHost.Tests.Checks.Sts;

public sealed class PolicyJudgementTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>As <c>validate</c> warns about the configuration.</summary>
    [Theory]
    [InlineData(PolicyMode.Enforce, 86_400, "Info")]
    [InlineData(PolicyMode.Enforce, 86_399, "Warning")]
    [InlineData(PolicyMode.Testing, 86_399, "Warning")]
    public void Judge_MaxAgeUnderADay_IsAWarning(PolicyMode mode, int maxAge, string expected) =>
        Assert.Equal(expected, Assert.Single(PolicyJudgement.Judge("example.com",
            new Policy(mode, [TxtCheckTests.Mx("mail.example.com")], maxAge), null, true, s_now)).Severity.ToString());

    [Theory]
    [InlineData(PolicyMode.Enforce, 1_209_600, 0, true, "")]
    [InlineData(PolicyMode.Enforce, 1_209_599, 0, true, "max-age-short")]
    [InlineData(PolicyMode.Enforce, 86_399, 0, true, "max-age-short")]
    [InlineData(PolicyMode.Testing, 86_399, 0, true, "max-age-short")]
    [InlineData(PolicyMode.None, 0, 0, true, "")]
    [InlineData(PolicyMode.Enforce, 15_724_800, 0, true, "")]
    [InlineData(PolicyMode.Enforce, 15_724_801, 0, true, "max-age-long")]
    [InlineData(PolicyMode.None, 31_557_600, 0, true, "max-age-long")]
    [InlineData(PolicyMode.Testing, 86_400, 30, true, "")]
    [InlineData(PolicyMode.Testing, 86_400, 31, true, "testing-too-long")]
    [InlineData(PolicyMode.Testing, 86_400, 31, false, "")]
    [InlineData(PolicyMode.Testing, 86_400, -1, true, "")]
    [InlineData(PolicyMode.None, 86_400, 400, true, "")]
    public void Judge_Policy_SuggestsWhatItCouldDoBetter(PolicyMode mode, int maxAge, int daysInMode, bool isSound, string expected)
    {
        var findings = PolicyJudgement.Judge("example.com", new Policy(mode, [TxtCheckTests.Mx("mail.example.com")], maxAge),
            daysInMode < 0 ? null : s_now.AddDays(-daysInMode), isSound, s_now);

        Assert.Equal(expected, string.Join(' ', findings.Select(finding => finding.Code)));
    }
}
