using System.Net;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Network;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks.Mail;

/// <summary>DNS out of lines: <c>example.com TXT v=spf1 -all</c>, <c>example.com MX mail.example.com</c> (<c>.</c> for the null MX),
/// <c>mail.example.com A</c>, <c>example.net FAIL</c>.</summary>
internal static class MailZone
{
    public static ScriptedResolver Of(params string[] lines)
    {
        var resolver = new ScriptedResolver();
        foreach (var line in lines)
        {
            var parts = line.Split(' ', 3);
            var (name, value) = (parts[0], parts.Length > 2 ? parts[2] : "");
            switch (parts[1])
            {
                case "TXT":
                    resolver.Txt.AddOrUpdate(name, [value], (_, earlier) => [.. earlier, value]);
                    break;
                case "MX":
                    resolver.Mx.AddOrUpdate(name, [new MxRecord(10, value.TrimEnd('.'))],
                        (_, earlier) => [.. earlier, new MxRecord(10, value.TrimEnd('.'))]);
                    break;
                case "A":
                    resolver.Addresses[name] = [IPAddress.Parse("192.0.2.1")];
                    break;
                case "AAAA":
                    resolver.Addresses[name] = [IPAddress.Parse("2001:db8::1")];
                    break;
                case "FAIL":
                    resolver.Failing[value.Length == 0 ? name : $"{value} {name}"] = "the resolver answered \u001B[31mServerFailure";
                    break;
                default:
                    throw new ArgumentException($"no such line: {line}");
            }
        }

        return resolver;
    }

    /// <summary><c>error spf-invalid</c>; every text must be safe to print and bounded.</summary>
    public static string[] Codes(IReadOnlyList<Finding> findings)
    {
        Assert.All(findings, finding =>
        {
            foreach (var text in new[] { finding.Message, finding.Fix ?? "x", finding.Rfc ?? "x" })
                Assert.True(text.Length is > 0 and < 2000 && MtaStsHost.Text.Printable.IsPrintable(text), text);
            Assert.True(finding.Fix is not null || finding.Severity is FindingSeverity.Unknown or FindingSeverity.Info,
                $"{finding.Message}: a remedy is lacking");
            Assert.NotNull(finding.Rfc);
        });
        return [.. findings.Select(finding => $"{finding.Severity} {finding.Code}".ToLowerInvariant()).Order(StringComparer.Ordinal)];
    }
}
