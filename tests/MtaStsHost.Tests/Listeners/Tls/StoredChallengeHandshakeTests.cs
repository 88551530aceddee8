using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Acme;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Configuration;
using MtaStsHost.Listeners.Tls;
using MtaStsHost.Storage;
using MtaStsHost.Tests.Certificates;

namespace MtaStsHost.Tests.Listeners.Tls;

/// <summary>A challenge that another host has opened, and that this one hasn't heard of yet.</summary>
public sealed class StoredChallengeHandshakeTests : IAsyncLifetime
{
    private const string Host = "mta-sts.example.com";
    private const string Unmanaged = "mta-sts.example.org";

    private readonly ScriptedStore _store = new();
    private readonly OpenChallenges _open = new(TimeProvider.System);
    private readonly ChallengeHandshake _handshake;

    public StoredChallengeHandshakeTests()
    {
        var settings = new CurrentAcmeSettings();
        settings.Replace(new AcmeSettings([new AuthoritySettings(new Uri("https://ca.example/"), null, null)],
            "", ["tls-alpn-01"], KeyAlgorithm.ES256, null, null, 1, false, 1));
        var stored = new StoredChallenges(_open, _store, settings, TimeProvider.System);
        _handshake = new ChallengeHandshake(_open, stored, new Hosts(), TimeProvider.System, NullLogger<ChallengeHandshake>.Instance);
        // Of its own, so that the listener intercepts at all.
        _open.Set("mta-sts.own.example", [At("mta-sts.own.example")]);
        _store.Challenges = [At(Host), At(Unmanaged)];
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Theory]
    [InlineData(Host)]
    [InlineData("MTA-STS.example.com")]
    public async Task Guard_ChallengeInTheStoreAlone_IsAnswered(string sni)
    {
        Assert.Equal(("acme-tls/1", "CN=ACME challenge", false), await ConnectAsync(sni, "acme-tls/1"));
        Assert.Equal(1, _store.Lists);
    }

    [Theory]
    [InlineData(Unmanaged, "acme-tls/1")]
    [InlineData(Host, "h2")]
    [InlineData(Host, "acme-tls/1", "h2")]
    public async Task Guard_NothingThatACaWouldSend_TouchesNoStore(string sni, params string[] protocols)
    {
        Assert.Equal((null, null, true), await ConnectAsync(sni, protocols));
        Assert.Equal(0, _store.Lists);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Guard_NothingInTheStoreOrNoStore_GoesTheOrdinaryWay(bool fails)
    {
        (_store.Fails, _store.Challenges) = (fails, []);

        Assert.Equal((null, null, true), await ConnectAsync(Host, "acme-tls/1"));
        Assert.Equal(1, _store.Lists);
    }

    private static StoredChallenge At(string host) =>
        new(host, "tls-alpn-01", "token", "token.key", TimeProvider.System.GetUtcNow().AddMinutes(5));

    /// <summary>What a client got, and whether the connection went on to the ordinary handshake, which here just ends it.</summary>
    private async Task<(string? Protocol, string? Issuer, bool WentOn)> ConnectAsync(string sni, params string[] protocols)
    {
        var (up, down) = (new Pipe(), new Pipe());
        var (wentOn, issuer) = (false, (string?)null);
        await using var connection = new DefaultConnectionContext("test") { Transport = new Pipes(up.Reader, down.Writer) };
        await using var client = new SslStream(new DuplexPipeStream(new Pipes(down.Reader, up.Writer)));
        var served = ServeAsync();
        try
        {
            await client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = sni,
                ApplicationProtocols = [.. protocols.Select(protocol => new SslApplicationProtocol(protocol))],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => (issuer = certificate!.Issuer) is not null,
            });
        }
        catch (Exception e) when (wentOn && e is IOException or AuthenticationException)
        {
            return (null, issuer, wentOn);
        }

        var protocol = client.NegotiatedApplicationProtocol.ToString();
        await served;
        return (protocol, issuer, wentOn);

        async Task ServeAsync()
        {
            await _handshake.Guard(_ =>
            {
                wentOn = true;
                return Task.CompletedTask;
            })(connection);
            await down.Writer.CompleteAsync();
        }
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Hosts : IPolicyHosts
    {
        public event Action? Changed
        {
            add => throw new NotSupportedException();
            remove => throw new NotSupportedException();
        }

        IEnumerable<string> IPolicyHosts.Hosts => [Host];

        public bool Contains(ReadOnlySpan<char> host) => host.Equals(Host, StringComparison.OrdinalIgnoreCase);
    }
}
