using MtaSts;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Serving;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Transitions;
using MtaStsHost.Transitions;

namespace MtaStsHost.Tests.Checks.Sts;

public sealed class TxtCheckTests
{
    private const string Good = "v=STSv1; id=ddcfc28c0c2a59db89ddc447d331ecff;";
    private const string Other = "v=STSv1; id=20260101;";

    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ScriptedResolver _resolver = new();

    [Theory]
    [InlineData("", "Error txt-missing")]
    [InlineData(Good, "")]
    [InlineData(Good + "|" + Good, "Error txt-multiple")]
    [InlineData("v=STSv1; id=no-hyphen;", "Error txt-invalid")]
    [InlineData("v=STSv1;", "Error txt-invalid")]
    [InlineData("v=STS1; id=1;", "Error txt-invalid")]
    [InlineData(" v=STSv1; id=1;", "Error txt-invalid")]
    [InlineData(Good + "|something else", "Warning txt-unrelated")]
    [InlineData("something else", "Error txt-missing|Warning txt-unrelated")]
    [InlineData(Other, "Error txt-id-stale")]
    [InlineData("v=STSv1 ; id=1;", "Error txt-invalid")]
    [InlineData("v=STSv1 ; id=b|" + Good, "Error txt-multiple")]
    [InlineData(Good + " id=2;", "Warning txt-invalid")]
    public async Task Check_Records_HaveTheirFindings(string records, string expected)
    {
        _resolver.Txt["_mta-sts.example.com"] = records.Split('|', StringSplitOptions.RemoveEmptyEntries);

        var report = await CheckAsync(Served());

        Assert.Equal(expected.Split('|', StringSplitOptions.RemoveEmptyEntries), Grave(report));
    }

    [Theory]
    [InlineData("", "Error txt-missing|Error txt-at-apex", false)]
    [InlineData(Good, "Warning txt-at-apex", true)]
    public async Task Check_RecordAtTheApex_IsTold(string right, string expected, bool isThere)
    {
        _resolver.Txt["_mta-sts.example.com"] = right.Split('|', StringSplitOptions.RemoveEmptyEntries);
        _resolver.Txt["example.com"] = ["v=spf1 -all", Good];

        var report = await CheckAsync(Served());

        Assert.Equal(expected.Split('|'), Grave(report));
        Assert.Equal(isThere, report.IsThere);
    }

