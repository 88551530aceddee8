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
    [InlineData("8.8.8.8 9.9.9.9", "1.1.1.1", true)]
    [InlineData("8.8.8.8 9.9.9.9", "8.8.8.8", true)]
    [InlineData("::ffff:8.8.8.8 9.9.9.9", "1.1.1.1", true)]
    [InlineData("8.8.8.8 9.9.9.9", "2620:fe::9", false)]
    [InlineData("2001:4860::1 2606:4700::1", "2620:fe::9", true)]
    // A server that sent a greeting can be reached from here.
    [InlineData("8.8.8.8", "8.8.8.8", true)]
    [InlineData("8.8.8.8", "::ffff:8.8.8.8", true)]
    [InlineData("8.8.8.8", "8.8.8.9", true)]
    [InlineData("2001:4860:4860::1", "2001:4860:4860:1::1", true)]
    // This machine's own network, perhaps, whatever is asked there, and however often.
    [InlineData("8.8.8.8", "9.9.9.9", false)]
    [InlineData("8.8.8.8 8.8.8.9 ::ffff:8.8.8.8", "9.9.9.9", false)]
    [InlineData("2001:4860:4860::1 2001:4860:4860:1::1", "2620:fe::9", false)]
    [InlineData("8.8.8.8 2620:fe::9", "9.9.9.9", false)]
    // What is within says nothing of the world, and the world nothing of it.
    [InlineData("127.0.0.1 8.8.8.8", "9.9.9.9", false)]
    [InlineData("::ffff:127.0.0.1 8.8.8.8", "9.9.9.9", false)]
    [InlineData("10.1.2.3 8.8.8.8", "9.9.9.9", false)]
    [InlineData("172.31.255.255 8.8.8.8", "9.9.9.9", false)]
    [InlineData("192.168.0.1 8.8.8.8", "9.9.9.9", false)]
    [InlineData("100.64.0.1 8.8.8.8", "9.9.9.9", false)]
    [InlineData("169.254.1.1 8.8.8.8", "9.9.9.9", false)]
    [InlineData("::1 2001:4860::1", "2620:fe::9", false)]
    [InlineData("fd00::1 2001:4860::1", "2620:fe::9", false)]
    [InlineData("fe80::1 2001:4860::1", "2620:fe::9", false)]
    [InlineData("8.8.8.8 9.9.9.9", "10.0.0.1", false)]
    [InlineData("127.0.0.1", "10.0.0.1", true)]
    public void Proven_Addresses_ProveThoseThatAreReachedLikeThem(string greeted, string other, bool isProven)
    {
        foreach (var address in greeted.Split(' ')) _reachability.Proven(IPAddress.Parse(address));

        Assert.Equal(isProven, _reachability.IsProven(IPAddress.Parse(other)));
    }

    [Fact]
    public void IsWithin_AnyAddressOfThisMachine_IsWithin()
    {
        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(entry => entry.Address).ToList();

        Assert.NotEmpty(own);
        Assert.All(own, address => Assert.True(SmtpReachability.IsWithin(address), address.ToString()));
        Assert.False(SmtpReachability.IsWithin(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void IsProven_ADayLater_IsOver()
    {
        ProveTheWorld();
        Assert.True(_reachability.IsProven(IPAddress.Parse("8.8.8.8")));
        _time.Advance(TimeSpan.FromDays(1));

        Assert.False(_reachability.IsProven(IPAddress.Parse("8.8.8.8")));
    }

    [Fact]
    public void IsProven_ADayLaterByAClockThatWasSetBack_IsOver()
    {
        ProveTheWorld();
        _clock.WrongBy = TimeSpan.FromDays(-2);
        _time.Advance(TimeSpan.FromDays(1));

        Assert.False(_reachability.IsProven(IPAddress.Parse("8.8.8.8")));
    }

    [Fact]
    public void IsProven_TwoProofsADayApart_IsNotYet()
    {
        _reachability.Proven(IPAddress.Parse("8.8.8.8"));
        _time.Advance(TimeSpan.FromDays(1));
        _reachability.Proven(IPAddress.Parse("9.9.9.9"));
        Assert.False(_reachability.IsProven(IPAddress.Parse("8.8.8.8")));

        _reachability.Proven(IPAddress.Parse("1.1.1.1"));
        Assert.True(_reachability.IsProven(IPAddress.Parse("8.8.8.8")));
    }

    /// <summary>A provider of mail may have a whole /24 of MX hosts.</summary>
    [Fact]
    public void Proven_ManyHostsOfOneNetwork_TheOtherNetworkIsNotForgotten()
    {
        _reachability.Proven(IPAddress.Parse("9.9.9.9"));
        _time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 64; i++) _reachability.Proven(new IPAddress([8, 8, 8, (byte)i]));

        Assert.True(_reachability.IsProven(IPAddress.Parse("1.1.1.1")));
    }

    private void ProveTheWorld()
    {
        _reachability.Proven(IPAddress.Parse("8.8.8.8"));
        _reachability.Proven(IPAddress.Parse("9.9.9.9"));
    }
}
