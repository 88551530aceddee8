using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MtaStsHost.IntegrationTests.RealSender;

/// <summary>A sender that is in use in the world, postfix-mta-sts-resolver, finds every kind of policy that the host serves.</summary>
public sealed partial class RealSenderTests(SenderFixture sender) : IClassFixture<SenderFixture>
{
    [Theory]
    [InlineData("plain.example", "enforce", 604800, "mail.plain.example")]
    [InlineData("several.example", "enforce", 86400, "mx1.several.example", "mx2.several.example", "backup.example.net")]
    [InlineData("wildcard.example", "enforce", 31557600, "*.mx.example.net")]
    [InlineData("xn--bcher-kva.example", "enforce", 1209600, "post.xn--bcher-kva.example")]
    [InlineData("testing.example", "testing", 604800, "mail.testing.example")]
    [InlineData("none.example", "none", 86400, "mail.none.example")]
    [InlineData("noneatall.example", "none", 86400)]
    public async Task The_sender_finds_the_policy_and_its_id(string domain, string mode, int maxAge, params string[] mx)
    {
        var found = Parse(await sender.QueryAsync(domain));

        Assert.Equal((mode, maxAge), (found.Mode, found.MaxAge));
        Assert.Equal(mx, found.Mx);
        Assert.Equal(Id(mode, maxAge, mx), found.Id);
    }

    [Fact]
    public async Task The_sender_finds_the_policy_of_a_domain_that_is_delegated_by_cnames()
    {
        var found = Parse(await sender.QueryAsync("delegated.example"));

        Assert.Equal(("20260102T030405", "enforce", 604800), (found.Id, found.Mode, found.MaxAge));
        Assert.Equal(["mail.delegated.example"], found.Mx);
    }

    [Theory]
    [InlineData("plain.example", "mail.plain.example")]
    [InlineData("several.example", "backup.example.net", "mx1.several.example", "mx2.several.example")]
    [InlineData("wildcard.example", ".mx.example.net")]
    [InlineData("xn--bcher-kva.example", "post.xn--bcher-kva.example")]
    [InlineData("delegated.example", "mail.delegated.example")]
    public async Task Postfix_is_told_to_demand_a_certificate_for_one_of_the_mx(string domain, params string[] mx)
    {
        var match = SocketmapAnswer().Match(await sender.SocketmapAsync(domain));

        Assert.True(match.Success, match.Value);
        Assert.Equal(mx, match.Groups[1].Value.Split(':').Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("testing.example")]
    [InlineData("none.example")]
    [InlineData("noneatall.example")]
    [InlineData("missing.example")]
    [InlineData("notserved.example")]
    public async Task Postfix_is_told_nothing_where_no_policy_is_enforced(string domain) =>
        Assert.Equal("NOTFOUND ", await sender.SocketmapAsync(domain));

    [Fact]
    public async Task A_domain_without_records_has_no_policy() =>
        Assert.Contains("STSFetchResult.NONE", await sender.QueryAsync("missing.example"), StringComparison.Ordinal);

    [Fact]
    public async Task A_domain_with_records_that_is_not_configured_has_no_policy_to_fetch()
    {
        var found = await sender.QueryAsync("notserved.example");

        Assert.Contains("STSFetchResult.FETCH_ERROR", found, StringComparison.Ordinal);
        Assert.DoesNotContain("STSv1", found, StringComparison.Ordinal);
    }

    /// <summary>As the specification says it, and with none of the host's code.</summary>
    private static string Id(string mode, int maxAge, string[] mx)
    {
        var text = $"version: STSv1\nmode: "
            + $"{mode}\n{string.Concat(mx.Order(StringComparer.Ordinal).Select(name => $"mx: {name}\n"))}max_age: {maxAge}\n";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)))[..32];
    }

    private static (string Id, string Mode, int MaxAge, string[] Mx) Parse(string answer)
    {
        var match = QueryAnswer().Match(answer);
        Assert.True(match.Success, answer);
        return (
            match.Groups["id"].Value,
            Field("'mode': '([a-z]+)'"),
            int.Parse(Field(@"'max_age': (\d+)"), System.Globalization.CultureInfo.InvariantCulture),
            [.. MxName().Matches(Field(@"'mx': \[([^\]]*)\]")).Select(name => name.Groups[1].Value)]);

        string Field(string pattern) => Assert.Single(Regex.Matches(match.Groups["policy"].Value, pattern)).Groups[1].Value;
    }

    [GeneratedRegex(@"STSFetchResult\.VALID: 1>, \('(?<id>[^']*)', \{(?<policy>.*)\}\)\)")]
    private static partial Regex QueryAnswer();

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex MxName();

    [GeneratedRegex("^OK secure match=(.*) servername=hostname$")]
    private static partial Regex SocketmapAnswer();

    [Theory]
    [InlineData("several.example", "enforce", 86400, "mx1.several.example", "mx2.several.example", "backup.example.net")]
    [InlineData("xn--bcher-kva.example", "enforce", 1209600, "post.xn--bcher-kva.example")]
    [InlineData("delegated.example", "enforce", 604800, "mail.delegated.example")]
    [InlineData("noneatall.example", "none", 86400)]
    public async Task Import_takes_over_what_a_sender_sees(string domain, string mode, int maxAge, params string[] mx)
    {
        var output = await sender.ImportAsync(domain);

        Assert.True(output.Contains('}'), output);
        using var json = System.Text.Json.JsonDocument.Parse(output[..(output.LastIndexOf('}') + 1)]);
        var imported = json.RootElement.GetProperty("MtaSts").GetProperty("Domains").GetProperty(domain);
        Assert.Equal((mode, maxAge), (imported.GetProperty("Mode").GetString(), imported.GetProperty("MaxAge").GetInt32()));
        Assert.Equal(mx, imported.GetProperty("Mx").EnumerateArray().Select(pattern => pattern.GetString()));
        Assert.Equal(domain == "delegated.example" ? "20260102T030405" : Id(mode, maxAge, mx), imported.GetProperty("Id").GetString());
    }

    [Fact]
    public async Task Import_of_a_domain_without_a_policy_says_why() =>
        Assert.Contains("error: https://mta-sts.notserved.example/.well-known/mta-sts.txt: ",
            await sender.ImportAsync("notserved.example"), StringComparison.Ordinal);
}