    [Theory]
    [InlineData(59, "Warning")]
    [InlineData(60, "Error")]
    public async Task Check_OldId_IsAFaultOnceTheTtlHasPassedSinceTheChange(int minutes, string expected)
    {
        _resolver.Txt["_mta-sts.example.com"] = [Other];

        var report = await CheckAsync(Served() with { History = Since(s_now - TimeSpan.FromMinutes(minutes)) });

        var finding = Assert.Single(report.Findings, finding => finding.Code == "txt-id-stale");
        Assert.Equal(expected, finding.Severity.ToString());
        Assert.Contains($"publish _mta-sts.example.com. TXT \"{Good}\"", finding.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_DelegatedByCname_NamesTheRecordThatIsToBeMended()
    {
        _resolver.Txt["_mta-sts.example.com"] = [Other];
        _resolver.Aliases["_mta-sts.example.com"] = ["a.provider.example", "example-com.provider.example"];

        var report = await CheckAsync(Served());

        Assert.Contains("publish example-com.provider.example. TXT", report.Findings.Single(finding => finding.Code == "txt-id-stale").Fix,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "publish a._mta-sts.provider.example. TXT")]
    [InlineData(
        false, "remove the CNAME if it was left behind; otherwise first serve a policy at "
        + "https://mta-sts.example.com/.well-known/mta-sts.txt; then publish a._mta-sts.provider.example. TXT")]
    public async Task Check_AliasOfNothing_SaysWhereItLeads(bool isServed, string fix)
    {
        _resolver.Aliases["_mta-sts.example.com"] = ["a._mta-sts.provider.example"];

        var finding = Assert.Single((await CheckAsync(isServed ? Served() : new CheckSubject(Domain("example.com")))).Findings);

        Assert.Equal(
            "_mta-sts.example.com is an alias of a._mta-sts.provider.example, which has no MTA-STS record, so senders don't fetch a policy",
            finding.Message);
        Assert.StartsWith(fix, finding.Fix, StringComparison.Ordinal);
    }

    /// <summary>An alias that was not made for the record: the remedy changes nothing at its target.</summary>
    [Theory]
    [InlineData("example.com", "v=spf1 mx -all", "Error txt-missing")] // the domain itself
    [InlineData("www.example.com", "", "Error txt-missing")]
    [InlineData("hoster.example.net", "something else", "Error txt-missing")] // a wildcard
    [InlineData("example.com", "v=spf1 mx -all|" + Good, "Warning txt-unrelated")]
    [InlineData("example.com", "v=spf1 mx -all|" + Other, "Error txt-id-stale|Warning txt-unrelated")]
    [InlineData("example.com", Good, "")]
    public async Task Check_AliasThatWasNotMadeForTheRecord_IsToBeReplaced(string target, string records, string expected)
    {
        _resolver.Aliases["_mta-sts.example.com"] = [target];
        _resolver.Txt["_mta-sts.example.com"] = records.Split('|', StringSplitOptions.RemoveEmptyEntries);

        var report = await CheckAsync(Served());

        Assert.Equal(expected.Split('|', StringSplitOptions.RemoveEmptyEntries), Grave(report));
        Assert.All(report.Findings.Where(finding => finding.Code is "txt-missing" or "txt-unrelated"), finding =>
            Assert.StartsWith($"publish _mta-sts.example.com. TXT \"{Good}\" in place of the alias", finding.Fix,
                StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_NoAnswer_IsUnknown()
    {
        _resolver.Failing["_mta-sts.example.com"] = "the resolver answered ServerFailure";

        var report = await CheckAsync(Served());

        Assert.Equal(["Unknown txt-missing"], Grave(report));
    }

    [Fact]
    public async Task Check_HostedElsewhere_AnyGoodIdWillDo()
    {
        _resolver.Txt["_mta-sts.example.com"] = [Other];

        Assert.Empty(Grave(await CheckAsync(new CheckSubject(Domain("example.com")))));
    }

    [Fact]
    public async Task Check_NotHostedAnywhere_IsAWarning()
    {
        Assert.Equal(["Warning txt-missing"], Grave(await CheckAsync(new CheckSubject(Domain("example.com")))));
    }

    [Fact]
    public async Task Check_NeitherRecordNorPolicy_SaysThatThePolicyComesFirst()
    {
        var finding = Assert.Single((await CheckAsync(new CheckSubject(Domain("example.com")))).Findings);

        Assert.Equal(
            "first serve a policy at https://mta-sts.example.com/.well-known/mta-sts.txt; then publish _mta-sts.example.com. TXT "
                + "\"v=STSv1; id=THE-ID-OF-THE-POLICY;\", and no other record there",
            finding.Fix);
    }

    [Fact]
    public async Task Check_PolicyElsewhereWithoutARecord_GivesTheRecordWithAnIdThatChangesWithThePolicy()
    {
        var finding = Assert.Single((await CheckAsync(new CheckSubject(Domain("example.com")), Served().Served!.Policy)).Findings);

        Assert.Equal($"publish _mta-sts.example.com. TXT \"{Good}\", and no other record there", finding.Fix);
    }

    [Theory]
    [InlineData("", "Info txt-missing")]
    [InlineData(Other, "Info txt-id-stale")]
    [InlineData("v=STSv1; id=no-hyphen;", "Error txt-invalid")] // was wrong before
    public async Task Check_PolicyThatIsToBeDeployed_IsNotExpectedInTheRecordYet(string record, string expected)
    {
        _resolver.Txt["_mta-sts.example.com"] = record.Length > 0 ? [record] : [];

        var finding = (await CheckAsync(Served() with { Purpose = CheckPurpose.Planned })).Findings.First(finding =>
            finding.Code.StartsWith("txt-", StringComparison.Ordinal));

        Assert.Equal(expected, $"{finding.Severity} {finding.Code}");
        Assert.StartsWith($"after the deployment, publish _mta-sts.example.com. TXT \"{Good}\"", finding.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Error txt-missing")]
    [InlineData(Other, "Error txt-id-stale")]
    public async Task Check_PolicyThatIsDeployedAlready_IsExpectedInTheRecord(string record, string expected)
    {
        _resolver.Txt["_mta-sts.example.com"] = record.Length > 0 ? [record] : [];
        var subject = Served() with { Purpose = CheckPurpose.Planned };

        Assert.Equal([expected], Grave(await CheckAsync(subject, subject.Served!.Policy)));
    }

    [Fact]
    public async Task Check_EscapeSequences_AreShownEscapedAndShort()
    {
        _resolver.Txt["_mta-sts.example.com"] = ["v=STS\u001b[2J" + new string('x', 60_000)];

        var finding = Assert.Single((await CheckAsync(Served())).Findings, finding => finding.Code == "txt-invalid");

        Assert.DoesNotContain('\u001b', finding.Message);
        Assert.InRange(finding.Message.Length, 1, 400);
    }

    [Theory]
    [InlineData(true, "is protected by DNSSEC")]
    [InlineData(false, "is not protected by DNSSEC")]
    public async Task Check_Dnssec_IsToldAsInformation(bool secure, string expected)
    {
        _resolver.Txt["_mta-sts.example.com"] = [Good];
        _resolver.Secure["_mta-sts.example.com"] = secure;

        Assert.Contains(expected, (await CheckAsync(Served())).Findings.Single(finding => finding.Code == "dnssec").Message,
            StringComparison.Ordinal);
    }

    internal static CheckSubject Served(string domain = "example.com")
    {
        var policy = new Policy(PolicyMode.Enforce, [Mx("mail.example.com")], 604800);
        return new CheckSubject(Domain(domain),
            new ServedPolicy(Domain(domain), policy, PolicyId.Compute(policy), PolicyFormatter.Format(policy), []));
    }

    private static DomainHistory Since(DateTimeOffset since) =>
        new([Past.Row(Past.Served(PolicyMode.Testing), since.AddDays(-1), since), Past.Row(Served().Served!, since, null)], s_now);

    internal static MxPattern Mx(string text) => MxPattern.TryParse(text, out var mx, out var error)
        ? mx : throw new ArgumentException(error, nameof(text));

    internal static DomainName Domain(string name) => DomainName.TryParse(name, out var domain, out var error)
        ? domain : throw new ArgumentException(error, nameof(name));

    private async Task<(IReadOnlyList<Finding> Findings, bool IsThere)> CheckAsync(CheckSubject subject, Policy? seen = null)
    {
        var facts = await TxtCheck.LookAsync(subject.Domain, _resolver, TestContext.Current.CancellationToken);
        return (TxtCheck.Judge(subject, facts, seen, s_now), facts.Id is not null);
    }

    private static string[] Grave((IReadOnlyList<Finding> Findings, bool IsThere) report) =>
        [.. report.Findings.Where(finding => finding.Severity != FindingSeverity.Info)
        .Select(finding => $"{finding.Severity} {finding.Code}")];
}
