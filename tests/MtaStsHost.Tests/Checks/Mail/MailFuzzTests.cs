using System.Formats.Asn1;
using System.Numerics;
using System.Text;
using Fuzz;
using MailRecords;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Mail;
using MtaStsHost.Network;
using MtaStsHost.Text;

namespace MtaStsHost.Tests.Checks.Mail;

/// <summary>What anyone may write into DNS, under the fuzzer of <c>tests/Fuzz</c>: the parsers, and the checks over it.</summary>
public sealed class MailFuzzTests
{
    private static readonly string[] s_txtNames = ["example.com", "a.example", "_dmarc.example.com", "x._domainkey.example.com"];

    [Fact]
    public void RunOne_Spf_BreaksNoInvariant() => Run(new SpfTarget());

    [Fact]
    public void RunOne_Dmarc_BreaksNoInvariant() => Run(new DmarcTarget());

    [Fact]
    public void RunOne_Dkim_BreaksNoInvariant() => Run(new DkimTarget());

    private static void Run(FuzzTarget target)
    {
        var fuzzer = new Fuzzer(target, seed: 20140424);
        fuzzer.Run(20_000);
        Assert.InRange(fuzzer.Accepted, 100, fuzzer.Iterations - 100);
    }

    private abstract class MailTarget : TextTarget
    {
        protected static IReadOnlyList<Finding> Check(string text, Func<IResolver, Task<IReadOnlyList<Finding>>> check)
        {
            var resolver = new Testing.ScriptedResolver();
            foreach (var name in s_txtNames) resolver.Txt[name] = [text];
            var answer = check(resolver);
            Require(answer.IsCompleted, "the resolver answers at once, and so does the check");
            var findings = answer.GetAwaiter().GetResult();
            Require(findings.All(finding => Printable.IsPrintable(finding.Message) && Printable.IsPrintable(finding.Fix ?? "")
                && finding.Message.Length < 2000 && (finding.Fix ?? "").Length < 2000), "a finding is one printable line");
            Require(resolver.Asked.Count <= 50, "the number of queries is bounded");
            return findings;
        }

        protected static bool Judge(RecordError? error, string text)
        {
            if (error is null) return true;
            Require(IsOneLine(error.ToString()) && Printable.IsPrintable(error.Message), "the message is one printable line");
            Require(error.Position >= 1 && error.Position <= text.Length + 1, "the place is inside the record");
            return false;
        }
    }

    private sealed class SpfTarget : MailTarget
    {
        public override string Name => "spf";

        public override IReadOnlyList<byte[]> Seeds { get; } =
            [[.. "v=spf1 mx a:m.example.com/24//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all"u8],
                [.. "v=spf1 include:a.example exists:%{ir}.%{d2r-}.a.example redirect=%{d} exp=e.%{o}.example x=y"u8]];

        public override IReadOnlyList<byte[]> Tokens =>
            [.. Hostile, [.. " "u8], [.. "/"u8], [.. "//0"u8], [.. "%{"u8], [.. "}"u8], [.. "%%"u8],
                [.. " include:a.example"u8], [.. " a:%{d}"u8], [.. " ?all"u8], [.. " ptr"u8], [.. ":"u8], [.. "redirect=example.com"u8]];

        protected override bool RunText(string text)
        {
            Check(text, resolver => SpfCheck.CheckAsync("example.com", resolver, CancellationToken.None));
            var isGood = SpfRecord.TryParse(text, out var record, out var error);
            Require(isGood == (error is null) && isGood == record is not null, "a record or an error");
            foreach (var ignored in record?.Ignored ?? []) Judge(ignored, text);
            return Judge(error, text);
        }
    }

    private sealed class DmarcTarget : MailTarget
    {
        public override string Name => "dmarc";

        public override IReadOnlyList<byte[]> Seeds { get; } =
            [[.. "v=DMARC1; p=reject; sp=none; np=quarantine; rua=mailto:a@example.net!10m,mailto:b@c.example; pct=50; t=y; psd=u; "u8
                + "fo=1:d"u8]];

        public override IReadOnlyList<byte[]> Tokens =>
            [.. Hostile, [.. ";"u8], [.. "="u8], [.. ";x=y"u8], [.. ","u8], [.. "!"u8], [.. "mailto:"u8], [.. "psd=n"u8], [.. ":"u8]];

        protected override bool RunText(string text)
        {
            Check(text, resolver => DmarcCheck.CheckAsync("example.com", resolver, CancellationToken.None));
            var isGood = DmarcRecord.TryParse(text, out var record, out var error);
            Require(isGood == (error is null) && isGood == record is not null, "a record or an error");
            foreach (var ignored in record?.Ignored ?? []) Judge(ignored, text);
            return Judge(error, text);
        }
    }

    private sealed class DkimTarget : MailTarget
    {
        public override string Name => "dkim";

        public override IReadOnlyList<byte[]> Seeds { get; } =
            [[.. "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="u8],
                Encoding.ASCII.GetBytes($"v=DKIM1; h=sha256; s=*; t=y; p={BareKey()}"), [.. "p="u8]];

        public override IReadOnlyList<byte[]> Tokens =>
            [.. Hostile, [.. ";"u8], [.. "="u8], [.. ":"u8], [.. "MEg"u8], [.. "AgMBAAE="u8], [.. "k=rsa;"u8], [.. " "u8]];

        /// <summary>An RSAPublicKey of 512 bits, always the same.</summary>
        private static string BareKey()
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteInteger((BigInteger.One << 511) + 1);
                writer.WriteInteger(65_537);
            }

            return Convert.ToBase64String(writer.Encode());
        }

        protected override bool RunText(string text)
        {
            Check(text, resolver => DkimCheck.CheckAsync("example.com", ["x"], resolver, CancellationToken.None));
            var isGood = DkimKeyRecord.TryParse(text, out var record, out var error);
            Require(isGood == (error is null) && isGood == record is not null, "a key or an error");
            Require(record is null || record.Bits is >= 0 and <= 32_768, "the length is that of a key");
            return Judge(error, text);
        }
    }
}
