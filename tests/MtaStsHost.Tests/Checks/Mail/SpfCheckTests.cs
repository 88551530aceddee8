using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Mail;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks.Mail;

public sealed class SpfCheckTests
{
    /// <summary>Lines of a zone, <c>|</c> between two; expected are severities and codes, <c>,</c> between two.</summary>
    [Theory]
    // Sound
    [InlineData("example.com TXT v=spf1 mx -all|example.com MX mail.example.com", "")]
    [InlineData("example.com TXT v=spf1 -all|example.com TXT other|example.com MX .", "")]
    [InlineData("example.com TXT v=spf1 ip4:192.0.2.0/24 ~all", "")]
    [InlineData("example.com TXT v=spf1 include:a.example ~all|a.example TXT v=spf1 ip4:192.0.2.1 ?all", "")]
    [InlineData("example.com TXT v=spf1 redirect=a.example|a.example TXT v=spf1 a:b.example -all|b.example A", "")]
    [InlineData("example.com TXT v=spf1 include:%{d2}.a.example -all|example.com.a.example TXT v=spf1", "")]
    [InlineData("example.com TXT v=spf1 exists:%{i}.a.example -all", "")]
    [InlineData("example.com TXT v=spf1 ?include:a.example -all|a.example TXT v=spf1 +all", "")]
    [InlineData("example.com TXT v=spf1 -all a:b.example", "warning spf-invalid")]
    // One record
    [InlineData("example.com TXT unrelated", "warning spf-missing")]
    [InlineData("example.com MX .", "warning spf-missing")]
    [InlineData("example.com TXT v=spf1; mx -all", "error spf-invalid")]
    [InlineData("example.com TXT \"v=spf1 mx -all\"", "error spf-invalid")]
    [InlineData("example.com TXT v=spf1 -all|example.com TXT v=spf1 mx -all", "error spf-multiple")]
    [InlineData("example.com FAIL", "unknown spf-missing")]
    // Syntax, here and where it leads
    [InlineData("example.com TXT v=spf1 ipv4:192.0.2.1 -all", "error spf-invalid")]
    [InlineData("example.com TXT v=spf1 include=a.example -all", "warning spf-invalid")]
    [InlineData("example.com TXT v=spf1 -all redirect=a.example", "info spf-invalid")]
    [InlineData("example.com TXT v=spf1 include:a.example -all", "error spf-invalid")]
    [InlineData("example.com TXT v=spf1 redirect=a.example", "error spf-invalid")]
    [InlineData("example.com TXT v=spf1 include:a.example -all|a.example TXT v=spf1 moo", "error spf-invalid")]
    [InlineData("example.com TXT v=spf1 include:a.example -all|a.example TXT v=spf1|a.example TXT v=spf1", "error spf-invalid")]
    [InlineData("example.com TXT v=spf1 include:a.example -all|a.example FAIL", "unknown spf-invalid")]
    // Limits
    [InlineData("example.com TXT v=spf1 a:a.example -all", "info spf-too-many-lookups")]
    [InlineData("example.com TXT v=spf1 a:a.example mx:a.example -all", "info spf-too-many-lookups")] // two are allowed
    [InlineData("example.com TXT v=spf1 a:a.example mx:a.example exists:a.example -all", "error spf-too-many-lookups")]
    [InlineData("example.com TXT v=spf1 exists:a.example exists:b.example exists:c.example -all|a.example AAAA|b.example AAAA|"
        + "c.example AAAA", "error spf-too-many-lookups")] // RFC 7208 §5.7: always A
    [InlineData("example.com TXT v=spf1 exists:a.example exists:b.example exists:c.example -all|a.example A|b.example A|c.example A", "")]
    [InlineData("example.com TXT v=spf1 a:a.example a:b.example a:c.example -all|a.example AAAA|b.example AAAA|c.example AAAA",
        "info spf-too-many-lookups")]
    [InlineData("example.com TXT v=spf1 a:a.example -all|a.example FAIL A", "unknown spf-too-many-lookups")]
    [InlineData("example.com TXT v=spf1 include:example.com -all", "error spf-too-many-lookups")]
    [InlineData("example.com TXT v=spf1 include:a.example -all|a.example TXT v=spf1 redirect=EXAMPLE.com", "error spf-too-many-lookups")]
    // Who passes
    [InlineData("example.com TXT v=spf1 +all", "error spf-permissive")]
    [InlineData("example.com TXT v=spf1 all", "error spf-permissive")]
    [InlineData("example.com TXT v=spf1 include:a.example -all|a.example TXT v=spf1 all", "error spf-permissive")]
    [InlineData("example.com TXT v=spf1 redirect=a.example|a.example TXT v=spf1 all", "error spf-permissive")]
    [InlineData("example.com TXT v=spf1 ip4:0.0.0.0/0 -all", "error spf-permissive")]
    [InlineData("example.com TXT v=spf1 a//0 -all|example.com A", "error spf-permissive")]
    [InlineData("example.com TXT v=spf1 ip4:64.0.0.0/2 -all", "warning spf-permissive")]
    [InlineData("example.com TXT v=spf1 ?all", "warning spf-permissive")]
    [InlineData("example.com TXT v=spf1 mx|example.com MX mail.example.com", "warning spf-permissive")]
    [InlineData("example.com TXT v=spf1 redirect=a.example|a.example TXT v=spf1", "warning spf-permissive")]
    [InlineData("example.com TXT v=spf1 ptr -all", "warning spf-permissive")]
    [InlineData("example.com TXT v=spf1 include:a.example -all|a.example TXT v=spf1 ptr", "info spf-permissive")]
    public async Task CheckAsync_Zone_GivesTheseCodes(string zone, string expected) =>
        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries),
            MailZone.Codes(await CheckAsync(MailZone.Of(zone.Split('|')))));

    [Theory]
    [InlineData("", true, "example.com. TXT \"v=spf1 mx ~all\"")]
    [InlineData("", false, "example.com. TXT \"v=spf1 -all\" if it sends no mail; otherwise name the hosts that send")]
    [InlineData("\"v=spf1 mx\"", true, "example.com. TXT \"v=spf1 mx ~all\"")]
    public void JudgeMissing_Remedy_IsTheRecordToSet(string txt, bool receivesMail, string record) =>
        Assert.Contains(record, SpfCheck.JudgeMissing("example.com", [txt], receivesMail).Fix);

    [Fact]
    public async Task CheckAsync_Several_RemedyPermitsWhatAllDo()
    {
        var finding = Assert.Single(await CheckAsync(
            MailZone.Of("example.com TXT v=spf1 mx include:a.example ?all", "example.com TXT v=spf1 MX ip4:192.0.2.1 -all")));

        Assert.Contains("example.com. TXT \"v=spf1 mx include:a.example ip4:192.0.2.1 -all\"", finding.Fix);
    }

    [Theory]
    [InlineData(3, "")]
    [InlineData(10, "for senders that connect over IPv6, the SPF record of example.com names hosts without an address")]
    [InlineData(11, "needs 11 lookups, and receivers give up after 10: 'include:a.example' 11")]
    [InlineData(30, "needs 20 or more lookups")]
    public async Task CheckAsync_LookUps_AreCountedThroughIncludes(int count, string message)
    {
        var terms = string.Concat(Enumerable.Range(0, count - 1).Select(i => $" a:h{i}.example"));
        var resolver = MailZone.Of([$"example.com TXT v=spf1 include:a.example -all",
            $"a.example TXT v=spf1{terms}", .. Enumerable.Range(0, count).Select(i => $"h{i}.example A")]);

        var findings = await CheckAsync(resolver);

        Assert.Equal(message.Length > 0 ? [$"{(count > 10 ? "error" : "info")} spf-too-many-lookups"] : [], MailZone.Codes(findings));
        Assert.All(findings, finding => Assert.Contains(message, finding.Message));
        Assert.InRange(resolver.Asked.Count, 1, 1 + SpfWalk.MaxFollowed);
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public async Task CheckAsync_MxHosts_AreTenAtMost(int count, bool isFound)
    {
        var findings = await CheckAsync(
            MailZone.Of(["example.com TXT v=spf1 mx -all", .. Enumerable.Range(0, count).Select(i => $"example.com MX m{i}.example")]));

        Assert.Equal(isFound ? ["error spf-too-many-lookups"] : [], MailZone.Codes(findings));
    }

    [Fact]
    public async Task CheckAsync_Loop_IsShown() => Assert.Contains(
        "leads back to itself (example.com → a.example → example.com)",
        Assert.Single(await CheckAsync(MailZone.Of("example.com TXT v=spf1 include:a.example -all",
            "a.example TXT v=spf1 include:example.com"))).Message);

    [Fact]
    public async Task CheckAsync_TreeWithoutEnd_CostsABoundedNumberOfQueries()
    {
        // Each name includes four deeper ones, none twice on a path.
        string[] zone = [.. Enumerable.Range(0, 400)
            .Select(
            i => $"{(i == 0 ? "example.com" : $"n{i}.example")} TXT "
            + $"v=spf1{string.Concat(Enumerable.Range(1, 4).Select(j => $" include:n{4 * i + j}.example"))} -all")];
        var resolver = MailZone.Of(zone);

        Assert.Contains("error spf-too-many-lookups", MailZone.Codes(await CheckAsync(resolver)));
        Assert.InRange(resolver.Asked.Count, 11, 1 + SpfWalk.MaxFollowed);
    }

    [Fact]
    public async Task CheckAsync_HostileText_IsNotShownRaw()
    {
        var hostile = "v=spf1 \u001B]0;x\u0007\u202E" + new string('a', 70_000);
        Assert.Equal(["error spf-invalid"], MailZone.Codes(await CheckAsync(MailZone.Of($"example.com TXT {hostile}"))));
        Assert.Equal(["error spf-invalid"],
            MailZone.Codes(await CheckAsync(MailZone.Of("example.com TXT v=spf1 include:a.example -all", $"a.example TXT {hostile}"))));
        Assert.Equal(["error spf-multiple"],
            MailZone.Codes(await CheckAsync(MailZone.Of($"example.com TXT {hostile}", $"example.com TXT {hostile}"))));
    }

    private static Task<IReadOnlyList<Finding>> CheckAsync(ScriptedResolver resolver) =>
        SpfCheck.CheckAsync("example.com", resolver, CancellationToken.None);
}
