using System.Buffers;
using System.Text;
using Fuzz;
using MailRecords;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Http;
using MtaStsHost.Listeners;
using MtaStsHost.Listeners.Tls;
using MtaStsHost.Tests.Listeners.Tls;
using MtaStsHost.Text;

namespace MtaStsHost.Tests;

/// <summary>The host's own parsers under the fuzzer of <c>tests/Fuzz</c>.</summary>
public sealed class FuzzTests
{
    [Fact]
    public void RunOne_HostHeader_BreaksNoInvariant() => Run(new HostHeaderTarget(), 50_000);

    [Fact]
    public void RunOne_Configuration_BreaksNoInvariant() => Run(new ConfigurationTarget(), 20_000);

    [Fact]
    public void RunOne_CaaIssueValue_BreaksNoInvariant() => Run(new CaaTarget(), 50_000);

    [Fact]
    public void RunOne_ClientHello_BreaksNoInvariant() => Run(new ClientHelloTarget(), 50_000);

    [Fact]
    public void RunOne_ProxyHeader_BreaksNoInvariant() => Run(new ProxyHeaderTarget(), 50_000);

    private static void Run(FuzzTarget target, int iterations)
    {
        var fuzzer = new Fuzzer(target, seed: 20180930);
        fuzzer.RunSeeds();
        for (var i = 0; i < iterations; i++) fuzzer.RunOne();
        Assert.InRange(fuzzer.Accepted, 100, fuzzer.Iterations - 100);
    }

    private sealed class HostHeaderTarget : TextTarget
    {
        public override string Name => "host";

        public override IReadOnlyList<byte[]> Seeds { get; } =
            [[.. "mta-sts.example.com"u8], [.. "MTA-STS.example.com.:8080"u8], [.. "[::1]:443"u8]];

        public override IReadOnlyList<byte[]> Tokens => [.. Hostile, [.. ":"u8], [.. ":443"u8], [.. "@"u8], [.. "mta-sts."u8]];

