using System.Net;
using MailRecords;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Configuration;
using MtaStsHost.Network;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Transitions;
using MtaStsHost.Transitions;

namespace MtaStsHost.Tests.Checks;

/// <summary>What makes a code appear, and what its remedy makes go away.</summary>
/// <param name="Repair">As the finding's <c>fix</c> says.</param>
internal sealed record CodeRow(string Severity, string Code, Action<CheckWorld> Break, Action<CheckWorld> Repair);

/// <summary>The codes that <c>check</c> gives, each with a broken world and the fixed one.</summary>
internal static class FindingRows
{
    private const string Good = "v=STSv1; id=1;";

    public static readonly IReadOnlyList<CodeRow> All =
    [
        new("error", "txt-missing", world => world.Txt = [], Publish),
        new("error", "txt-multiple", world => world.Txt = [world.Subject.Served!.TxtValue, Good], Publish),
        new("error", "txt-invalid", world => world.Txt = ["v=STSv1; id=a-hyphen;"], Publish),
        new("warning", "txt-unrelated", world => world.Txt = [world.Subject.Served!.TxtValue, "something else"], Publish),
        new("warning", "txt-at-apex", world => world.Dns.Txt[CheckWorld.Domain] = ["v=spf1 mx -all", Good], Spf),
        new("error", "txt-id-stale", world => world.Txt = [Good], Publish),
        new("info", "dnssec", Nothing, world => world.Txt = []), // of a record that is there

        new("error", "resolver-unreachable", world => world.Dns.Silence = "it timed out", world => world.Dns.Silence = null),

        new("error", "host-missing", world => world.Dns.Addresses[CheckWorld.PolicyHost] = [], Address),
        new("warning", "host-elsewhere", world => world.Subject = world.Subject
            with { PublicHost = new PublicHost(null, [IPAddress.Parse("192.0.2.1")]) },
            world => world.Subject = world.Subject with { PublicHost = new PublicHost(null, [IPAddress.Loopback]) }),
        new("error", "host-unreachable", world => world.Dns.Addresses[CheckWorld.PolicyHost] = [CheckWorld.Nowhere], Address),
        new("error", "host-tls", world => world.Server.Certificate = null, Certificate),
        new("error", "host-certificate", world => world.Server.Certificate = world.Ca.Issue([CheckWorld.Domain]), Certificate),
        new("warning", "certificate-expiring", world => world.Server.Certificate =
            world.Ca.Issue([CheckWorld.PolicyHost], notAfter: world.Time.GetUtcNow().AddHours(23)), Certificate),
        new("error", "policy-redirect", world => (world.Server.Status, world.Server.Headers) =
            ("301 Moved", "Location: https://example.com/\r\n"), Answer),
        new("error", "policy-status", world => world.Server.Status = "404 Not Found", Answer),
        new("error", "policy-content-type", world => world.Server.Headers = "Content-Type: text/html\r\n", Answer),
        new("warning", "policy-slow", world => world.Server.BeforeAnswer = () => world.Time.Advance(TimeSpan.FromSeconds(3)),
            world => world.Server.BeforeAnswer = () => { }),
        new("error", "policy-too-large", world => world.Server.Body += new string('x', 70_000), Republish),
        new("error", "policy-invalid", world => world.Server.Body = "<!DOCTYPE html>", Republish),
        new("error", "policy-differs", world => world.Server.Body =
            world.Server.Body.Replace("enforce", "testing", StringComparison.Ordinal), Republish),

        new("error", "mx-missing", world => world.Dns.Mx[CheckWorld.Domain] = [], Mx),
        new("warning", "mx-null", world => world.Dns.Mx[CheckWorld.Domain] = [new MxRecord(0, "")], Mx),
        new("error", "mx-invalid", world => world.Dns.Mx[CheckWorld.Domain] = [new MxRecord(10, "192.0.2.1")], Mx),
        new("info", "mx-repeated", world => world.Dns.Mx[CheckWorld.Domain] =
            [new MxRecord(10, CheckWorld.Mail), new MxRecord(20, CheckWorld.Mail)], Mx),
        new("unknown", "mx-left-out", world => world.Dns.Mx[CheckWorld.Domain] =
            [.. Enumerable.Range(0, 21).Select(i => new MxRecord(i, $"mx{i}.example.com"))], Mx),
        new("info", "mx-alias", world => world.Dns.Aliases[CheckWorld.Mail] = ["mail.example.net"], world => world.Dns.Aliases.Clear()),
        // nothing to fix
        new("info", "mx-dane", world => world.Dns.Tlsa["_25._tcp." + CheckWorld.Mail] = 1, world => world.Dns.Tlsa.Clear()),
        new("error", "mx-not-covered", world => world.Dns.Mx[CheckWorld.Domain] = [new MxRecord(10, "mail.example.net")], Mx),
        new("info", "mx-pattern-unused", world => world.Serve("enforce", 1_209_600, CheckWorld.Mail, "*.example.net"), Republish),
        new("warning", "mx-unreachable", world => world.Dns.Addresses[CheckWorld.Mail] = [CheckWorld.Nowhere],
            world => world.Dns.Addresses[CheckWorld.Mail] = [IPAddress.Parse("127.0.0.2")]),
        new("error", "mx-no-starttls", world => world.MailServer.Scripts[SmtpStep.Ehlo] = TestSmtpServer.Say("250 mail.example.com\r\n"),
            world => world.MailServer.Scripts.Clear()),
        new("error", "mx-tls", world => world.MailServer.Scripts[SmtpStep.Handshake] = TestSmtpServer.SayAndClose([21, 3, 3, 0, 2, 2, 40]),
            world => world.MailServer.Scripts.Clear()),
        new("error", "mx-tls-version", world => world.MailServer.Scripts[SmtpStep.Handshake] =
            TestSmtpServer.SayAndClose([21, 3, 2, 0, 2, 2, 70]), world => world.MailServer.Scripts.Clear()),
        new("error", "mx-certificate", NewMailName, Mx),

        new("info", "max-age-short", world => world.Serve("enforce", 86_400, CheckWorld.Mail), Republish),
        new("info", "max-age-long", world => world.Serve("enforce", 31_557_600, CheckWorld.Mail),
            world => world.Serve("enforce", 1_209_600, CheckWorld.Mail)),
        new("info", "testing-too-long", InTestingSince(31), Republish),
        new("error", "mail-refused", world => world.MailServer.Scripts[SmtpStep.Ehlo] = TestSmtpServer.Say("250 mail.example.com\r\n"),
            world => world.MailServer.Scripts.Clear()),

        new("warning", "tlsrpt-missing", Text("_smtp._tls"), Text("_smtp._tls", "v=TLSRPTv1; rua=mailto:tls@example.com")),
        new("error", "tlsrpt-multiple", Text("_smtp._tls", "v=TLSRPTv1; rua=mailto:a@example.com", "v=TLSRPTv1; rua=mailto:b@example.com"),
            Text("_smtp._tls", "v=TLSRPTv1; rua=mailto:a@example.com")),
        new("error", "tlsrpt-invalid", Text("_smtp._tls", "v=TLSRPTv1; rua=tls@example.com"),
            Text("_smtp._tls", "v=TLSRPTv1; rua=mailto:tls@example.com")),
        new("warning", "spf-missing", Text(""), Spf),
        new("error", "spf-multiple", Text("", "v=spf1 mx -all", "v=spf1 -all"), Spf),
        new("error", "spf-invalid", Text("", "v=spf1 mxx -all"), Spf),
        new("error", "spf-too-many-lookups", Text("", $"v=spf1 {string.Join(' ', Enumerable.Repeat("a:mail.example.com", 11))} -all"), Spf),
        new("error", "spf-permissive", Text("", "v=spf1 +all"), Spf),
        new("warning", "dmarc-missing", Text("_dmarc"), Dmarc),
        new("error", "dmarc-multiple", Text("_dmarc", "v=DMARC1; p=reject", "v=DMARC1; p=none"), Dmarc),
        new("error", "dmarc-invalid", Text("_dmarc", "v=DMARC1; p=rejected"), Dmarc),
        new("warning", "dmarc-none", Text("_dmarc", "v=DMARC1; p=none"), Dmarc),
        new("error", "dkim-missing", world => world.Sign("s9"), Text("s9._domainkey", $"v=DKIM1; k=rsa; p={RsaKey(2048)}")),
        new("warning", "dkim-invalid", Text("default._domainkey", "v=DKIM1; k=rsa; p=!"), Text("default._domainkey")),
        new("warning", "dkim-weak", Text("default._domainkey", $"v=DKIM1; k=rsa; p={RsaKey(512)}"),
            Text("default._domainkey", $"v=DKIM1; k=rsa; p={RsaKey(2048)}")),
        new("error", "caa-forbids", Forbid, world => world.Dns.Caa[CheckWorld.Domain] =
            [new CaaRecord(false, "issue", "other.example"), new CaaRecord(false, "issue", "ca.example")]),
        new("info", "dkim-revoked", Text("default._domainkey", "v=DKIM1; p="), Text("default._domainkey")),
    ];

