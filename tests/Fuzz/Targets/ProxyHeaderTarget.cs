using System.Buffers;
using MtaStsHost.Listeners;
using MtaStsHost.Testing;

namespace Fuzz.Targets;

internal sealed class ProxyHeaderTarget : FuzzTarget
{
    private static readonly byte[] s_binary = [.. "\r\n\r\n\0\r\nQUIT\n"u8];

    public override string Name => "proxyheader";

    public override int ShortRun => 50_000;

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        [.. "PROXY TCP4 192.0.2.1 127.0.0.1 8080 443\r\n"u8], [.. "PROXY TCP6 2001:db8::1 ::1 8080 443\r\n"u8],
            [.. "PROXY UNKNOWN\r\n"u8],
        [.. s_binary, 0x20, 0, 0, 0], [.. s_binary, 0x21, 0x11, 0, 12, .. new byte[12]],
            [.. s_binary, 0x21, 0x21, 0, 43, .. new byte[36], 4, 0, 4, 1, 2, 3, 4],
    ];

    public override IReadOnlyList<byte[]> Tokens { get; } =
        [[.. "PROXY "u8], [.. "TCP4 "u8], [.. "TCP6 "u8], [.. "UNKNOWN "u8], [.. "\r\n"u8],
            [.. "\n"u8], [.. " "u8], [.. "::"u8], [.. "65535"u8], s_binary, [0x21, 0x11], [0x21, 0x31], [0, 216], [0xff, 0xff]];

    public override bool Run(ReadOnlySpan<byte> input)
    {
        var bytes = input.ToArray();
        var status = ProxyHeader.Read(new ReadOnlySequence<byte>(bytes), out var header);
        Require(status == OperationStatus.Done || header == default, "nothing is read from an incomplete header");
        Require(status != OperationStatus.NeedMoreData || bytes.Length < ProxyHeader.MaxBytes, "no more is asked for than the bound");
        var half = bytes.Length / 2;
        Require(ProxyHeader.Read(TestHello.Segmented(bytes, 0, 1, half), out var again) == status
            && again == header, "segments make no difference");
        var first = ProxyHeader.Read(new ReadOnlySequence<byte>(bytes, 0, half), out again);
        Require(status == OperationStatus.InvalidData || first == OperationStatus.NeedMoreData
            || (first == status && again == header), "what comes later changes nothing");
        Require(status != OperationStatus.InvalidData || first != OperationStatus.Done, "nothing behind a header makes it bad");
        if (status != OperationStatus.Done) return false;
        Require(header.Length <= bytes.Length && header.Length >= 15, "a header ends where it was sent to");
        Require(ProxyHeader.Read(new ReadOnlySequence<byte>(bytes, 0, header.Length), out again) == status
            && again == header, "it needs none of what follows");
        Require(ProxyHeader.Read(new ReadOnlySequence<byte>(bytes, 0, header.Length - 1), out _) == OperationStatus.NeedMoreData,
            "and all of itself");
        return true;
    }
}
