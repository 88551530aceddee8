using System.Net;
using System.Net.Sockets;

namespace MtaSts.Tests;

/// <summary>Time-outs and cancellation at each step.</summary>
public sealed class PolicyFetcherTimeTests : PolicyFetcherFixture
{
    [Theory]
    [InlineData("dns")]
    [InlineData("handshake")]
    [InlineData("header")]
    [InlineData("body")]
    public async Task FetchAsync_Stall_IsTimeoutAfterTheWholeTime(string where)
    {
        await using var stalling = new Stall(where);
        var fetch = FailAsync(stalling.Options(Time));
        await Task.WhenAny(fetch, stalling.Reached);
        Time.Advance(TimeSpan.FromSeconds(59.9));
        Assert.False(fetch.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(0.2));
        var failure = await fetch;
        Assert.Equal(PolicyFetchFailure.Timeout, failure.Kind);
        Assert.Contains("60 s", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dns")]
    [InlineData("handshake")]
    [InlineData("header")]
    [InlineData("body")]
    public async Task FetchAsync_CallerCancels_IsCanceledWithItsToken(string where)
    {
        await using var stalling = new Stall(where);
        using var caller = new CancellationTokenSource();
        var fetch = new PolicyFetcher(stalling.Options(Time)).FetchAsync(Domain, caller.Token);
        await Task.WhenAny(fetch, stalling.Reached);
        await caller.CancelAsync();
        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        Assert.Equal(caller.Token, canceled.CancellationToken);
    }

    [Fact]
    public async Task FetchAsync_SlowDrip_EndsWithTheWholeTime()
    {
        await using var server = new TestPolicyServer
        {
            Certificate = Certificates.Server([Host]),
            OnRequest = async stream =>
            {
                await TestPolicyServer.AnswerAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
                while (true)
                {
                    await TestPolicyServer.AnswerAsync(stream, "x");
                    Time.Advance(TimeSpan.FromSeconds(7));
                }
            },
        };
        Assert.Equal(PolicyFetchFailure.Timeout, (await FailAsync(Options(server))).Kind);
    }

    /// <summary>A policy host, or its DNS, that stops answering at one step and signals when the fetch has arrived there.</summary>
    private sealed class Stall : IAsyncDisposable
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TestPolicyServer _server;
        private readonly string _where;

        public Stall(string where)
        {
            _where = where;
            _server = new TestPolicyServer
            {
                Certificate = Certificates.Server([Host]),
                OnConnect = async socket =>
                {
                    if (where != "handshake")
                        return true;
                    await socket.ReceiveAsync(new byte[1], SocketFlags.Peek);
                    _reached.SetResult();
                    await using var stream = new NetworkStream(socket);
                    await TestPolicyServer.StallAsync(stream);
                    return false;
                },
                OnRequest = async stream =>
                {
                    await TestPolicyServer.AnswerAsync(stream,
                        where == "header" ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nversion");
                    _reached.SetResult();
                    await TestPolicyServer.StallAsync(stream);
                },
            };
        }

        public Task Reached => _reached.Task;

        public PolicyFetcherOptions Options(TimeProvider time) => new()
        {
            Port = _server.Port,
            TrustedRoots = Certificates.Roots,
            TimeProvider = time,
            Resolve = async (_, cancellationToken) =>
            {
                if (_where != "dns")
                    return [IPAddress.Loopback];
                _reached.SetResult();
                await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, time, cancellationToken);
                return [];
            },
        };

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
