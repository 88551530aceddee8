using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using MtaStsHost.Network;

namespace MtaStsHost.Tests.Network;

public sealed class ConnectableAddressesTests
{
    private static readonly ConnectableAddresses s_none = new([]);

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.15.0.1", true)]
    [InlineData("2a00:1450::1", true)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("2002:808:808::1", true)]
    [InlineData("127.0.0.1", true)] // this machine
    [InlineData("127.9.9.9", true)]
    [InlineData("::1", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("10.254.253.252", false)]
    [InlineData("172.16.254.253", false)]
    [InlineData("192.168.254.253", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.254.253", false)]
    [InlineData("192.0.0.170", false)]
    [InlineData("198.18.254.253", false)]
    [InlineData("224.0.0.251", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("fd00:ffff::fffe", false)]
    [InlineData("fe80::fffe", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:10.254.253.252", false)]
    [InlineData("::10.254.253.252", false)]
    [InlineData("64:ff9b::afe:fdfc", false)] // 10.254.253.252
    [InlineData("64:ff9b:1::808:808", false)]
    [InlineData("2002:afe:fdfc::1", false)]
    [InlineData("2002:7f00:1::1", false)]
    public void Contain_Address_IsGlobalOrThisMachine(string address, bool expected) =>
        Assert.Equal(expected, s_none.Contain(IPAddress.Parse(address)));

    [Theory]
    [InlineData("10.254.0.0/16", "10.254.253.252", true)]
    [InlineData("10.254.0.0/16", "::ffff:10.254.253.252", true)]
    [InlineData("10.254.0.0/16", "10.253.253.252", false)]
    [InlineData("fd00::/8", "fd00:ffff::fffe", true)]
    public void Contain_InnerNetwork_IsConnectedTo(string network, string address, bool expected) =>
        Assert.Equal(expected, new ConnectableAddresses([IPNetwork.Parse(network)]).Contain(IPAddress.Parse(address)));

    [Fact]
    public void Contain_AddressOfAnInterface_IsThisMachine() =>
        Assert.All(NetworkInterface.GetAllNetworkInterfaces().SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Where(own => own.Address.AddressFamily == AddressFamily.InterNetwork), own => Assert.True(s_none.Contain(own.Address)));
}
