using MtaSts;

namespace Fuzz.Targets;

internal sealed class RecordTarget : TextTarget
{
    public override string Name => "record";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        [.. "v=STSv1; id=20160831085700Z;"u8],
        [.. "v=STSv1;id=1"u8],
        [.. "v=STSv1;\tx-y.z_1=a:b<c ; id=AbC ;id=two; "u8],
    ];

    public override IReadOnlyList<byte[]> Tokens { get; } =
        [[.. "v=STSv1;"u8], [.. "id="u8], [.. ";"u8], [.. " ;\t"u8], [.. "="u8], [.. "a=b"u8],
            [.. "12345678901234567890123456789012"u8], .. Hostile];

    protected override bool RunText(string text)
    {
        var selection = StsRecord.Select([text, "v=spf1 -all"], out var selected, out _);
        if (!StsRecord.TryParse(text, out var record, out var error))
        {
            Require(IsOneLine(error), "the message is one line");
            Require(selection is TxtSelection.Missing or TxtSelection.Invalid, "a malformed record is never picked");
            return false;
        }

        Require(selection == TxtSelection.Valid && selected == record, "a good record is picked");
        Require(record.Id.Value.Length is > 0 and <= 32 && record.Id.Value.All(char.IsAsciiLetterOrDigit),
            "the id is 1 to 32 letters or digits");
        Require(StsRecord.TryParse(record.ToString(), out var again, out _) && again == record with { HasFurtherIds = false },
            "what is written reads as the same record, without further ids");
        return true;
    }
}
