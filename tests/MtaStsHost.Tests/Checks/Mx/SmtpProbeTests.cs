using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Acme.Testing;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Testing;
using MtaStsHost.Text;

namespace MtaStsHost.Tests.Checks.Mx;

public sealed class SmtpProbeTests : IDisposable
{
    private const string Host = "mail.example.com";

    private readonly TestCa _ca = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    public static TheoryData<SmtpStep> Steps => [SmtpStep.Greeting, SmtpStep.Ehlo,
        SmtpStep.StartTls, SmtpStep.Handshake, SmtpStep.EhloInTls];

    public void Dispose() => _ca.Dispose();

    private TestSmtpServer Server(params string[] names) => new(_ca.Issue(names.Length == 0 ? [Host] : names));

    private SmtpProbe Probe(int port) => new(new SmtpProbeOptions(port, TimeSpan.FromSeconds(20), [_ca.Root()]), _time);

    private Task<SmtpProbeResult> ProbeAsync(TestSmtpServer server, string host = Host) =>
        Probe(server.Port).ProbeAsync(host, IPAddress.Loopback, CancellationToken.None);

    private async Task<SmtpProbeResult> ProbeAsync(SmtpStep step, SmtpScript script)
    {
        await using var server = Server();
        server.Scripts[step] = script;
        return await ProbeAsync(server);
    }

    [Fact]
    public async Task ProbeAsync_GoodHost_IsGood()
    {
        await using var server = Server();

        var result = await ProbeAsync(server);

        Assert.Equal((SmtpOutcome.Good, "has STARTTLS with TLS 1.3 and a valid certificate"), (result.Outcome, result.Message));
        using var leaf = server.Certificate!.Leaf();
        Assert.Equal(leaf.NotAfter.ToUniversalTime(), result.CertificateNotAfter!.Value.UtcDateTime);
        Assert.Equal(leaf.NotBefore.ToUniversalTime(), result.CertificateNotBefore!.Value.UtcDateTime);
        Assert.True(result.Greeted);
        Assert.False(result.IsRefusedByPolicy);
        Assert.Equal([Host], server.ServerNames);
        Assert.Equal(["EHLO [127.0.0.1]", "STARTTLS", "TLS EHLO [127.0.0.1]", "TLS QUIT"], server.Commands);
    }

    [Theory]
    [InlineData("220-mail.example.com\r\n220-no spam\r\n220 ready\r\n")]
    [InlineData("220\r\n")]
    [InlineData("220 only LF\n")]
    [InlineData("220-\r\n220\r\n")]
    public async Task ProbeAsync_OddGreeting_IsGood(string greeting) =>
        Assert.Equal(SmtpOutcome.Good, (await ProbeAsync(SmtpStep.Greeting, TestSmtpServer.Say(greeting))).Outcome);

    [Theory]
    [InlineData("250-mail.example.com\r\n250-starttls\r\n250 SIZE\r\n")]
    [InlineData("250-mail.example.com\r\n250 STARTTLS ignored\r\n")]
    public async Task ProbeAsync_OddEhlo_IsGood(string answer) =>
        Assert.Equal(SmtpOutcome.Good, (await ProbeAsync(SmtpStep.Ehlo, TestSmtpServer.Say(answer))).Outcome);

    [Fact]
    public async Task ProbeAsync_NothingListens_IsUnreachable()
    {
        var result = await Probe(FreePorts.Next()).ProbeAsync(Host, IPAddress.Loopback, CancellationToken.None);

        Assert.Equal((SmtpOutcome.Unreachable, SocketError.ConnectionRefused, "refuses connections"),
            (result.Outcome, result.SocketError, result.Message));
        Assert.False(result.Greeted);
    }

    [Theory]
    [InlineData("250-mail.example.com\r\n250 SIZE 1000\r\n")]
    [InlineData("250-STARTTLS\r\n250 SIZE 1000\r\n")] // the server's name
    [InlineData("250-mail.example.com\r\n250 XSTARTTLS\r\n")]
    [InlineData("250 mail.example.com\r\n")]
    public async Task ProbeAsync_NoStartTls_IsSaid(string answer)
    {
        await using var server = Server();
        server.Scripts[SmtpStep.Ehlo] = TestSmtpServer.Say(answer);

        var result = await ProbeAsync(server);

        Assert.Equal((SmtpOutcome.NoStartTls, "doesn't offer STARTTLS"), (result.Outcome, result.Message));
        Assert.True(result.IsRefusedByPolicy);
        Assert.Equal(["EHLO [127.0.0.1]", "QUIT"], server.Commands);
    }

