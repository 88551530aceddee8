using System.Formats.Asn1;
using System.Numerics;
using System.Text;
using MailRecords;
using MtaStsHost.Checks.Mail;

namespace Fuzz.Targets;

internal sealed class DkimTarget : CheckTarget
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
        return IsGood(error, text);
    }
}