    /// <summary>Codes that need what a check alone doesn't have, and the tests that show them come and go.</summary>
    public static readonly IReadOnlyDictionary<string, string> Elsewhere = new Dictionary<string, string>
    {
        ["certificate-failed"] = "CertificateAssessorTests",
        ["renewal-off"] = "CertificateAssessorTests",
        ["ca-changed"] = "CertificateAssessorTests",
        ["certificate-expired"] = "CertificateAssessorTests",
        ["id-not-changed"] = "HistoryJudgementTests",
        ["mx-cached-policy"] = "HistoryJudgementTests",
        ["not-safe-to-remove"] = "HistoryJudgementTests",
        ["safe-to-remove"] = "HistoryJudgementTests",
        ["enforce-held"] = "GateJudgementTests",
        ["history"] = "CurrentCheckerTests",
    };

    private static void Nothing(CheckWorld world)
    {
    }

    private static void Publish(CheckWorld world) => world.Txt = [world.Subject.Served!.TxtValue];

    private static void Address(CheckWorld world) => world.Dns.Addresses[CheckWorld.PolicyHost] = [IPAddress.Loopback];

    private static void Certificate(CheckWorld world) => world.Server.Certificate = world.Ca.Issue([CheckWorld.PolicyHost]);

    private static void Answer(CheckWorld world) =>
        (world.Server.Status, world.Server.Headers) = ("200 OK", "Content-Type: text/plain\r\n");