        protected override bool RunText(string text)
        {
            var name = HostHeader.Name(text).ToString();
            Require(text.StartsWith(name, StringComparison.Ordinal), "nothing is put in or changed");
            var rest = text[name.Length..];
            Require(rest is "" or "." || rest.TrimStart('.') is [':', ..]
                && rest.Length - rest.TrimStart('.').Length <= 1, "only one dot and a port are taken away");
            Require(!rest.Contains(':', StringComparison.Ordinal)
                || rest[(rest.IndexOf(':', StringComparison.Ordinal) + 1)..].All(char.IsAsciiDigit), "a port is digits");
            return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']');
        }
    }

    private sealed class CaaTarget : TextTarget
    {
        public override string Name => "caa";

        public override IReadOnlyList<byte[]> Seeds { get; } =
            [[.. "ca.example"u8], [.. ";"u8],
                [.. " CA.example\t; validationmethods = http-01,tls-alpn-01 ;accounturi=https://ca.example/acct/1 "u8]];

        public override IReadOnlyList<byte[]> Tokens =>
            [.. Hostile, [.. ";"u8], [.. "="u8], [.. " \t"u8], [.. "accounturi="u8], [.. "; a-b=c"u8]];

        protected override bool RunText(string text)
        {
            var request = new CaaRequest(["ca.example"], ["http-01"], "https://ca.example/acct/1");
            var finding = CaaPolicy.Check([new CaaRecord(false, "issue", text)], request);
            Require(finding is null || Printable.IsPrintable(finding.ToString()), "the message is one printable line");
            if (!CaaIssueValue.TryParse(text, out var value))
            {
                Require(finding is not null, "a malformed value permits nobody");
                return false;
            }

            Require(value.Issuer == "ca.example" || finding is not null, "another CA's name doesn't permit this one");
            Require(value.Issuer.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'),
                "the CA's name is labels in lower case");
            Require(CaaIssueValue.TryParse(value.ToString(), out var again)
                && again.ToString() == value.ToString(), "what is written reads as the same value");
            return true;
        }
    }

    private sealed class ClientHelloTarget : FuzzTarget
    {
        public override string Name => "clienthello";

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
            Require(status == ClientHelloStatus.Whole || hello == default, "nothing is told of what isn't whole");
            Require(status != ClientHelloStatus.Incomplete || bytes.Length < ClientHello.MaxBytes, "no more is asked for than a record");
            var half = bytes.Length / 2;
            Require(ClientHello.Read(TestHello.Segmented(bytes, 0, 1, half), out var again) == status
                && again.ServerName == hello.ServerName, "segments make no difference");
            if (status == ClientHelloStatus.Other) return false;
            Require(ClientHello.Read(new ReadOnlySequence<byte>(bytes, 0, half), out _) != ClientHelloStatus.Other
                || half < 5, "what is good so far is not refused");
            if (status == ClientHelloStatus.Incomplete) return false;
            Require(hello.ServerName is null or { Length: > 0 and < 256 }
                && (hello.ServerName ?? "").All(c => c is > ' ' and <= '~'), "a name is printable ASCII");
            Require(hello.Protocols.All(protocol => protocol.Length is > 0 and < 256), "a protocol has 1 to 255 bytes");
            return true;
        }
    }

    private sealed class ProxyHeaderTarget : FuzzTarget
    {
        private static readonly byte[] s_binary = [.. "\r\n\r\n\0\r\nQUIT\n"u8];

        public override string Name => "proxyheader";

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
            Require(status == ProxyHeaderStatus.Whole || header == default, "nothing is told of what isn't whole");
            Require(status != ProxyHeaderStatus.Incomplete || bytes.Length < ProxyHeader.MaxBytes, "no more is asked for than the bound");
            var half = bytes.Length / 2;
            Require(ProxyHeader.Read(TestHello.Segmented(bytes, 0, 1, half), out var again) == status
                && again == header, "segments make no difference");
            var first = ProxyHeader.Read(new ReadOnlySequence<byte>(bytes, 0, half), out again);
            Require(status == ProxyHeaderStatus.Invalid || first == ProxyHeaderStatus.Incomplete
                || (first == status && again == header), "what comes later changes nothing");
            Require(status != ProxyHeaderStatus.Invalid || first != ProxyHeaderStatus.Whole, "nothing behind a header makes it bad");
            if (status != ProxyHeaderStatus.Whole) return false;
            Require(header.Length <= bytes.Length && header.Length >= 15, "a header ends where it was sent to");
            Require(ProxyHeader.Read(new ReadOnlySequence<byte>(bytes, 0, header.Length), out again) == status
                && again == header, "it needs none of what follows");
            Require(ProxyHeader.Read(new ReadOnlySequence<byte>(bytes, 0, header.Length - 1), out _) == ProxyHeaderStatus.Incomplete,
                "and all of itself");
            return true;
        }
    }

    private sealed class ConfigurationTarget : FuzzTarget
    {
        public override string Name => "configuration";

        public override IReadOnlyList<byte[]> Seeds { get; } =
        [
            Encoding.UTF8.GetBytes("""{ "MtaSts": { "Defaults": { "Mode": "testing", "MaxAge": 604800 }, "Domains": { "example.com": { "Mx": [ "mail.example.com", "*.example.net" ], "TlsRpt": [ "mailto:a@example.com" ] }, "b.example": { "Mode": "none" } } }, "Kestrel": { "Endpoints": { "Http": { "Url": "http://*:8080" } } } }"""),
        ];

        public override IReadOnlyList<byte[]> Tokens { get; } =
            [[.. "\"Mode\":"u8], [.. "\"Id\":\"a\","u8], [.. "null"u8], [.. "[]"u8], [.. "{}"u8],
                [.. "\"enforce\""u8], [.. "{"u8], [.. "]"u8], [.. ",\"x\":1"u8], [.. "\\u0000"u8], [.. "\\ud800"u8], [.. "/*"u8]];

        public override bool Run(ReadOnlySpan<byte> input)
        {
            var (problems, tree) = (new ProblemList(), new ConfigurationTree());
            var layer = new ConfigurationLayer("fuzz.json", "/");
            JsonLayerReader.Read(layer, input, included: false, problems);
            tree.Add(layer, problems);
            SettingsSchema.Check(tree, problems);
            var settings = ServiceConfiguration.Load(new LoadedConfiguration(tree, problems, ConfigurationInputs.None, 0),
                null, TimeProvider.System);
            Require(settings is null == problems.HasErrors, "no settings without an error, no error with settings");
            Require(problems.Errors.All(error => Printable.IsPrintable(error.ToString())), "every message is one printable line");
            foreach (var policy in settings?.Policies.All ?? [])
                Require(MtaSts.PolicyParser.TryParse(policy.Body.Span, out var read, out _)
                    && read == policy.Policy, "what is served reads back as it was meant");
            return settings is not null;
        }
    }
}
