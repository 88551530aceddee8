using Fuzz;
using MtaSts;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Mail;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Network;
using MtaStsHost.Testing;
using MtaStsHost.Text;

namespace MtaStsHost.Tests.Checks;

/// <summary>What a domain's owner may answer, under the fuzzer of <c>tests/Fuzz</c>: replies of mail servers, and records, up to the
/// finding.</summary>
public sealed class CheckFuzzTests
{
    [Fact]
    public void RunOne_SmtpReply_BreaksNoInvariant() => Run(new SmtpReplyTarget());

    [Fact]
    public void RunOne_StsRecord_BreaksNoInvariant() => Run(new TxtTarget());

    [Fact]
    public void RunOne_TlsRptRecord_BreaksNoInvariant() => Run(new TlsRptTarget());

    [Fact]
    public void RunOne_MxName_BreaksNoInvariant() => Run(new MxNameTarget());

    private static void Run(FuzzTarget target)
    {
        var fuzzer = new Fuzzer(target, seed: 20181001);
        fuzzer.Run(20_000);
        Assert.InRange(fuzzer.Accepted, 100, fuzzer.Iterations - 100);
    }

    private static DomainName Domain { get; } = DomainName.TryParse("example.com", out var domain, out _)
        ? domain : throw new InvalidOperationException();

    /// <summary>The answer of a work that waits for nothing.</summary>
    private static T Now<T>(Task<T> task) => task.IsCompleted ? task.GetAwaiter().GetResult() : throw new FuzzException("it waits");

    private static bool AreSafe(IReadOnlyList<Finding> findings) => findings.All(finding =>
        Printable.IsPrintable(finding.Message) && Printable.IsPrintable(finding.Fix ?? "")
            && finding.Message.Length < 2000 && (finding.Fix ?? "").Length < 3000);

    private sealed class SmtpReplyTarget : FuzzTarget
    {
        public override string Name => "smtp-reply";

        public override IReadOnlyList<byte[]> Seeds { get; } =
            [[.. "220 mail.example.com ESMTP\r\n"u8], [.. "250-mail.example.com\r\n250-SIZE 1000000\r\n250 STARTTLS\r\n"u8],
                [.. "454 4.7.0 TLS not available\n"u8], [.. "221\r\n"u8]];

        public override IReadOnlyList<byte[]> Tokens =>
        [
            [.. "250-"u8], [.. "250 "u8], [.. "\r\n"u8], [.. "\n"u8], [.. "\r"u8], [.. "\0"u8],
                [.. "-"u8], [.. " "u8], [.. "999 "u8], [.. "-25"u8], [.. "\x1B[2J"u8], [0xff], [.. Enumerable.Repeat((byte)'a', 700)],
        ];

        public override bool Run(ReadOnlySpan<byte> input)
        {
            using var stream = new MemoryStream(input.ToArray());
            try
            {
                var reply = Now(new SmtpDialogue(stream).ReadReplyAsync(CancellationToken.None));
                Require(reply.Code is >= 200 and <= 599, "a reply's code is one of SMTP's");
                Require(reply.Lines.Count is >= 1 and <= SmtpDialogue.MaxLines
                    && reply.Lines.All(line => line.Length <= SmtpDialogue.MaxLine), "a reply is bounded");
                Require(Printable.IsPrintable(reply.ToString()) && reply.ToString().Length < 1500, "its text is printable and short");
                return true;
            }
            catch (SmtpProbeException e)
            {
                Require(Printable.IsPrintable(e.Message) && e.Message.Length < 1000, "an error is printable and short");
                return false;
            }
            catch (EndOfStreamException)
            {
                return false;
            }
        }
    }

    private sealed class TxtTarget : TextTarget
    {
        public override string Name => "sts-txt";

        public override IReadOnlyList<byte[]> Seeds { get; } = [[.. "v=STSv1; id=20260101;"u8], [.. "v=STSv1; id=1; x=y;|other"u8]];

        public override IReadOnlyList<byte[]> Tokens =>
            [.. Hostile, [.. "v=STSv1;"u8], [.. "id="u8], [.. ";"u8], [.. "|"u8], [.. " "u8], [.. "\x1B]0;x\x07"u8]];

        protected override bool RunText(string text)
        {
            var dns = new ScriptedResolver();
            dns.Txt["_mta-sts.example.com"] = text.Split('|');
            dns.Txt["example.com"] = text.Split('|');
            dns.Aliases["_mta-sts.example.com"] = [text];
            var facts = Now(TxtCheck.LookAsync(Domain, dns, CancellationToken.None));
            var findings = TxtCheck.Judge(new CheckSubject(Domain), facts, null, DateTimeOffset.UnixEpoch);
            Require(AreSafe(findings), "a finding is one printable line");
            Require((facts.Id is not null) == (StsRecord.Select(text.Split('|'), out _, out _) == TxtSelection.Valid),
                "it is there when it is valid");
            Require((facts.Id is not null) != findings.Any(finding => finding.Code is "txt-missing" or "txt-invalid" or "txt-multiple"),
                "either it is there, or a finding says why not");
            return facts.Id is not null;
        }
    }

    private sealed class TlsRptTarget : TextTarget
    {
        public override string Name => "tlsrpt-txt";

        public override IReadOnlyList<byte[]> Seeds { get; } = [[.. "v=TLSRPTv1; rua=mailto:a@example.com,https://example.net/report;"u8]];

        public override IReadOnlyList<byte[]> Tokens =>
            [.. Hostile, [.. "rua="u8], [.. ";"u8], [.. ","u8], [.. "mailto:"u8], [.. "https://"u8], [.. "@"u8], [.. "!"u8], [.. "%"u8]];

        protected override bool RunText(string text)
        {
            var dns = new ScriptedResolver();
            dns.Txt["_smtp._tls.example.com"] = [text];
            var findings = Now(TlsRptCheck.CheckAsync(Domain, true, [], dns, CancellationToken.None));
            Require(AreSafe(findings), "a finding is one printable line");
            Require(dns.Asked.Count <= 21, "the number of queries is bounded");
            return findings.All(finding => finding.Severity < FindingSeverity.Error && finding.Code != "tlsrpt-missing");
        }
    }

    private sealed class MxNameTarget : TextTarget
    {
        public override string Name => "mx-name";

        public override IReadOnlyList<byte[]> Seeds { get; } = [[.. "mail.example.com"u8], [.. "mx1.example.net|mx2.example.com|."u8]];

        public override IReadOnlyList<byte[]> Tokens => [.. Hostile, [.. "|"u8], [.. "mail.example.com|"u8], [.. "\x1B[2J"u8]];

        protected override bool RunText(string text)
        {
            var dns = new ScriptedResolver();
            dns.Mx["example.com"] = [.. text.Split('|').Select((name, i) => new MxRecord(i, name.TrimEnd('.')))];
            var probe = new SmtpProbe(new SmtpProbeOptions(25, TimeSpan.FromSeconds(1)), TimeProvider.System); // no host has an address
            var report = Now(new MxCheck(dns, new MxProbes(probe, new SmtpReachability(TimeProvider.System), null, TimeProvider.System),
                TimeProvider.System).CheckAsync(Domain, null, false, null, CancellationToken.None));
            Require(AreSafe(report.Findings) && report.Hosts.All(host => Printable.IsPrintable(host)), "a finding is one printable line");
            Require(dns.Asked.Count <= 2 + (2 * MxCheck.MaxHosts), "the number of queries is bounded");
            return report.Findings.All(finding => finding.Code != "mx-invalid");
        }
    }
}
