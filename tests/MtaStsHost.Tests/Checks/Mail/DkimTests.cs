using System.Security.Cryptography;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Mail;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks.Mail;

public sealed class DkimTests
{
    private static readonly string s_rsa2048 = RsaKey(2048);
    private static readonly string s_rsa1024 = RsaKey(1024);
    private static readonly string s_rsa512 = RsaKey(512);
    private static readonly string s_ed25519 = Convert.ToBase64String(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    /// <summary>The selector <c>own</c> is configured.</summary>
    [Theory]
    [InlineData("own._domainkey.example.com TXT v=DKIM1; k=rsa; p=RSA2048", "")]
    [InlineData("own._domainkey.example.com TXT v=DKIM1; k=ed25519; p=ED25519", "")]
    [InlineData("", "error dkim-missing")]
    [InlineData("own._domainkey.example.com FAIL", "unknown dkim-missing")]
    [InlineData("own._domainkey.example.com TXT v=spf1 -all", "error dkim-invalid")]
    [InlineData("own._domainkey.example.com TXT v=DKIM1; p=RSA2048|own._domainkey.example.com TXT v=DKIM1; p=RSA1024",
        "error dkim-invalid")]
    [InlineData("own._domainkey.example.com TXT v=DKIM1; p=RSA1024", "warning dkim-weak")]
    [InlineData("own._domainkey.example.com TXT v=DKIM1; p=RSA512", "error dkim-weak")]
    [InlineData("own._domainkey.example.com TXT v=DKIM1; h=sha1; p=RSA2048", "error dkim-weak")]
    [InlineData("own._domainkey.example.com TXT v=DKIM1; p=", "warning dkim-revoked")]
    [InlineData("own._domainkey.example.com TXT v=DKIM1; t=y:s; p=RSA2048", "info dkim-invalid")]
    [InlineData("own._domainkey.example.com TXT v=DKIM1; \u001B[2J; p=RSA2048", "error dkim-invalid")]
    public async Task CheckAsync_ConfiguredSelector_GivesTheseCodes(string zone, string expected) =>
        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), MailZone.Codes(await CheckAsync(Zone(zone), "own")));

    [Theory]
    [InlineData("", "")]
    [InlineData("google._domainkey.example.com TXT v=spf1 -all", "")]
    [InlineData("google._domainkey.example.com TXT v=DKIM1; p=RSA2048", "")]
    [InlineData("google._domainkey.example.com TXT v=DKIM1; p=RSA1024", "info dkim-weak")]
    [InlineData("google._domainkey.example.com TXT v=DKIM1; p=RSA512", "warning dkim-weak")]
    [InlineData("google._domainkey.example.com TXT v=DKIM1; p=AAAA", "warning dkim-invalid")]
    [InlineData("google._domainkey.example.com TXT v=DKIM1; p=", "info dkim-revoked")]
    [InlineData("google._domainkey.example.com TXT \"v=DKIM1; k=rsa; p=RSA2048\"", "warning dkim-invalid")]
    [InlineData(
        "google._domainkey.example.com TXT v=DKIM1; p=|k1._domainkey.example.com TXT v=DKIM1; p=|k2._domainkey.example.com TXT v=DKIM1; "
        + "p=", "info dkim-revoked")]
    [InlineData("google._domainkey.example.com FAIL|k1._domainkey.example.com FAIL", "unknown dkim-invalid")]
    public async Task CheckAsync_CommonSelector_GivesTheseCodes(string zone, string expected) =>
        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), MailZone.Codes(await CheckAsync(Zone(zone))));

    [Theory]
    [InlineData("v=DKIM1; k=ed25519; p=AAAA", "v=DKIM1; k=ed25519; p=")]
    [InlineData("v=DKIM1; k=rsa; p=AAAA", "v=DKIM1; k=rsa; p=")]
    public async Task CheckAsync_MalformedKey_RemedyIsOfTheSameType(string text, string expected) =>
        Assert.Contains(expected, Assert.Single(await CheckAsync(Zone($"own._domainkey.example.com TXT {text}"), "own")).Fix,
            StringComparison.Ordinal);

    [Fact]
    public async Task CheckAsync_ManySelectors_CostABoundedNumberOfQueries()
    {
        var resolver = new ScriptedResolver();

        await CheckAsync(resolver, [.. Enumerable.Range(0, 1000).Select(i => $"x{i}")]);

        Assert.Equal(46, resolver.Asked.Count);
    }

    private static ScriptedResolver Zone(string zone) =>
        MailZone.Of([.. zone.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(Fill)]);

    private static Task<IReadOnlyList<Finding>> CheckAsync(ScriptedResolver resolver, params string[] selectors) =>
        DkimCheck.CheckAsync("example.com", selectors, resolver, CancellationToken.None);

    private static string Fill(string text) => text.Replace("p=RSA2048", $"p={s_rsa2048}")
        .Replace("p=RSA1024", $"p={s_rsa1024}").Replace("p=RSA512", $"p={s_rsa512}")
        .Replace("p=ED25519", $"p={s_ed25519}");

    private static string RsaKey(int bits)
    {
        using var rsa = RSA.Create(bits);
        return Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());
    }
}
