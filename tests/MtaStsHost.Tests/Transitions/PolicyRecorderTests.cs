using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;
using MtaStsHost.Tests.Storage;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Transitions;

/// <summary>The whole host over weeks of a clock that the test moves, restarted on the same folder.</summary>
public sealed class PolicyRecorderTests : IAsyncDisposable
{
    private const string Host = "mta-sts.example.com";

    private readonly FakeTimeProvider _time = new(Start);
    private readonly IssuingTime _clock;
    private AppFixture? _app;

    public PolicyRecorderTests() => _clock = new IssuingTime(_time);

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Retirement_DomainRemoved_StaysAsNoneOverRestartsUntilEveryCopyHasRunOut()
    {
        await StartAsync(Domain("enforce", maxAge: 3 * Week));
        await AdvanceToAsync(7);
        Accept(Domain("enforce", maxAge: Week));
        await SeeNoOldIdAsync();
        await AdvanceToAsync(10);
        Accept("{}"); // the copies of a week end on day 17, those of three weeks on day 28

        await AssertRetiredAsync(28);
        await SeeNoOldIdAsync();
        await RestartAsync(12);
        await AssertRetiredAsync(28);
        await AdvanceToAsync(17.5);
        await AssertRetiredAsync(28);
        await RestartAsync(27.9);
        await AssertRetiredAsync(28);
        await AdvanceToAsync(28.1);

        await AssertGoneAsync();
        await _app!.Log.LineAsync("example.com is no longer served: no sender holds its policy any more");
        await RestartAsync(29);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync());
    }

    [Fact]
    public async Task Retirement_RemovedWhileTheHostWasDown_IsServedFromTheFirstRequestOn()
    {
        await StartAsync(Domain("enforce"));
        await AdvanceToAsync(3);
        await RestartAsync(5, "{}");

        // For an hour, and so senders may hold it from then on.
        Assert.Contains("mode: enforce", await PolicyAsync(), StringComparison.Ordinal);
        await AssertRetiredAsync(12);
        await _app!.Log.LineAsync("example.com was removed; mode none is served until");
    }

    [Theory]
    [InlineData("")]
    [InlineData(""", "Id": "fixed" """)]
    public async Task Retirement_ReplacedWhileTheHostWasDownAndRemovedSoonAfter_StillCounts(string id)
    {
        string Own(string mode) => Domain(mode).Replace("] }", "]" + id + "}", StringComparison.Ordinal);
        await StartAsync(Own("enforce"));
        await AdvanceToAsync(3);
        await RestartAsync(4, Own("none"));
        Accept("{}");

        await AssertRetiredAsync(10);
    }

    [Fact]
    public async Task Retirement_DownForLongerThanMaxAge_IsNotGivenUpBeforeDnsIsSeenWithoutItsId()
    {
        await StartAsync(Domain("enforce"));
        await RestartAsync(8, "{}");

        await AssertRetiredAsync(15);
        await SeeNoOldIdAsync();
        await AdvanceToAsync(15.1);
        await AssertGoneAsync();
    }

    /// <summary>Some senders carry on with the TXT record alone.</summary>
    [Fact]
    public async Task Retirement_OldIdStaysInDns_IsNeverSafeNorGivenUpUntilMaxAgeAfterItHasLeft()
    {
        await StartAsync(Domain("enforce"));
        await AdvanceToAsync(1);
        Accept("{}");
        await AssertRetiredAsync(8);
        Note(SeenRecord.Other);
        await AdvanceToAsync(30);
        Note(SeenRecord.Other);
        await AdvanceToAsync(40);
        Note(SeenRecord.Unknown);
        await RestartAsync(50);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
        Assert.Equal("removed", (await RetirementAsync()).State);
        Assert.Contains("has not been looked up since", await _app!.GetTextAsync(_app.Management, "/health"), StringComparison.Ordinal);
        await AdvanceToAsync(50.1);
        await SeeNoOldIdAsync();
        await RestartAsync(56.9);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
        await AdvanceToAsync(57.2);
        await AssertGoneAsync();
    }

    [Fact]
    public async Task Retirement_NoneWhileTheOldIdIsInDns_IsNotSafeToRemove()
    {
        await StartAsync(Domain("enforce"));
        await AdvanceToAsync(2);
        Accept(Domain("none", maxAge: 86_400));
        await SeeNoOldIdAsync();
        Note(SeenRecord.Other); // published again
        await EventuallyAsync(async () => (await HistoryAsync(2)).IsOldIdInDns, "it is seen");
        await AdvanceToAsync(20);

        Assert.Equal("retiring", (await RetirementAsync()).State);
        await SeeNoOldIdAsync();
        Assert.Equal(("retiring", true), ((await RetirementAsync()).State, (await RetirementAsync()).At > Day(26.9)));
    }

    [Fact]
    public async Task Retirement_None_TellsHowLongAndThenThatItIsSafe()
    {
        await StartAsync(Domain("enforce"));
        await AdvanceToAsync(2);
        Accept(Domain("none", maxAge: 86_400));
        await ReadyAsync();
        await SeeNoOldIdAsync();

        Assert.Equal(("retiring", Day(9)), await RetirementAsync());
        await RestartAsync(8.9);
        Assert.Equal(("retiring", Day(9)), await RetirementAsync());
        await AdvanceToAsync(9);
        Assert.Equal(("safe-to-remove", Day(9)), await RetirementAsync());
        Accept("{}");
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync());
    }

    [Fact]
    public async Task Forget_WhileTheServiceRuns_IsNoticedAndOutlivesARestart()
    {
        await StartAsync(Domain("enforce"));
        await AdvanceToAsync(1);
        Accept("{}");
        await AssertRetiredAsync(8);

        await _app!.Service<IPolicyHistory>().ForgetDomainsAsync(["example.com"], TestContext.Current.CancellationToken);

        await EventuallyAsync(async () => await StatusAsync() == HttpStatusCode.NotFound, "it is gone");
        await _app.Log.LineAsync("example.com was forgotten (history forget) and is no longer served");
        await RestartAsync(2);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync());
        Assert.Empty(await _app.Service<IPolicyHistory>().ListForgottenAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task SafeChangeClock_PolicyReplaced_CountsFromItsLastServingOverRestarts()
    {
        await StartAsync(Domain("enforce"));
        await AdvanceToAsync(4);
        Accept(Domain("enforce", mx: "new.example.com"));
        Assert.Equal([Day(11)], (await HistoryAsync(2)).Cached.Select(cached => cached.Until));
        await SeeNoOldIdAsync();

        await RestartAsync(6);
        await RestartAsync(10.99);
        Assert.Equal([Day(11)], (await HistoryAsync(2)).Cached.Select(cached => cached.Until));
        await AdvanceToAsync(11);
        Assert.Empty((await HistoryAsync(2)).Cached);
    }

    [Fact]
    public async Task Killed_OverWeeks_BothClocksGoOnFromWhatWasWrittenDown()
    {
        await StartAsync(Domain("enforce", maxAge: 3 * Week));
        await AdvanceToAsync(7);
        Accept(Domain("enforce", mx: "new.example.com"));
        await SeeNoOldIdAsync();
        await AdvanceToAsync(10);
        await EventuallyAsync(async () => (await HistoryAsync(2)).InForce!.LastServed >= Day(10), "it is noted that it is served");

        await KillAsync(12, Domain("enforce", mx: "new.example.com"));
        var cached = Assert.Single((await HistoryAsync(2)).Cached);
        Assert.InRange(cached.Until, Day(28), Day(28) + Retirement.NoteEvery);
        await EventuallyAsync(async () => (await HistoryAsync(2)).InForce!.LastServed >= Day(12), "it is noted that it is served");
        await KillAsync(13, "{}");
        await AssertRetiredAsync(28, "new.example.com");
        await ReadyAsync();
        // Not until it was started again, nor only until it had begun.
        Assert.InRange((await HistoryAsync(3)).Policies.Single(policy => policy
            is { Mode: "enforce", MaxAge: Week, IsInForce: false }).LastServed, Day(13), Day(13.1));
        await SeeNoOldIdAsync();
        await KillAsync(27.9, "{}");
        await AssertRetiredAsync(28, "new.example.com");
        await AdvanceToAsync(28.1);
        await AssertGoneAsync();
    }

    [Fact]
    public async Task History_Fetches_AreNotedWithThePolicy()
    {
        await StartAsync(Domain("enforce"));
        await AdvanceToAsync(1);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
        await AdvanceToAsync(1.01);

        await EventuallyAsync(async () => (await HistoryAsync(1)).Policies[0].LastFetched is { } at
            && at >= Day(1) && at < Day(1.01), "the fetch is noted");
    }

    [Fact]
    public async Task History_FetchesBeforeAChange_AreNotedWithThePolicyThatWasFetched()
    {
        await StartAsync(Domain("enforce"));
        await AdvanceToAsync(1);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
        Accept(Domain("enforce", mx: "new.example.com"));
        await ReadyAsync();
        await AdvanceToAsync(1.01);

        await EventuallyAsync(async () => (await HistoryAsync(2)).Policies[0].LastFetched == Day(1),
            "the fetch is noted with the policy that is served no more");
        Assert.Null((await HistoryAsync(2)).Policies[1].LastFetched);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
        await EventuallyAsync(async () => (await HistoryAsync(2)).Policies[1].LastFetched > Day(1), "and the new one's with it");
        Assert.Equal(Day(1), (await HistoryAsync(2)).Policies[0].LastFetched);
    }

    [Fact]
    public async Task History_PolicyThatStays_IsOneRowThatIsServedUntilNow()
    {
        await StartAsync(Domain("enforce"));
        for (var day = 1; day < 6; day++) await RestartAsync(day);

        var history = await HistoryAsync(1);
        Assert.Equal((Start, Start, true), (history.Policies[0].FirstServed, history.ServedSince!.Value, history.Policies[0].IsInForce));
        await EventuallyAsync(async () => (await HistoryAsync(1)).Policies[0].LastServed >= Day(5), "it is noted that it is served");
    }

    [Fact]
    public async Task Clock_AheadForAMoment_RetiresNothingEarlyAndNothingForYears()
    {
        await StartAsync(Domain("enforce"));
        await AdvanceToAsync(2);
        Accept("{}");
        await AssertRetiredAsync(9);
        await ReadyAsync(); // the store has it
        _clock.WrongBy = TimeSpan.FromDays(4000);
        await EventuallyAsync(async () => (await _app!.Service<IPolicyHistory>()
            .ReadInForceAsync(TestContext.Current.CancellationToken)).ServedUntil > Day(4000), "a round has gone by that clock");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
        _clock.WrongBy = TimeSpan.Zero;

        await AssertRetiredAsync(9);
    }

    [Fact]
    public async Task Clock_BehindAtAStart_IsNotSafeEarly()
    {
        await StartAsync(Domain("enforce"));
        await AdvanceToAsync(20);
        await EventuallyAsync(async () => (await HistoryAsync(1)).Policies[0].LastServed >= Day(20), "it is noted");
        _clock.WrongBy = TimeSpan.FromDays(-3000); // until the network's time is there
        await RestartAsync(20, "{}");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
        await ReadyAsync();
        _clock.WrongBy = TimeSpan.Zero;

        await RestartAsync(20.2);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
        await AssertRetiredAsync(27.2);
    }

    [Fact]
    public async Task Store_Fails_ServesAndSaysSoAndWritesLater()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes of files");
        var configuration = new ConfigurationFixture(Json.With(Domain("enforce"))) { Time = _clock };
        configuration.Folder.Write("data/other.txt", ""); // a folder that others can read
        SetMode(configuration.Folder["data"], UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        _app = await AppFixture.StartAsync(configuration);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
        using (var response = await _app.GetAsync(_app.Management, "/health"))
        using (var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync()))
        {
            Assert.Equal((HttpStatusCode.OK, "Degraded"), (response.StatusCode, json.RootElement.GetProperty("status").GetString()));
            Assert.Contains("can be read by others", json.RootElement.GetProperty("storage").GetProperty("lastError").GetString(),
                StringComparison.Ordinal);
        }

        await _app.Log.LineAsync("The store can't be used");
        Assert.Equal("0", (await _app.MetricsAsync())["mtastshost_store_up"]);
        SetMode(configuration.Folder["data"], UnixFileMode.None);
        await EventuallyAsync(async () => JsonNode.Parse(await _app.GetTextAsync(_app.Management, "/health"))!
            ["storage"]!["lastError"] is null, "it works again");

        await HistoryAsync(1);
        Assert.Equal("1", (await _app.MetricsAsync())["mtastshost_store_up"]);
    }

    [Fact]
    public async Task Gate_HeldDomain_IsHeldOverARestartAndSaysSo()
    {
        await StartAsync(
            """{ "EnforceGate": "Block", "Domains": { "example.com": { "Mode": "testing", "MaxAge": 604800, "Mx": """
                + """[ "mail.example.com" ] } } }""");
        await ReadyAsync();
        const string Enforced =
            """{ "EnforceGate": "Block", "Domains": { "example.com": { "Mode": "enforce", "MaxAge": 604800, "Mx": """
                + """[ "mail.example.com" ] } } }""";
        _app!.Service<MxVerdicts>().Set([(_app.Policies.All[0], new MxVerdict(MxOutcome.Fails, "mail.example.com offers no STARTTLS"))]);
        Accept(Enforced);

        Assert.Contains("mode: testing", await PolicyAsync(), StringComparison.Ordinal);
        var health = await _app.GetTextAsync(_app.Management, "/health");
        Assert.Contains("\"enforce-held\"", health, StringComparison.Ordinal);
        Assert.Contains("mail.example.com offers no STARTTLS", health, StringComparison.Ordinal);
        Assert.Contains("\"status\": \"Degraded\"", health, StringComparison.Ordinal);
        await _app.Log.LineAsync("but held in mode testing (MtaSts:EnforceGate): mail.example.com offers no STARTTLS");
        await RestartAsync(1, Enforced);
        Assert.Contains("mode: testing", await PolicyAsync(), StringComparison.Ordinal);
        _app.Service<MxVerdicts>().Set([(_app.Policies.All[0], new MxVerdict(MxOutcome.Passes, "all is well"))]);

        Assert.Contains("mode: enforce", await PolicyAsync(), StringComparison.Ordinal);
        await _app.Log.LineAsync("example.com is now served in mode enforce");
        await ReadyAsync();
        await RestartAsync(2, Enforced);
        Assert.Contains("mode: enforce", await PolicyAsync(), StringComparison.Ordinal); // it was before
    }

    [Fact]
    public async Task Gate_DomainThatWasGoneBeforeARestartAndComesBackWithIt_IsNotHeld()
    {
        const string Settings =
            """{ "EnforceGate": "Block", "Domains": { "example.com": { "Mode": "enforce", "MaxAge": 604800, "Mx": """
                + """[ "mail.example.com" ] } } }""";
        await StartAsync(Domain("enforce"));
        await AdvanceToAsync(1);
        Accept("{}");

        await RestartAsync(2, Settings);

        Assert.Contains("mode: enforce", await PolicyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_OneDomain_HasItsHistory()
    {
        await StartAsync(Domain("enforce"));
        await AdvanceToAsync(1);
        Accept(Domain("testing", mx: "mail2.example.com"));
        await HistoryAsync(2);

        using var json = JsonDocument.Parse(await _app!.GetTextAsync(_app.Management, "/health?domain=example.com"));
        var domain = json.RootElement.GetProperty("domains")[0];
        var first = domain.GetProperty("history")[0];
        Assert.Equal(
            """
            {"id":"ddcfc28c0c2a59db89ddc447d331ecff","mode":"enforce","maxAge":604800,"mx":["mail.example.com"],"firstServed":"2026-03-01T12:00:00Z","lastServed":"2026-03-02T12:00:00Z","lastFetched":null,"inForce":false,"cachedUntil":"2026-03-09T12:00:00Z"}
            """,
            JsonSerializer.Serialize(first));
        Assert.True(domain.GetProperty("history")[1].GetProperty("inForce").GetBoolean());
        Assert.Equal("""{"state":"active","safeToRemoveAt":null}""", JsonSerializer.Serialize(domain.GetProperty("retirement")));
        Assert.DoesNotContain("\"history\":", await _app.GetTextAsync(_app.Management, "/health"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetches_FromOutside_AreKnownAfterARestart()
    {
        await StartAsync(Domain("enforce"));
        await ReadyAsync();
        var (v4, v6) = (Day(1).ToUnixTimeSeconds(), Day(2).ToUnixTimeSeconds());
        Statistics().NoteFromOutside(AddressFamily.InterNetwork, v4);
        await KillAfterNoteAsync(v4, AddressFamily.InterNetwork);
        Statistics().NoteFromOutside(AddressFamily.InterNetworkV6, v6);
        await KillAfterNoteAsync(v6, AddressFamily.InterNetworkV6);
        Assert.Equal((v4, v6), (Statistics().LastFromOutside(AddressFamily.InterNetwork),
            Statistics().LastFromOutside(AddressFamily.InterNetworkV6)));

        HostStatistics Statistics() =>
            _app!.Service<ServedPolicies>().WithStatistics.TryFind(Host, out var host) ? host.Statistics : new HostStatistics();

        async Task KillAfterNoteAsync(long at, AddressFamily family)
        {
            _time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(at));
            var history = _app!.Service<IPolicyHistory>();
            await EventuallyAsync(async () => (await history.ListOutsideAsync(TestContext.Current.CancellationToken)).Any(fetch =>
                (family == AddressFamily.InterNetwork ? fetch.V4 : fetch.V6)?.ToUnixTimeSeconds() == at), "it is noted");
            await KillAsync((_time.GetUtcNow() - Start).TotalDays, Domain("enforce"));
            await Eventually.IsTrueAsync(() => Statistics().LastFromOutside(family) == at, "it is known");
        }
    }

    [Fact]
    public async Task Store_SharedWithAServiceOfOtherDomains_EachServesItsOwn()
    {
        const string Other =
            """{ "Domains": { "other.example": { "Mode": "enforce", "MaxAge": 604800, "Mx": [ "mx.other.example" ] } } }""";
        await StartAsync(Domain("enforce"));
        await ReadyAsync();
        var path = _app!.Folder["data/mtastshost.db"];
        var configuration = new ConfigurationFixture(Json.With(Other,
            $$"""
            "Storage": { "ConnectionString": "Data Source={{path}}" }
            """)) { Time = _clock };
        await using var other = await AppFixture.StartAsync(configuration);
        await other.Log.LineAsync("The store is shared with another service (");
        Assert.Equal(["other.example"], other.Policies.All.Select(policy => policy.Domain.Value));
        await EventuallyAsync(async () => (await _app.Service<IPolicyHistory>().ReadInForceAsync(TestContext.Current.CancellationToken))
            .InForce.Count == 2, "both are recorded");

        _app = await _app.RestartAsync(); // for hours
        for (var hour = 0; hour < 3; hour++) _time.Advance(TimeSpan.FromHours(1));
        await _app.Log.LineAsync("domains that are left to it: 1, such as other.example");
        Assert.Equal(["example.com"], _app.Policies.All.Select(policy => policy.Domain.Value));
        Assert.Equal(["other.example"], other.Policies.All.Select(policy => policy.Domain.Value));
        var stored = await _app.Service<IPolicyHistory>().ReadInForceAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, stored.InForce.Count);
    }

    [Fact]
    public async Task Store_BackupRenamedIntoPlace_HasWhatIsServedAtOnce()
    {
        await StartAsync(Domain("testing"));
        await ReadyAsync();
        var (path, backup) = (_app!.Folder["data/mtastshost.db"], _app.Folder["data/backup.db"]);
        DamagedStore.Execute(path, $"VACUUM INTO '{backup}'");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(backup, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Accept(Domain("enforce"));
        await ReadyAsync();
        File.Move(backup, path, overwrite: true);

        await ReadyAsync(); // no minute passes
        await _app.Log.LineAsync("The store's file was deleted or replaced");
        await RestartAsync(0.1, "{}");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync()); // it is known that senders may hold it
    }

    private static void SetMode(string folder, UnixFileMode others)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | others);
    }

    private static string Domain(string mode, int maxAge = Week, string mx = "mail.example.com") =>
        $$"""{ "Domains": { "example.com": { "Mode": "{{mode}}", "MaxAge": {{maxAge}}, "Mx": [ "{{mx}}" ] } } }""";

    private async Task StartAsync(string mtaSts) =>
        _app = await AppFixture.StartAsync(new ConfigurationFixture(Json.With(mtaSts)) { Time = _clock });

    private async Task RestartAsync(double day, string? mtaSts = null)
    {
        await ReadyAsync();
        _app = await _app!.RestartAsync(() =>
        {
            if (mtaSts is not null) _app.Folder.Write(ConfigurationSources.FileName, Json.With(mtaSts));
            if (Day(day) > _time.GetUtcNow()) _time.SetUtcNow(Day(day));
        });
    }

    /// <summary>Goes on with the files as kill -9 leaves them at this moment: what the host writes when it stops is not in them.</summary>
    private async Task KillAsync(double day, string mtaSts)
    {
        var files = Directory.EnumerateFiles(_app!.Folder["data"]).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal))
            .ToDictionary(file => file, File.ReadAllBytes);
        _app = await _app.RestartAsync(() =>
        {
            foreach (var file in Directory.EnumerateFiles(_app.Folder["data"]).ToList()) File.Delete(file);
            foreach (var (file, bytes) in files)
            {
                File.WriteAllBytes(file, bytes);
                if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            _app.Folder.Write(ConfigurationSources.FileName, Json.With(mtaSts));
            if (Day(day) > _time.GetUtcNow()) _time.SetUtcNow(Day(day));
        });
    }

    /// <summary>As the reloader does, which checks files in real time.</summary>
    private void Accept(string mtaSts)
    {
        _app!.Folder.Write(ConfigurationSources.FileName, Json.With(mtaSts));
        var loaded = _app.Configuration.Load();
        _app.Live.Accept(ServiceConfiguration.Load(loaded, _app.Live.Current.Configuration, _clock)
            ?? throw new InvalidOperationException(string.Join('\n', loaded.Problems.Errors)));
    }

    private async Task AdvanceToAsync(double day)
    {
        await ReadyAsync();
        _time.SetUtcNow(Day(day));
        await ReadyAsync();
    }

    /// <summary>What is served is what the ledger has as served.</summary>
    private async Task ReadyAsync() => await Eventually.IsTrueAsync(
        async () =>
        {
            var rows = new PolicyRows();
            var inForce = (await _app!.Service<IPolicyHistory>()
                .ReadInForceAsync(TestContext.Current.CancellationToken)).InForce.Select(policy => policy.Key);
            return inForce.ToHashSet().SetEquals(_app.Policies.All.Select(rows.KeyOf));
        },
        "what is served is written down");

    /// <summary>The recorder looks once a minute.</summary>
    private Task EventuallyAsync(Func<Task<bool>> condition, string what) => Eventually.IsTrueAsync(
        async () =>
        {
            if (await condition()) return true;
            _time.Advance(TimeSpan.FromSeconds(10));
            return false;
        },
        what);

    private async Task<DomainHistory> HistoryAsync(int rows)
    {
        IReadOnlyList<StoredPolicy> all = [];
        await Eventually.IsTrueAsync(async () => (all = await _app!.Service<IPolicyHistory>()
            .ListPoliciesAsync(["example.com"], TestContext.Current.CancellationToken)).Count == rows, $"{rows} policies are known");
        return new DomainHistory(all, _clock.GetUtcNow());
    }

    private async Task<(string State, DateTimeOffset? At)> RetirementAsync()
    {
        await ReadyAsync();
        using var json = JsonDocument.Parse(await _app!.GetTextAsync(_app.Management, "/health?domain=example.com"));
        var retirement = json.RootElement.GetProperty("domains")[0].GetProperty("retirement");
        return (retirement.GetProperty("state").GetString()!, retirement.GetProperty("safeToRemoveAt").GetDateTimeOffset());
    }

    /// <summary>As a check does. The TTL of what it replaced is over.</summary>
    private void Note(SeenRecord record) =>
        _app!.Service<RecordSightings>().Note(Seen(_clock.GetUtcNow() - TimeSpan.FromHours(1), record));

    /// <summary>A check finds none of the ids of policies that have ended, and that is written down.</summary>
    private async Task SeeNoOldIdAsync()
    {
        await ReadyAsync();
        Note(SeenRecord.None);
        await EventuallyAsync(async () => (await _app!.Service<IPolicyHistory>()
            .ListPoliciesAsync(["example.com"], TestContext.Current.CancellationToken))
            .All(policy => policy.IsInForce || policy.Mode == "none" || policy.LeftDns is not null), "no old id is in DNS");
    }

    /// <summary>Once a look-up that was made after all copies had expired shows no id of theirs.</summary>
    private Task AssertGoneAsync() => EventuallyAsync(
        async () =>
        {
            _app!.Service<RecordSightings>().Note(Seen(_clock.GetUtcNow()));
            return await StatusAsync() == HttpStatusCode.NotFound;
        },
        "it is gone");

    /// <param name="until">From when its last policy is no longer served.</param>
    private async Task AssertRetiredAsync(double until, string mx = "mail.example.com")
    {
        if (_app!.Policies.All.Single(policy => policy.Host == Host).Removal is { Stage: RemovalStage.Grace })
        {
            await ReadyAsync();
            _time.Advance(Departure.Grace);
            await EventuallyAsync(
                () => Task.FromResult(_app.Policies.All.Single(policy => policy.Host == Host).RetiredUntil is not null),
                "its grace is over");
        }

        Assert.Equal($"version: STSv1\r\nmode: none\r\nmx: {mx}\r\nmax_age: 86400\r\n", await PolicyAsync());
        var served = _app.Policies.All.Single(policy => policy.Host == Host);
        Assert.InRange(served.RetiredUntil!.Value, Day(until), Day(until) + Departure.Grace + (10 * Retirement.NoteEvery));
        var health = await _app.GetTextAsync(_app.Management, "/health");
        Assert.Contains("\"not-safe-to-remove\"", health, StringComparison.Ordinal);
        Assert.Contains("\"status\": \"Degraded\"", health, StringComparison.Ordinal);
    }

    private Task<string> PolicyAsync() => _app!.GetTextAsync(_app.Http, PolicyEndpoint.Path, Host);

    private async Task<HttpStatusCode> StatusAsync()
    {
        using var response = await _app!.GetAsync(_app.Http, PolicyEndpoint.Path, Host);
        return response.StatusCode;
    }
}
