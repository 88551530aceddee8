using MtaStsHost.Dns;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Dns;

public sealed class ResolverTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("nameserver 192.0.2.53\n", "192.0.2.53:53")]
    [InlineData("# comment\nsearch example\n nameserver\t2001:db8::53 \nnameserver 127.0.0.1 # us\noptions edns0\n", "[2001:db8::53]:53 127.0.0.1:53")]
    [InlineData("nameserver nonsense\nnameserver\n", "127.0.0.1:53")]
    [InlineData("", "127.0.0.1:53")]
    public void SystemResolvers_ResolvConf_AreItsNameServers(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Resolver.SystemResolvers(_folder.Write("resolv.conf", text))));
}
