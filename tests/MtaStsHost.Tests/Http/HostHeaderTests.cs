using CsCheck;
using MtaStsHost.Http;

namespace MtaStsHost.Tests.Http;

public sealed class HostHeaderTests
{
    [Theory]
    [InlineData("mta-sts.example.com", "mta-sts.example.com")]
    [InlineData("mta-sts.example.com:8080", "mta-sts.example.com")]
    [InlineData("mta-sts.example.com:", "mta-sts.example.com")]
    [InlineData("mta-sts.example.com.", "mta-sts.example.com")]
    [InlineData("mta-sts.example.com.:443", "mta-sts.example.com")]
    [InlineData("mta-sts.example.com..", "mta-sts.example.com.")]
    [InlineData("mta-sts.example.com:8080.", "mta-sts.example.com:8080")]
    [InlineData("mta-sts.example.com:80a", "mta-sts.example.com:80a")]
    [InlineData("mta-sts.example.com:80:80", "mta-sts.example.com:80")]
    [InlineData("mta-sts.example.com:-1", "mta-sts.example.com:-1")]
    [InlineData("MTA-STS.Example.com", "MTA-STS.Example.com")]
    [InlineData("[2001:db8::1]:80", "[2001:db8::1]")]
    [InlineData(" mta-sts.example.com", " mta-sts.example.com")]
    [InlineData("", "")]
    [InlineData(":", "")]
    [InlineData(".", "")]
    [InlineData(".:1", "")]
    public void Name_Host_LosesPortAndOneDot(string host, string expected) => Assert.Equal(expected, HostHeader.Name(host).ToString());

    [Fact]
    public void Name_AnyHost_IsThatOfTheNaiveModel() =>
        Gen.Char["a.:0٣-[] \u00e9"].Array[0, 12].Select(chars => new string(chars))
            .Sample(host => Assert.Equal(Naive(host), HostHeader.Name(host).ToString()), iter: 20_000);

    private static string Naive(string host)
    {
        var parts = host.Split(':');
        if (parts.Length > 1 && parts[^1].All(c => "0123456789".Contains(c, StringComparison.Ordinal))) host =
            string.Join(':', parts.SkipLast(1));
        return host.EndsWith('.') ? host.Remove(host.Length - 1) : host;
    }
}
