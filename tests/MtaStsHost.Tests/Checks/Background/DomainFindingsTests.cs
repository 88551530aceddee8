using MtaStsHost.Checks;
using MtaStsHost.Checks.Background;
using MtaStsHost.Checks.Mx;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Checks.Background;

public sealed class DomainFindingsTests
{
    [Fact]
    public void After_FirstCheck_KeepsErrorsAndWarningsTheGravestFirst() =>
        Assert.Equal("txt-missing spf-missing",
            After(null, "warning spf-missing", "info mx-dane", "error txt-missing", "unknown mx-unreachable"));

    [Theory]
    [InlineData("mx-certificate", "unknown mx-unreachable", true)]
    [InlineData("mx-certificate", "unknown mx-missing", true)]
    [InlineData("mx-certificate", "unknown txt-missing", false)]
    [InlineData("mx-certificate", "unknown mx-dane", false)]
    [InlineData("mx-not-covered", "unknown mx-missing", true)]
    [InlineData("mx-not-covered", "unknown mx-unreachable", false)] // the records alone tell
    [InlineData("mx-null", "unknown mx-unreachable", false)]
    [InlineData("mx-missing", "unknown mx-left-out", false)]
    [InlineData("mx-certificate", "info mx-pattern-unused", false)]
    [InlineData("policy-differs", "unknown host-unreachable", true)]
    [InlineData("host-tls", "unknown host-missing", true)]
    [InlineData("mail-refused", "unknown txt-missing", true)]
    [InlineData("mail-refused", "unknown host-unreachable", true)]
    [InlineData("mail-refused", "unknown history", true)] // whether senders hold the policy
    [InlineData("mx-cached-policy", "unknown history", true)]
    [InlineData("mx-cached-policy", "unknown mx-missing", true)]
    [InlineData("id-not-changed", "unknown history", true)]
    [InlineData("id-not-changed", "unknown mx-missing", false)]
    [InlineData("txt-id-stale", "unknown txt-missing", true)]
    [InlineData("certificate-expiring", "unknown host-missing", true)] // seen in a fetch from the policy host
    [InlineData("certificate-expiring", "unknown host-unreachable", true)]
    [InlineData("txt-at-apex", "unknown spf-missing", true)] // both are the domain's own TXT
    [InlineData("spf-missing", "unknown dmarc-missing", false)]
    public void After_FindingThatIsNotSeenAnyMore_StaysWhereNobodyCouldLook(string code, string now, bool stays)
    {
        var before = Findings(null, $"error {code}");

        Assert.Equal(stays ? code : "", After(before, now));
        Assert.Equal("", After(Findings(before, now), "info nothing")); // until somebody can
    }

    [Fact]
    public void After_UnknownThatWasThereWhenItWasSeen_KeepsNothing()
    {
        // A network without IPv6 never sees all of an MX host.
        var before = Findings(null, "error mx-certificate", "unknown mx-unreachable:no IPv6");

        Assert.Equal("", After(before, "unknown mx-unreachable:no IPv6"));
        Assert.Equal("mx-certificate", After(before, "unknown mx-unreachable:no IPv6, no IPv4"));
    }

    [Theory]
    [InlineData("mx/2001:db8::1 mx/2001:db8::2", "another word for it", true)]
    [InlineData("mx/2001:db8::2 mx/2001:db8::1", "no IPv6", true)]
    [InlineData("mx/2001:db8::2", "no IPv6", true)]
    [InlineData("mx/2001:db8::2 mx/2001:db8::3", "no IPv6", false)]
    [InlineData(null, "no IPv6", true)]
    [InlineData(null, "another word for it", false)]
    public void After_UnknownInOtherWordsOrAnotherOrder_IsTheSame(string? unseen, string message, bool isMended)
    {
        var before = DomainFindings.After(
            null, Check("error mx-certificate") with { Findings =
                [.. Check("error mx-certificate").Findings, Unknown("mx/2001:db8::1 mx/2001:db8::2", "no IPv6")] }, new FindingPool());

        var after = DomainFindings.After(before, Check() with { Findings = [Unknown(unseen, message)] }, new FindingPool());

        Assert.Equal(isMended ? 0 : 1, after.Kept.Count);

        static Finding Unknown(string? unseen, string message) =>
            new("mx-unreachable", FindingSeverity.Unknown, message, null, null) { Unseen = unseen };
    }

    [Fact]
    public void After_SameCodeAgain_IsTheNewOneAlone()
    {
        var after = DomainFindings.After(Findings(null, "error mx-certificate:mail1"),
            Check("error mx-certificate:mail2", "unknown mx-unreachable"), new FindingPool());

        Assert.Equal("mail2", Assert.Single(after.Findings).Message);
    }

    [Fact]
    public void After_ManyDomainsWithTheSameFaults_KeepOneOfEach()
    {
        var pool = new FindingPool();
        DomainFindings Of(string name) => DomainFindings.After(
            null, Check($"error txt-missing:_mta-sts.{name} has no record, nor has {name}",
                "warning mx-certificate:mail.example.net is bad") with { Domain = Domain(name) }, pool);

        var (one, two) = (Of("one.example"), Of("two.example"));

        Assert.Equal(["_mta-sts.one.example has no record, nor has one.example", "mail.example.net is bad"],
            one.Findings.Select(finding => finding.Message));
        Assert.Equal("_mta-sts.two.example has no record, nor has two.example", two.Findings.First().Message);
        Assert.Equal(2, one.Kept.Zip(two.Kept).Count(pair => ReferenceEquals(pair.First.Finding, pair.Second.Finding)));
        for (var i = 0; i < 10_000; i++) DomainFindings.After(null, Check($"error txt-missing:{i}"), pool); // it doesn't grow for ever
        Assert.Equal("_mta-sts.two.example has no record, nor has two.example", two.Findings.First().Message);
    }

    internal static DomainFindings Findings(DomainFindings? before, params string[] findings) =>
        DomainFindings.After(before, Check(findings), new FindingPool());

    /// <param name="findings"><c>severity code:message</c></param>
    internal static DomainCheck Check(params string[] findings) => new(
        Domain("example.com"),
        [.. findings.Select(text => text.Split(' ', 2)).Select(parts => new Finding(
            parts[1].Split(':')[0], Enum.Parse<FindingSeverity>(parts[0], ignoreCase: true), parts[1].Split(':').Last(), "mend it", null))],
        Start,
        new MxFitness(MxFit.Fit, ""));

    private static string After(DomainFindings? before, params string[] findings) =>
        string.Join(' ', Findings(before, findings).Findings.Select(finding => finding.Code));
}
