using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Checks.Mx;

public sealed class SmtpReachabilityTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly IssuingTime _clock;
    private readonly SmtpReachability _reachability;

    public SmtpReachabilityTests() => _reachability = new SmtpReachability(_clock = new IssuingTime(_time));

    [Theory]
    [InlineData("8.8.8.8", "9.9.9.9", true)]
    [InlineData("::ffff:8.8.8.8", "9.9.9.9", true)]
    [InlineData("8.8.8.8", "2620:fe::9", false)]
    [InlineData("2001:4860::1", "2620:fe::9", true)]
    // What is within says nothing of the world, and the world nothing of it.
    [InlineData("127.0.0.1", "9.9.9.9", false)]
    [InlineData("::ffff:127.0.0.1", "9.9.9.9", false)]
    [InlineData("10.1.2.3", "9.9.9.9", false)]
    [InlineData("172.31.255.255", "9.9.9.9", false)]
    [InlineData("192.168.0.1", "9.9.9.9", false)]
    [InlineData("100.64.0.1", "9.9.9.9", false)]
    [InlineData("169.254.1.1", "9.9.9.9", false)]
    [InlineData("::1", "2620:fe::9", false)]
    [InlineData("fd00::1", "2620:fe::9", false)]
    [InlineData("fe80::1", "2620:fe::9", false)]
    [InlineData("8.8.8.8", "10.0.0.1", false)]
    [InlineData("127.0.0.1", "10.0.0.1", true)]
    public void Proven_OneAddress_ProvesThoseThatAreReachedLikeIt(string greeted, string other, bool isProven)
    {
        _reachability.Proven(IPAddress.Parse(greeted));

        Assert.Equal(isProven, _reachability.IsProven(IPAddress.Parse(other)));
    }

    [Fact]
    public void IsWithin_AnyAddressOfThisMachine_IsWithin()
    {
        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(network => network.GetIPProperties().UnicastAddresses).Select(entry => entry.Address).ToList();

        Assert.NotEmpty(own);
        Assert.All(own, address => Assert.True(SmtpReachability.IsWithin(address), address.ToString()));
        Assert.False(SmtpReachability.IsWithin(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void IsProven_ADayLater_IsOver()
    {
        _reachability.Proven(IPAddress.Parse("8.8.8.8"));
        _time.Advance(TimeSpan.FromDays(1));

        Assert.False(_reachability.IsProven(IPAddress.Parse("8.8.8.8")));
    }

    [Fact]
    public void IsProven_ADayLaterByAClockThatWasSetBack_IsOver()
    {
        _reachability.Proven(IPAddress.Parse("8.8.8.8"));
        _clock.WrongBy = TimeSpan.FromDays(-2);
        _time.Advance(TimeSpan.FromDays(1));

        Assert.False(_reachability.IsProven(IPAddress.Parse("8.8.8.8")));
    }
}
