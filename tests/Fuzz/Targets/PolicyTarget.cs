using MtaSts;

namespace Fuzz.Targets;

internal sealed class PolicyTarget : FuzzTarget
{
    public override string Name => "policy";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        [.. "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n"u8],
        [.. "version: STSv1\nmode: none\nmax_age: 86400"u8],
        [.. "max_age:0\nx-ext.1: caf\u00E9 \u65E5\u672C\nmode:testing \t\nmode: other\nversion:\tSTSv1\nmx:MAIL.example.com\n"u8],
    ];

    public override IReadOnlyList<byte[]> Tokens { get; } =
    [
        [.. "version: STSv1\n"u8], [.. "mode: "u8], [.. "enforce"u8], [.. "testing"u8], [.. "none"u8], [.. "mx: *.a.example\r\n"u8],
        [.. "mx: xn--bcher-kva.example\n"u8],
        [.. "max_age: 31557600\n"u8], [.. "31557601"u8], [.. "9999999999"u8], [.. "\r"u8], [.. "\n"u8], [.. "\r\n"u8], [.. "\n\n"u8],
        [.. " "u8], [.. "\t"u8], [.. ":"u8],
        [.. "\0"u8], [0x7F], [0xEF, 0xBB, 0xBF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF], [.. "\u2028"u8], [.. "x: y\n"u8],
    ];

    public override bool Run(ReadOnlySpan<byte> input)
    {
        if (!PolicyParser.TryParse(input, out var policy, out var error))
        {
            Require(error.Line >= 1 && error.Column >= 1 && error.Line <= input.Length + 1 && error.Column <= input.Length + 1,
                "the place is inside the body");
            Require(IsOneLine(error.ToString()), "the message is one line");
            return false;
        }

        var body = PolicyFormatter.Format(policy);
        // A field without its optional spaces is shorter than what the host writes.
        if (body.Length <= Policy.MaxBodyBytes)
        {
            Require(PolicyParser.TryParse(body, out var again, out _) && again.Equals(policy), "what is written reads as the same policy");
            Require(PolicyFormatter.Format(again!).AsSpan().SequenceEqual(body), "what is written is written the same again");
        }

        Require(PolicyId.Compute(policy) == PolicyId.Compute(new Policy(policy.Mode, policy.Mx.Reverse(), policy.MaxAge)),
            "the id doesn't depend on the order");
        return true;
    }
}