    private static void Republish(CheckWorld world) => world.Serve("enforce", 1_209_600, CheckWorld.Mail);

    private static void Mx(CheckWorld world) => world.Dns.Mx[CheckWorld.Domain] = [new MxRecord(10, CheckWorld.Mail)];

    private static void Spf(CheckWorld world) => Text("", "v=spf1 mx -all")(world);

    private static void Dmarc(CheckWorld world) => Text("_dmarc", "v=DMARC1; p=reject")(world);

    private static void Forbid(CheckWorld world)
    {
        world.Subject = world.Subject with { Authorities = [new CaaAuthority("ca.example", new CaaRequest(["ca.example"], [], null))] };
        world.Dns.Caa[CheckWorld.Domain] = [new CaaRecord(false, "issue", "other.example")];
    }

    /// <summary>The server has a new name in DNS and policy, and the old one in its certificate.</summary>
    private static void NewMailName(CheckWorld world)
    {
        world.Serve("enforce", 1_209_600, "*.example.com");
        world.Dns.Mx[CheckWorld.Domain] = [new MxRecord(10, "mx.example.com")];
        world.Dns.Addresses["mx.example.com"] = world.Dns.Addresses[CheckWorld.Mail];
    }

    private static Action<CheckWorld> InTestingSince(int days) => world =>
    {
        world.Serve("testing", 1_209_600, CheckWorld.Mail);
        world.Subject = world.Subject with { History =
            new DomainHistory([Past.Row(world.Subject.Served!, world.Time.GetUtcNow().AddDays(-days), null)], world.Time.GetUtcNow()) };
    };

    private static Action<CheckWorld> Text(string label, params string[] texts) =>
        world => world.Dns.Txt[label.Length == 0 ? CheckWorld.Domain : $"{label}.{CheckWorld.Domain}"] = texts;

    private static string RsaKey(int bits)
    {
        using var key = System.Security.Cryptography.RSA.Create(bits);
        return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }
}
