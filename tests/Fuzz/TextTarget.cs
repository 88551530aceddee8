using System.Text;

namespace Fuzz;

/// <summary>A target that takes text: the input is UTF-8 where it is valid, else UTF-16, so that lone surrogates come through.</summary>
public abstract class TextTarget : FuzzTarget
{
    protected static readonly byte[][] Hostile =
    [
        [.. "."u8], [.. ".."u8], [.. "-"u8], [.. "xn--"u8], [.. "xn--bcher-kva"u8], [.. "xn--a"u8], [.. "xn--0000000000"u8], [.. "*"u8],
        [.. "*."u8], [.. "_"u8], [.. "\0"u8], [.. "\n"u8], [.. "\u00FC"u8],
        [.. "\u00DF"u8], [.. "\u0130"u8], [.. "u\u0308"u8], [.. "\u3042\u3099"u8], [.. "\uFF41"u8], [.. "\u3002"u8], [.. "\u200D"u8],
        [.. "\u202E"u8], [.. "\u05D0\u05B7"u8],
        [.. "\u0E01\u0E38\u0E49"u8], [.. "\U00020000"u8], [.. "\U0001F600"u8], [.. "127.0.0.1"u8], [.. "::1"u8],
        [.. "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"u8],
    ];

    public sealed override bool Run(ReadOnlySpan<byte> input) =>
        RunText(System.Text.Unicode.Utf8.IsValid(input) ? Encoding.UTF8.GetString(input) : ToUtf16(input));

    protected abstract bool RunText(string text);

    private static string ToUtf16(ReadOnlySpan<byte> input) =>
        new(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, char>(input));
}