    [Theory]
    [InlineData(SmtpStep.Greeting, "554 5.7.1 go away\r\n", nameof(SmtpOutcome.Refused), "refuses the connection (554 5.7.1 go away)")]
    [InlineData(SmtpStep.Greeting, "421-busy\r\n421 later\r\n", nameof(SmtpOutcome.Refused), "refuses the connection (421 busy)")]
    [InlineData(SmtpStep.Ehlo, "550 who are you\r\n", nameof(SmtpOutcome.Refused), "refuses EHLO (550 who are you)")]
    [InlineData(SmtpStep.StartTls, "454 TLS not available\r\n", nameof(SmtpOutcome.StartTlsRefused),
        "offers STARTTLS and refuses it (454 TLS not available)")]
    [InlineData(SmtpStep.StartTls, "250 not what was asked\r\n", nameof(SmtpOutcome.StartTlsRefused),
        "offers STARTTLS and refuses it (250 not what was asked)")]
    [InlineData(SmtpStep.EhloInTls, "502 no\r\n", nameof(SmtpOutcome.Refused), "refuses EHLO (502 no)")]
    public async Task ProbeAsync_Refused_SaysWhatAndHow(SmtpStep step, string answer, string outcome, string message)
    {
        var result = await ProbeAsync(step, TestSmtpServer.Say(answer));

        Assert.Equal((outcome, message), (result.Outcome.ToString(), result.Message));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task ProbeAsync_ServerHangsUp_IsClosed(SmtpStep step)
    {
        var result = await ProbeAsync(step, TestSmtpServer.Close);

        Assert.Equal(step == SmtpStep.Handshake ? SmtpOutcome.TlsHandshake : SmtpOutcome.Closed, result.Outcome);
        Assert.Equal(step != SmtpStep.Greeting, result.Greeted);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task ProbeAsync_ServerHangsUpInAReply_IsClosed(SmtpStep step)
    {
        var result = await ProbeAsync(step, TestSmtpServer.SayAndClose("250-half a"u8.ToArray()));

        Assert.Equal(step == SmtpStep.Handshake ? SmtpOutcome.InjectedPlaintext : SmtpOutcome.Closed, result.Outcome);
    }

    [Fact]
    public async Task ProbeAsync_NoGreeting_EndsAtTheDeadline()
    {
        // By the real clock: a server can't see whether the client knows yet that it is connected.
        await using var server = Server();
        server.Scripts[SmtpStep.Greeting] = TestSmtpServer.Stall;

        var result = await new SmtpProbe(new SmtpProbeOptions(server.Port, TimeSpan.FromSeconds(1)), TimeProvider.System)
            .ProbeAsync(Host, IPAddress.Loopback, CancellationToken.None);

        Assert.Equal((SmtpOutcome.Timeout, "gave no answer within 1 s (waiting for the greeting)"), (result.Outcome, result.Message));
        Assert.False(result.Greeted);
    }

    [Theory]
    [InlineData(SmtpStep.Ehlo, "waiting for the answer to EHLO")]
    [InlineData(SmtpStep.StartTls, "waiting for the answer to STARTTLS")]
    [InlineData(SmtpStep.Handshake, "in the TLS handshake")]
    [InlineData(SmtpStep.EhloInTls, "waiting for the answer to EHLO in TLS")]
    public async Task ProbeAsync_ServerStalls_EndsAtTheDeadline(SmtpStep step, string where)
    {
        await using var server = Server();
        var stalled = Channel.CreateUnbounded<bool>();
        server.Scripts[step] = (stream, cancellationToken) =>
        {
            stalled.Writer.TryWrite(true);
            return TestSmtpServer.Stall(stream, cancellationToken);
        };

        var probe = ProbeAsync(server);
        // A handshake that is not answered is tried again, with a smaller ClientHello.
        for (var connection = 0; connection < (step == SmtpStep.Handshake ? 2 : 1); connection++)
        {
            await stalled.Reader.ReadAsync();
            _time.Advance(TimeSpan.FromSeconds(19.9));
            Assert.False(probe.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(0.2));
        }

        var result = await probe;

        Assert.Equal((SmtpOutcome.Timeout, $"gave no answer within 20 s ({where})"), (result.Outcome, result.Message));
    }

    [Fact]
    public async Task ProbeAsync_ByteAfterByte_DoesNotPutOffTheDeadline()
    {
        await using var server = Server();
        var time = _time;
        server.Scripts[SmtpStep.Ehlo] = async (stream, cancellationToken) =>
        {
            for (var i = 0; i < 30; i++)
            {
                await TestSmtpServer.Say("2")(stream, cancellationToken);
                time.Advance(TimeSpan.FromSeconds(1));
            }

            return await TestSmtpServer.Stall(stream, cancellationToken);
        };

        Assert.Equal(SmtpOutcome.Timeout, (await ProbeAsync(server)).Outcome);
    }

    [Fact]
    public async Task ProbeAsync_NoAnswerToQuit_IsGood()
    {
        await using var server = Server();
        server.Scripts[SmtpStep.Quit] = async (stream, cancellationToken) =>
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            return await TestSmtpServer.Stall(stream, cancellationToken);
        };

        Assert.Equal(SmtpOutcome.Good, (await ProbeAsync(server)).Outcome);
    }

    [Fact]
    public async Task ProbeAsync_Cancelled_Throws()
    {
        await using var server = Server();
        using var cancel = new CancellationTokenSource();
        server.Scripts[SmtpStep.Ehlo] = async (stream, cancellationToken) =>
        {
            await cancel.CancelAsync();
            return await TestSmtpServer.Stall(stream, cancellationToken);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Probe(server.Port)
            .ProbeAsync(Host, IPAddress.Loopback, cancel.Token));
    }

    [Theory]
    [InlineData(SmtpStep.Greeting, "220-endless\r\n", "", "sends a reply of over 64 lines")]
    [InlineData(SmtpStep.Greeting, "xxxxxxxx", "220 ", "sends a line of over 2048 bytes")]
    [InlineData(SmtpStep.Ehlo, "250-ENDLESS\r\n", "", "sends a reply of over 64 lines")]
    [InlineData(SmtpStep.Ehlo, "\0\0\0\0\0\0\0\0", "250-", "sends a line of over 2048 bytes")]
    [InlineData(SmtpStep.StartTls, "220-endless\r\n", "", "sends a reply of over 64 lines")]
    [InlineData(SmtpStep.EhloInTls, "250-ENDLESS\r\n", "", "sends a reply of over 64 lines")]
    [InlineData(SmtpStep.EhloInTls, "yyyyyyyy", "250-", "sends a line of over 2048 bytes")]
    public async Task ProbeAsync_ServerFloods_EndsSoon(SmtpStep step, string text, string first, string message)
    {
        await using var server = Server();
        server.Scripts[step] = server.Flood(text, first);

        var result = await ProbeAsync(server);

        Assert.Equal((SmtpOutcome.Protocol, message), (result.Outcome, result.Message));
    }

    [Fact]
    public async Task ProbeAsync_EndlessTlsRecords_EndAtTheByteLimit()
    {
        // Handshake messages without an end, of which a TLS library may take some before it refuses them.
        await using var server = Server();
        server.Scripts[SmtpStep.Handshake] = server.Flood("\x16\x03\x03\x00\x04\x00\x00\x00\x00");

        var result = await ProbeAsync(server);

        Assert.True(result.Outcome is SmtpOutcome.Protocol or SmtpOutcome.TlsHandshake, result.ToString());
    }

    [Fact]
    public async Task ProbeAsync_RepliesThatAreEachShortEnough_EndAtTheByteLimit()
    {
        // 64 lines of 2,000 bytes are a reply; the third one is over 256 KB.
        await using var server = Server();
        string Long(int code) => string.Concat(Enumerable.Range(0, 63).Select(_ => $"{code}-{new string('x', 1994)}\r\n"))
            + $"{code} STARTTLS\r\n";
        server.Scripts[SmtpStep.Greeting] = TestSmtpServer.Say(Long(220));
        server.Scripts[SmtpStep.Ehlo] = TestSmtpServer.Say(Long(250));
        Assert.Equal(SmtpOutcome.Good, (await ProbeAsync(server)).Outcome); // what is within the bound is taken

        server.Scripts[SmtpStep.StartTls] = TestSmtpServer.Say(Long(220));
        var result = await ProbeAsync(server);

        Assert.Equal((SmtpOutcome.Protocol, "sends without an end (over 256 KB)"), (result.Outcome, result.Message));
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n", "answers with something that is not an SMTP reply ('SSH-2.0-OpenSSH_9.6')")]
    [InlineData("\x1b[2J\x07 220 \r\n", "answers with something that is not an SMTP reply ('\\u001B[2J\\u0007 220 ')")]
    [InlineData("2200 x\r\n", "answers with something that is not an SMTP reply ('2200 x')")]
    [InlineData("22\r\n", "answers with something that is not an SMTP reply ('22')")]
    [InlineData("\r\n", "answers with something that is not an SMTP reply ('')")]
    [InlineData("+20 x\r\n", "answers with something that is not an SMTP reply ('+20 x')")]
    [InlineData("120 x\r\n", "answers with something that is not an SMTP reply ('120 x')")]
    [InlineData("2 0 x\r\n", "answers with something that is not an SMTP reply ('2 0 x')")]
    public async Task ProbeAsync_Garbage_IsShownSafely(string garbage, string message)
    {
        var result = await ProbeAsync(SmtpStep.Greeting, TestSmtpServer.Say(garbage));

        Assert.Equal((SmtpOutcome.Protocol, message), (result.Outcome, result.Message));
    }

    [Fact]
    public async Task ProbeAsync_RandomBytes_NeverThrow()
    {
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            if (i % 2 == 0) "220 "u8.CopyTo(bytes.Length > 4 ? bytes : bytes = new byte[5]);
            foreach (var step in Steps)
            {
                var result = await ProbeAsync(step, TestSmtpServer.SayAndClose(bytes));
                if (step != SmtpStep.EhloInTls) Assert.NotEqual(SmtpOutcome.Good, result.Outcome); // "220 anything" is an answer to EHLO
                Assert.True(Printable.IsPrintable(result.Message), result.Message);
            }
        }
    }

    [Theory]
    [InlineData("554 \x1b]0;owned\x07\x9b31m\r\n")]
    [InlineData("554 \u00e2\u0080\u00ae right to left \u00e2\u0080\u00a8\r\n")] // U+202E and U+2028 in UTF-8
    public async Task ProbeAsync_ControlCharacters_AreWrittenOut(string greeting)
    {
        var result = await ProbeAsync(SmtpStep.Greeting, TestSmtpServer.Say(greeting));

        Assert.Equal(SmtpOutcome.Refused, result.Outcome);
        Assert.True(Printable.IsPrintable(result.Message), result.Message);
    }

    [Fact]
    public async Task ProbeAsync_PlainTextInTheSegmentOfTheReply_IsInjected()
    {
        var result = await ProbeAsync(SmtpStep.StartTls, TestSmtpServer.Say("220 go\r\n250-mail.example.com\r\n250 AUTH PLAIN\r\n"));

        Assert.Equal((SmtpOutcome.InjectedPlaintext, "sends plain text after its answer to STARTTLS, where TLS has to begin"),
            (result.Outcome, result.Message));
    }

    [Fact]
    public async Task ProbeAsync_PlainTextAfterTheClientHello_IsInjected() =>
        Assert.Equal(SmtpOutcome.InjectedPlaintext,
            (await ProbeAsync(SmtpStep.Handshake,
            TestSmtpServer.SayAndClose("250-mail.example.com\r\n250 AUTH PLAIN\r\n"u8.ToArray()))).Outcome);

    public static TheoryData<SmtpScript> Refusals => [TestSmtpServer.Close, TestSmtpServer.SayAndClose([21, 3, 3, 0, 2, 2, 50])];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task ProbeAsync_LargeHelloIsRefused_SaysWhichIsAccepted(SmtpScript refusal)
    {
        await using var server = Server();
        server.Scripts[SmtpStep.Handshake] = refusal;
        server.AcceptsHello = TestSmtpServer.IsSmallHello;

        var result = await ProbeAsync(server);

        Assert.Equal(SmtpOutcome.LargeHello, result.Outcome);
        Assert.Matches(@"^does not complete a TLS handshake that begins with a ClientHello of \d{3,} bytes \(TLS 1\.3\), "
            + @"but one that begins with \d{2,} bytes \(TLS 1\.2\)$", result.Message);
        Assert.False(result.IsRefusedByPolicy); // other senders deliver
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task ProbeAsync_LargeHelloHangs_SaysWhichIsAccepted()
    {
        await using var server = Server();
        server.Scripts[SmtpStep.Handshake] = (stream, cancellationToken) =>
        {
            _time.Advance(TimeSpan.FromSeconds(21));
            return TestSmtpServer.Stall(stream, cancellationToken);
        };
        server.AcceptsHello = TestSmtpServer.IsSmallHello;

        Assert.Equal(SmtpOutcome.LargeHello, (await ProbeAsync(server)).Outcome);
    }

    [Fact]
    public async Task ProbeAsync_LargeHelloIsRefusedAndTheNameIsWrong_SaysBoth()
    {
        await using var server = Server("other.example.com");
        server.Scripts[SmtpStep.Handshake] = TestSmtpServer.Close;
        server.AcceptsHello = TestSmtpServer.IsSmallHello;

        var result = await ProbeAsync(server);

        Assert.Equal(SmtpOutcome.WrongName, result.Outcome);
        Assert.StartsWith("has a certificate for another name (other.example.com); and it does not complete", result.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 21, 3, 2, 0, 2, 2, 70 }, nameof(SmtpOutcome.TlsVersion))] // alert protocol_version
    [InlineData(new byte[] { 21, 3, 3, 0, 2, 2, 40 }, nameof(SmtpOutcome.TlsHandshake))] // alert handshake_failure
    public async Task ProbeAsync_AlertInTheHandshake_TellsWhy(byte[] bytes, string outcome) =>
        Assert.Equal(outcome, (await ProbeAsync(SmtpStep.Handshake, TestSmtpServer.SayAndClose(bytes))).Outcome.ToString());

    [Theory]
    [InlineData(1, nameof(SmtpOutcome.TlsVersion))]
    [InlineData(2, nameof(SmtpOutcome.TlsVersion))]
    [InlineData(3, nameof(SmtpOutcome.TlsHandshake))] // TLS 1.2, with an unknown cipher suite
    public async Task ProbeAsync_ServerHelloOfAVersion_TellsWhy(byte minor, string outcome)
    {
        byte[] hello = [22, 3, minor, 0, 42, 2, 0, 0, 38, 3, minor, .. new byte[32], 0, 0, 1, 0];

        Assert.Equal(outcome, (await ProbeAsync(SmtpStep.Handshake, TestSmtpServer.SayAndClose(hello))).Outcome.ToString());
    }

    [Theory]
    [InlineData("mail.example.com")]
    [InlineData("MAIL.example.com")]
    [InlineData("*.example.com")]
    public async Task ProbeAsync_NameInTheCertificate_IsGood(string name)
    {
        await using var server = Server("other.example", name);

        Assert.Equal(SmtpOutcome.Good, (await ProbeAsync(server)).Outcome);
    }

    [Theory]
    [InlineData("other.example.com")]
    [InlineData("*.mail.example.com")]
    [InlineData("*.com")]
    [InlineData("m*.example.com")]
    [InlineData("example.com")]
    public async Task ProbeAsync_OtherNameInTheCertificate_IsWrongName(string name)
    {
        await using var server = Server(name);

        var result = await ProbeAsync(server);

        Assert.Equal((SmtpOutcome.WrongName, $"has a certificate for another name ({name})"), (result.Outcome, result.Message));
    }

    [Fact]
    public async Task ProbeAsync_NameAsCommonNameAlone_IsWrongName()
    {
        await using var server = new TestSmtpServer(SelfSigned(out var certificate));
        // trusted all the same
        var probe = new SmtpProbe(new SmtpProbeOptions(server.Port, TimeSpan.FromSeconds(20), [certificate]), _time);

        var result = await probe.ProbeAsync(Host, IPAddress.Loopback, CancellationToken.None);

        Assert.Equal((SmtpOutcome.WrongName, "has a certificate for another name (no DNS name at all)"),
            (result.Outcome, result.Message));
    }

    [Fact]
    public async Task ProbeAsync_ManyNames_AreCut()
    {
        await using var server = Server([.. Enumerable.Range(1, 100).Select(i => $"mx{i}.example.net")]);

        Assert.Equal(
            "has a certificate for another name (mx1.example.net, mx2.example.net, mx3.example.net, mx4.example.net, mx5.example.net, "
            + "…)", (await ProbeAsync(server)).Message);
    }

    [Fact]
    public async Task ProbeAsync_ExpiredByTheClock_IsExpired()
    {
        await using var server = Server();
        using var leaf = server.Certificate!.Leaf();
        _time.SetUtcNow(leaf.NotAfter.ToUniversalTime().AddSeconds(-1));
        Assert.Equal(SmtpOutcome.Good, (await ProbeAsync(server)).Outcome);

        _time.Advance(TimeSpan.FromSeconds(2));
        var result = await ProbeAsync(server);

        Assert.Equal(SmtpOutcome.Expired, result.Outcome);
        Assert.Contains($"to {leaf.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm}Z)", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProbeAsync_NotYetValid_IsExpired()
    {
        var now = _time.GetUtcNow();
        await using var server = new TestSmtpServer(_ca.Issue([Host], now.AddDays(1), now.AddDays(90)));

        Assert.Equal(SmtpOutcome.Expired, (await ProbeAsync(server)).Outcome);
    }

    [Fact]
    public async Task ProbeAsync_OtherRoot_IsUntrusted()
    {
        using var other = new TestCa("Other CA");
        await using var server = new TestSmtpServer(other.Issue([Host]));

        var result = await ProbeAsync(server);

        Assert.Equal(SmtpOutcome.Untrusted, result.Outcome);
        Assert.StartsWith("has a certificate that isn't trusted (", result.Message, StringComparison.Ordinal);
        Assert.Contains("issued by CN=Other CA Intermediate", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProbeAsync_NoRootsGiven_TakesTheSystems()
    {
        await using var server = Server();

        var result = await new SmtpProbe(new SmtpProbeOptions(server.Port, TimeSpan.FromSeconds(20)), _time)
            .ProbeAsync(Host, IPAddress.Loopback, CancellationToken.None);

        Assert.Equal(SmtpOutcome.Untrusted, result.Outcome);
    }

    [Fact]
    public async Task ProbeAsync_IntermediateNotSent_SaysSo()
    {
        await using var server = Server();
        server.SendsChain = false;

        var result = await ProbeAsync(server);

        Assert.Equal(SmtpOutcome.Untrusted, result.Outcome);
        Assert.Contains("whose own certificate is neither sent nor known here", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProbeAsync_SelfSigned_SaysSo()
    {
        await using var server = new TestSmtpServer(SelfSigned(out _));

        var result = await ProbeAsync(server);

        Assert.Equal(SmtpOutcome.Untrusted, result.Outcome);
        Assert.Contains("self-signed); nor is it for this name, but for no DNS name at all", result.Message, StringComparison.Ordinal);
    }

    /// <summary>With the host's name as its common name, and no other.</summary>
    private TestCertificate SelfSigned(out X509Certificate2 certificate)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Host}", key, HashAlgorithmName.SHA256);
        using var withKey = request.CreateSelfSigned(_time.GetUtcNow().AddDays(-1), _time.GetUtcNow().AddDays(1));
        var pem = withKey.ExportCertificatePem();
        certificate = X509Certificate2.CreateFromPem(pem);
        return new TestCertificate(pem, pem, key.ExportPkcs8PrivateKeyPem());
    }
}
