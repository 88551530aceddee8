using MtaStsHost.Checks;
using MtaStsHost.Checks.Background;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Checks.Background;

public sealed class DomainFindingsTests
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<(string, FindingSeverity),
        FindingDescriptor> s_descriptors = [];

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
        Assert.Equal("", After(Findings(before, now), "info nothing")); // until it can be checked
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
    public void After_UnknownInOtherWordsOrAnotherOrder_IsTheSame(string? unseen, string message, bool isResolved)
    {
        var check = Check("error mx-certificate");
        var before = DomainFindings.After(null, check with
        {
            Findings = [.. check.Findings, Unknown("mx/2001:db8::1 mx/2001:db8::2", "no IPv6"), Unknown(null, "no IPv6")],
        }, new FindingPool());

        var after = DomainFindings.After(before, Check() with { Findings = [Unknown(unseen, message)] }, new FindingPool());

        Assert.Equal(isResolved ? 0 : 1, after.Kept.Count);

        static Finding Unknown(string? unseen, string message) => unseen is null ? new(MxFindings.LookupFailed, "example.com", message)
            : new(MxFindings.Inconclusive, "example.com", unseen.Split(' '), new[] { message });
    }

    [Fact]
    public void After_PolicyHostThatOthersReach_ResolvesTheFailureToReachItAlone()
    {
        var reached = Check() with { Findings = [new(HostFindings.NoHairpin, "example.com", "it can't be reached")] };

        Assert.Empty(DomainFindings.After(Findings(null, "error host-unreachable"), reached, new FindingPool()).Kept);
        Assert.Single(DomainFindings.After(Findings(null, "error host-tls"), reached, new FindingPool()).Kept);
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
        DomainFindings Of(string name) => DomainFindings.After(null, Check() with
        {
            Domain = Domain(name),
            Findings =
            [
                new(TxtFindings.Missing, name, "", DomainPart.TxtName, "v=STSv1; id=1;"),
                new(MxFindings.Expired, name, "mail.example.net", "is bad", "mail.example.net") { Severity = FindingSeverity.Warning },
            ],
        }, pool);

        var (one, two) = (Of("one.example"), Of("two.example"));

        Assert.Equal(["_mta-sts.one.example has no MTA-STS record, so senders don't fetch a policy", "mail.example.net is bad"],
            one.Findings.Select(finding => finding.Message));
        Assert.Equal("publish _mta-sts.two.example. TXT \"v=STSv1; id=1;\", and no other record there", two.Findings.First().Fix);
        Assert.Equal(2, one.Kept.Zip(two.Kept).Count(pair => ReferenceEquals(pair.First.Finding, pair.Second.Finding)));
        for (var i = 0; i < 10_000; i++) DomainFindings.After(null, Check($"error txt-missing:{i}"), pool); // it doesn't grow for ever
        Assert.StartsWith("_mta-sts.two.example has no", two.Findings.First().Message, StringComparison.Ordinal);
    }

    /// <summary>A hostile domain has other names each time, as many as fit into an answer.</summary>
    [Fact]
    public void Share_LongTexts_AreNotKept()
    {
        var pool = new FindingPool();
        var names = Enumerable.Range(0, 50).Select(i => $"mx{i}.example.com").ToArray();

        Assert.NotSame(pool.Share(new(MxFindings.NotCovered, "a.example", [names])),
            pool.Share(new(MxFindings.NotCovered, "b.example", [names])));
        Assert.Same(pool.Share(new(MxFindings.NotCovered, "a.example", [names[..3]])),
            pool.Share(new(MxFindings.NotCovered, "b.example", [names[..3]])));
    }

    internal static DomainFindings Findings(DomainFindings? before, params string[] findings) =>
        DomainFindings.After(before, Check(findings), new FindingPool());

    /// <param name="findings"><c>severity code:message</c></param>
    internal static DomainCheck Check(params string[] findings) => new(Domain("example.com"), [.. findings.Select(Parse)], Start,
        new MxVerdict(MxOutcome.Passes, ""));

    private static Finding Parse(string text)
    {
        var parts = text.Split(' ', ':');
        var severity = Enum.Parse<FindingSeverity>(parts[0], ignoreCase: true);
        var isUnknown = severity == FindingSeverity.Unknown;
        var area = FindingCatalogue.All.FirstOrDefault(known => known.Code == parts[1]
            && isUnknown == (known.Severity == FindingSeverity.Unknown))?.Area ?? FindingArea.None;
        var descriptor = s_descriptors.GetOrAdd((parts[1], severity),
            new FindingDescriptor(parts[1], area, severity, null, "{message}", "fix it"));
        return new(descriptor, "example.com", text.Contains(':') ? text[(text.IndexOf(':') + 1)..] : parts[1]);
    }

    private static string After(DomainFindings? before, params string[] findings) =>
        string.Join(' ', Findings(before, findings).Findings.Select(finding => finding.Code));
}
