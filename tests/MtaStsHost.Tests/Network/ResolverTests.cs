using System.Net;
using Acme.Testing;
using MailRecords;
using MtaStsHost.Network;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Network;

public sealed class ResolverTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private readonly FakeDnsServer _server = new();

    public void Dispose()
    {
        _folder.Dispose();
        _server.Dispose();
    }

    private Resolver Resolver() => new([_server.EndPoint]);

    [Fact]
    public async Task CaaAsync_Records_AreFlagTagAndValueToTheByte()
    {
        _server.Answer(
            "example.com", 257,
            FakeDnsServer.Caa(0, "issue", [.. "ca.example; accounturi=https://ca.example/1; x=\"a\\b\""u8]),
            FakeDnsServer.Caa(0x80, "Tbs", [.. "a\tb"u8, 0xff]),
            FakeDnsServer.Caa(0x7f, "iodef", []));

        var records = await Resolver().CaaAsync("example.com", CancellationToken.None);

        Assert.Equal(
            [new(false, "issue", "ca.example; accounturi=https://ca.example/1; x=\"a\\b\""),
                new(true, "tbs", "a\tb\u00ff"), new CaaRecord(false, "iodef", "") { HasLowestFlag = true }],
            records);
    }

    [Fact]
    public async Task CaaAsync_NoSuchName_IsEmpty() => Assert.Empty(await Resolver().CaaAsync("none.example.com", CancellationToken.None));

    [Fact]
    public async Task CaaAsync_ServerFailure_IsAResolutionException()
    {
        _server.Fail("example.com", 257, FakeDnsServer.ServerFailure);

        var e = await Assert.ThrowsAsync<ResolutionException>(() => Resolver().CaaAsync("example.com", CancellationToken.None));

        Assert.Equal("the resolver answered ServerFailure for example.com CAA", e.Message);
    }

    [Fact]
    public async Task FindFaultAsync_ServerThatAnswers_IsFine() => Assert.Null(await Resolver().FindFaultAsync(CancellationToken.None));

    [Fact]
    public async Task FindFaultAsync_NoServer_NamesTheAddressAndTheSetting()
    {
        var nowhere = new IPEndPoint(IPAddress.Loopback, FreePorts.Next());

        var fault = await new Resolver([nowhere]).FindFaultAsync(CancellationToken.None);

        Assert.Equal([$"{nowhere}"], fault!.Servers);
        Assert.Equal("Dns:Resolvers", fault.Source);
    }

    /// <summary>RFC 5452 §9.1: each would be "no records" otherwise, with advice to publish what exists.</summary>
    public static TheoryData<string, Func<byte[], byte[]>> OtherAnswers => new()
    {
        { "the query itself", response => Changed(response, 2, (byte)(response[2] & 0x7f)) },
        { "another name", response => Changed(response, 13, (byte)'f') },
        { "another type", response => Changed(response, 12 + "\u0007example\u0003com".Length + 2, 1) },
    };

    private static byte[] Changed(byte[] response, int index, byte value)
    {
        response[index] = value;
        return response;
    }

    [Theory]
    [InlineData("xn--bcher-kva.example")]
    [InlineData("_mta-sts.xn--bcher-kva.example")]
    [InlineData("_MTA-STS.Example.com")]
    public async Task TxtAsync_NameInAnySpelling_IsAnswered(string name)
    {
        _server.Answer(name.ToLowerInvariant(), 16, FakeDnsServer.Txt("here"));

        Assert.Equal(["here"], await Resolver().TxtAsync(name, CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(OtherAnswers))]
    public async Task TxtAsync_AnswerToAnotherQuestion_IsNoAnswer(string what, Func<byte[], byte[]> change)
    {
        _server.Change = change;

        var e = await Assert.ThrowsAsync<ResolutionException>(() => Resolver().TxtAsync("example.com", CancellationToken.None));

        Assert.True(e.Message.Contains("no usable answer for example.com TXT", StringComparison.Ordinal), $"{what}: {e.Message}");
    }

    [Theory]
    [MemberData(nameof(OtherAnswers))]
    public async Task TxtAsync_AnswerToAnotherQuestion_TheNextResolverIsAsked(string what, Func<byte[], byte[]> change)
    {
        _server.Change = change;
        using var sound = new FakeDnsServer();
        sound.Answer("example.com", 16, FakeDnsServer.Txt("sound"));

        var texts = await new Resolver([_server.EndPoint, sound.EndPoint]).TxtAsync("example.com", CancellationToken.None);

        Assert.True(texts is ["sound"], what);
    }

    [Fact]
    public async Task TxtAsync_NameThatPointsAtItself_IsAResolutionException()
    {
        _server.Loop("example.com", 16);

        await Assert.ThrowsAsync<ResolutionException>(() => Resolver().TxtAsync("example.com", CancellationToken.None));
    }

    [Fact]
    public async Task CaaAsync_BrokenAnswer_IsAResolutionException()
    {
        _server.Break("example.com", 257);

        await Assert.ThrowsAsync<ResolutionException>(() => Resolver().CaaAsync("example.com", CancellationToken.None));
    }

    /// <summary>From the counts on, any byte may be any other: the library reads it, or says that it can't.</summary>
    [Fact]
    public async Task AnyQuestion_AnswerWithOtherBytes_IsReadOrAResolutionException()
    {
        var random = new Random(20261124);
        _server.Change = response =>
        {
            for (var i = random.Next(1, 4); i > 0; i--) response[random.Next(4, response.Length)] = (byte)random.Next(256);
            return random.Next(8) == 0 ? response[..random.Next(12, response.Length)] : response;
        };
        _server.Answer("example.com", 16, FakeDnsServer.Txt("v=STSv1; id=1;"), FakeDnsServer.Txt(new string('x', 300)));
        _server.Answer("example.com", 15, FakeDnsServer.Mx(10, "mail.example.com"), FakeDnsServer.Mx(20, "mail.example.net"));
        _server.Answer("example.com", 257, FakeDnsServer.Caa(0, "issue", [.. "ca.example"u8]));
        _server.Answer("example.com", 1, [192, 0, 2, 1]);
        _server.Answer("example.com", 28, [.. IPAddress.Parse("2001:db8::1").GetAddressBytes()]);
        var resolver = Resolver();
        Func<Task>[] questions =
        [
            () => resolver.TxtAsync("example.com", CancellationToken.None), () => resolver.MxAsync("example.com", CancellationToken.None),
            () => resolver.CaaAsync("example.com", CancellationToken.None),
                () => resolver.AddressAnswerAsync("example.com", CancellationToken.None),
        ];
        var (read, refused) = (0, 0);

        for (var i = 0; i < 1000; i++)
        {
            try
            {
                await questions[i % questions.Length]();
                read++;
            }
            catch (ResolutionException)
            {
                refused++;
            }
        }

        Assert.True(read > 20 && refused > 20, $"{read} read, {refused} refused");
    }

    [Fact]
    public async Task AddressesAsync_BothKinds_AreGiven()
    {
        _server.Answer("example.com", 1, [192, 0, 2, 1]);
        _server.Answer("example.com", 28, [.. IPAddress.Parse("2001:db8::1").GetAddressBytes()]);

        Assert.Equal([IPAddress.Parse("2001:db8::1"), IPAddress.Parse("192.0.2.1")],
            await Resolver().AddressesAsync("example.com", CancellationToken.None));
    }

    [Theory]
    [InlineData(1, 28)]
    [InlineData(28, 1)]
    public async Task AddressAnswerAsync_OneKindFails_HasTheOtherAndSaysWhatIsMissing(ushort answered, ushort failed)
    {
        var address = answered == 1 ? IPAddress.Parse("192.0.2.1") : IPAddress.Parse("2001:db8::1");
        _server.Answer("example.com", answered, address.GetAddressBytes());
        _server.Fail("example.com", failed, FakeDnsServer.ServerFailure);

        var answer = await Resolver().AddressAnswerAsync("example.com", CancellationToken.None);

        Assert.Equal([address], answer.Records);
        Assert.Contains($"for example.com {(failed == 1 ? "A" : "AAAA")}", answer.Missed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddressAnswerAsync_BothKindsAnswer_MissesNothing()
    {
        _server.Answer("example.com", 1, [192, 0, 2, 1]);

        Assert.Null((await Resolver().AddressAnswerAsync("example.com", CancellationToken.None)).Missed);
    }

    [Fact]
    public async Task AddressesAsync_OneKindFailsAndTheOtherHasNone_IsAResolutionException()
    {
        _server.Answer("example.com", 1);
        _server.Fail("example.com", 28, FakeDnsServer.ServerFailure);

        await Assert.ThrowsAsync<ResolutionException>(() => Resolver().AddressesAsync("example.com", CancellationToken.None).AsTask());
    }

    [Theory]
    [InlineData("ca.example", "ca.example")]
    [InlineData("ca.example; a=\\\"b\\\"", "ca.example; a=\"b\"")]
    [InlineData("\\009\\255", "\t\u00ff")]
    [InlineData("ca.example\\; a=\\b", "ca.example\\; a=\\b")]
    [InlineData("\\999", "\\999")]
    [InlineData("a\\", "a\\")]
    [InlineData("\\12", "\\12")]
    public void Unescape_ZoneFileText_IsWhatWasOnTheWire(string text, string expected) =>
        Assert.Equal(expected, MtaStsHost.Network.Resolver.Unescape(text));

    [Theory]
    [InlineData("nameserver 192.0.2.53\n", "192.0.2.53:53")]
    [InlineData("# comment\nsearch example\n nameserver\t2001:db8::53 \nnameserver 127.0.0.1 # us\noptions edns0\n",
        "[2001:db8::53]:53 127.0.0.1:53")]
    [InlineData("nameserver nonsense\nnameserver\n", "127.0.0.1:53")]
    [InlineData("", "127.0.0.1:53")]
    public void SystemResolvers_ResolvConf_AreItsNameServers(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', MtaStsHost.Network.Resolver.SystemResolvers(_folder.Write("resolv.conf", text))));
}
