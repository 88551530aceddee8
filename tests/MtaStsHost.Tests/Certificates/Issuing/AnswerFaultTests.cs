using Acme.Testing;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>One bad answer of the CA, to the first of two names: what it is called, when it is tried again, and that nothing else
/// suffers.</summary>
public sealed class AnswerFaultTests : IAsyncDisposable
{
    private const string Other = "mta-sts.b.example";

    private readonly IssuingFixture _issuing = new();

    /// <summary>The operation, what it is answered, the error class, the minutes until the next attempt, a part of the message, the orders
    /// that both names make in all.</summary>
    private static readonly Dictionary<string,
        (string Operation, Func<FakeResponse> Answer, string Kind, int Minutes, string Says, int Orders)> s_faults = new()
    {
        ["429"] = ("newOrder", () => Problem(429, "rateLimited", "Too many."), FailureKind.RateLimited, 60, "Too many.", 2),
        ["429, Retry-After"] = ("newOrder", () => Problem(429, "rateLimited", "Too many.").With("Retry-After", "7300"),
            FailureKind.RateLimited, 121, "Too many.", 2),
        ["500"] = ("newOrder", () => Problem(500, "serverInternal", "Ouch."), FailureKind.Server, 1, "Ouch.", 2),
        ["503, Retry-After, HTML"] = ("newOrder", () => FakeResponse.Text("<html>", "text/html", 503).With("Retry-After", "1800"),
            FailureKind.Server, 30, "503", 2),
        ["slow"] = ("newOrder", () => FakeResponse.Broken(WireFault.Hang), FailureKind.Network, 1, "30 s", 2),
        ["slow body"] = ("newOrder", () => FakeResponse.Broken(WireFault.HangInBody), FailureKind.Network, 1, "30 s", 2),
        ["reset"] = ("newOrder", () => FakeResponse.Broken(WireFault.Reset), FailureKind.Network, 1, "reset", 2),
        ["truncated"] = ("newOrder", () => FakeResponse.Broken(WireFault.Truncated), FailureKind.Network, 1, "prematurely", 2),
        ["wrong type"] = ("newOrder", () => FakeResponse.Text("<html>Login", "text/html", 201),
            FailureKind.InvalidAnswer, 1, "newOrder", 2),
        ["no order"] = ("newOrder", () => FakeResponse.Text("{}", "application/json", 201), FailureKind.InvalidAnswer, 1, "newOrder", 2),
        ["malformed"] = ("newOrder", () => Problem(400, "malformed", "What?"), FailureKind.InvalidAnswer, 1, "What?", 2),
        ["rejectedIdentifier"] = ("newOrder", () => Problem(400, "rejectedIdentifier", "Not that."),
            FailureKind.Refused, 1440, "Not that.", 2),
        ["unsupportedIdentifier"] = ("newOrder", () => Problem(400, "unsupportedIdentifier", "Not that."),
            FailureKind.Refused, 1440, "Not that.", 2),
        ["userActionRequired"] = ("newOrder", () => Problem(403, "userActionRequired", "New terms."),
            FailureKind.Refused, 1440, "New terms.", 2),
        ["challenge 500"] = ("challenge", () => Problem(500, "serverInternal", "Ouch."), FailureKind.Server, 1, "Ouch.", 2),
        ["authorization reset"] = ("authorization", () => FakeResponse.Broken(WireFault.Reset), FailureKind.Network, 1, "reset", 2),
        ["authorization 404"] = ("authorization", () => Problem(404, "malformed", "Gone."), FailureKind.InvalidAnswer, 1, "Gone.", 3),
        ["finalize 500"] = ("finalize", () => Problem(500, "serverInternal", "Ouch."), FailureKind.Server, 1, "Ouch.", 2),
        ["finalize reset"] = ("finalize", () => FakeResponse.Broken(WireFault.Reset), FailureKind.Network, 1, "reset", 2),
        ["finalize 429"] = ("finalize", () => Problem(429, "rateLimited", "Too many."), FailureKind.RateLimited, 60, "Too many.", 2),
        ["finalize badCSR"] = ("finalize", () => Problem(400, "badCSR", "Bad."), FailureKind.InvalidAnswer, 1, "Bad.", 3),
        ["certificate 500"] = ("certificate", () => Problem(500, "serverInternal", "Ouch."), FailureKind.Server, 1, "Ouch.", 2),
        ["certificate truncated"] = ("certificate", () => FakeResponse.Broken(WireFault.Truncated),
            FailureKind.Network, 1, "prematurely", 2),
        ["certificate nonsense"] = ("certificate", () => FakeResponse.Text("hello", "application/pem-certificate-chain"),
            FailureKind.InvalidAnswer, 1, "certificate", 3),
    };

    public static TheoryData<string> Faults => [.. s_faults.Keys];

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task WorkOn_OneBadAnswer_TriedAgainByTheSchedule(string fault)
    {
        var (operation, answer, kind, minutes, says, orders) = s_faults[fault];
        _issuing.Settings = _issuing.Settings with { MaxConcurrentOrders = 1 };
        _issuing.Ca.Answer(operation, answer());

        await _issuing.StartAsync(IssuingFixture.Name, Other);
        await _issuing.RunUntilAsync(row => row.Failure is not null, TimeSpan.FromMinutes(10));

        var row = await _issuing.RowAsync();
        Assert.Equal((kind, 1), (row.Failure!.Kind, row.Failure.Attempts));
        Assert.Contains(says, row.Failure.Message, StringComparison.Ordinal);
        Assert.Contains("ca.test", row.Failure.Message, StringComparison.Ordinal);
        Assert.InRange(row.DueAt!.Value - row.Failure.At, TimeSpan.FromMinutes(minutes),
            TimeSpan.FromMinutes(minutes) * 1.2 + TimeSpan.FromMinutes(1));
        Assert.Equal(1, _issuing.Host.Log.Count(1421));
        Assert.False(_issuing.Host.Challenges.Any);

        await _issuing.RunUntilAsync(other => other.Certificate is not null, TimeSpan.FromSeconds(30), Other);
        await _issuing.RunUntilAsync(again => again.Certificate is not null, TimeSpan.FromMinutes(minutes) * 1.2 + TimeSpan.FromMinutes(2));
        row = await _issuing.RowAsync();
        Assert.Equal((null, null), (row.Failure, row.Order));
        Assert.Equal(orders, _issuing.Ca.Orders.Count);
        Assert.Equal(1, _issuing.Host.Counters.Failures.Sum(one => one.Value));
    }

    [Fact]
    public async Task WorkOn_EveryOtherNonceRefused_NothingFails()
    {
        var count = 0;
        _issuing.Ca.RefuseNonce = () => ++count % 2 == 1;

        await _issuing.ObtainAsync();

        Assert.Equal(0, _issuing.Host.Log.Count(1421));
        Assert.Single(_issuing.Ca.Orders);
    }

    private static FakeResponse Problem(int status, string type, string detail) => FakeResponse.Problem(status, type, detail);
}
