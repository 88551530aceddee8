using System.Buffers;
using MtaStsHost.Listeners.Tls;
using MtaStsHost.Testing;

namespace Fuzz.Targets;

internal sealed class ClientHelloTarget : FuzzTarget
{
    public override string Name => "clienthello";

    public override int ShortRun => 50_000;

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        TestHello.With(TestHello.ServerName("mta-sts.example.com"), TestHello.Protocols("acme-tls/1")),
        TestHello.With(TestHello.Protocols("h2", "http/1.1"), TestHello.Extension(43, [2, 3, 4]), TestHello.ServerName("a.example")),
        TestHello.Record(TestHello.Message([])),
    ];

    public override IReadOnlyList<byte[]> Tokens { get; } =
        [[0], [0, 0], [0, 16], [0, 1], [0xff, 0xff], [22, 3, 1], TestHello.ServerName("b.example"),
            TestHello.Protocols("h2"), [.. "acme-tls/1"u8]];

    public override bool Run(ReadOnlySpan<byte> input)
    {
        var bytes = input.ToArray();
        var status = ClientHello.Read(new ReadOnlySequence<byte>(bytes), out var hello);
        Require(status == OperationStatus.Done || hello == default, "nothing is read from an incomplete record");
        Require(status != OperationStatus.NeedMoreData || bytes.Length < ClientHello.MaxBytes, "no more is asked for than a record");
        var half = bytes.Length / 2;
        Require(ClientHello.Read(TestHello.Segmented(bytes, 0, 1, half), out var again) == status
            && again.ServerName == hello.ServerName, "segments make no difference");
        if (status == OperationStatus.InvalidData) return false;
        Require(ClientHello.Read(new ReadOnlySequence<byte>(bytes, 0, half), out _) != OperationStatus.InvalidData
            || half < 5, "what is good so far is not refused");
        if (status == OperationStatus.NeedMoreData) return false;
        Require(hello.ServerName is null or { Length: > 0 and < 256 }
            && (hello.ServerName ?? "").All(c => c is > ' ' and <= '~'), "a name is printable ASCII");
        Require(hello.Protocols.All(protocol => protocol.Length is > 0 and < 256), "a protocol has 1 to 255 bytes");
        return true;
    }
}
