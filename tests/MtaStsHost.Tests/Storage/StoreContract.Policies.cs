using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Storage;

public abstract partial class StoreContract
{
    private const int Week = 604_800;

    private IPolicyHistory Policies => (IPolicyHistory)Store;

    [Fact]
    public async Task RegisterAsync_Names_HaveNumbersThatStay()
    {
        var me = await Policies.RegisterAsync("me", null, Cancel);
        var other = await Policies.RegisterAsync("other", null, Cancel);
        Assert.NotEqual(me, other);
        Assert.Equal(me, await Policies.RegisterAsync("me", null, Cancel));
        Assert.Equal(me, await Policies.RegisterAsync("me elsewhere", me, Cancel));

        var stored = await Policies.ReadInForceAsync(Cancel);
        Assert.Equal([(me, "me elsewhere"), (other, "other")],
            stored.Services.OrderBy(one => one.Value).Select(one => (one.Key, one.Value)));
    }

    [Fact]
    public async Task ReadInForceAsync_NewStore_HasNothing()
    {
        var state = await Policies.ReadInForceAsync(Cancel);

        Assert.Empty(state.InForce);
        Assert.Null(state.ServedUntil);
    }

    [Fact]
    public async Task RecordAsync_Begun_IsInForceAndKeptWhole()
    {
        await BeginAsync(Served("a.example", "one", mode: "enforce"), Served("b.example", "two"));
        await Policies.NoteServedAsync(Start.AddHours(1), [], Cancel);

        var state = await Policies.ReadInForceAsync(Cancel);
        Assert.Equal(
            [new PolicyInForce(Key("a.example", "one"), "enforce"), new PolicyInForce(Key("b.example", "two"), "testing")],
            state.InForce.OrderBy(policy => policy.Key.Domain, StringComparer.Ordinal));
        Assert.Equal(Start.AddHours(1), state.ServedUntil);
        var row = Assert.Single(await ListAsync("a.example"));
        Assert.Equal(Served("a.example", "one", mode: "enforce") with { LastServed = Start.AddHours(1) }, row);
    }

    [Fact]
    public async Task RecordAsync_Ended_KeepsWhenItWasLastServed()
    {
        await BeginAsync(Served("a.example", "one"));
        await Policies.RecordAsync([Served("a.example", "two") with { FirstServed = Start.AddDays(1), Since = Start.AddDays(1) }],
            [Key("a.example", "one")], Start.AddDays(1), Cancel);
        await Policies.NoteServedAsync(Start.AddDays(2), [], Cancel);

        var rows = await ListAsync("a.example");
        Assert.Equal([("one", false, Start.AddDays(1)), ("two", true, Start.AddDays(2))],
            rows.Select(row => (row.Key.Id, row.IsInForce, row.LastServed)));
        Assert.Equal(Key("a.example", "two"), Assert.Single((await Policies.ReadInForceAsync(Cancel)).InForce).Key);
    }

    [Fact]
    public async Task RecordAsync_BegunAgain_IsInForceAndKeepsItsFirstServing()
    {
        await BeginAsync(Served("a.example", "one"));
        await Policies.RecordAsync([], [Key("a.example", "one")], Start.AddDays(1), Cancel);
        // another host too
        for (var day = 2; day < 4; day++) await BeginAsync(Served("a.example", "one")
            with { FirstServed = Start.AddDays(day), Since = Start.AddDays(day) });

        var row = Assert.Single(await ListAsync("a.example"));
        Assert.Equal((Start, Start.AddDays(2), Start.AddDays(2), true), (row.FirstServed, row.Since, row.LastServed, row.IsInForce));
    }

    [Fact]
    public async Task RecordAsync_EndedTwice_KeepsTheLaterTime()
    {
        await BeginAsync(Served("a.example", "one"));
        await Policies.RecordAsync([], [Key("a.example", "one")], Start.AddDays(2), Cancel);
        await Policies.RecordAsync([], [Key("a.example", "one")], Start.AddDays(1), Cancel); // another host, which was slower to write

        Assert.Equal(Start.AddDays(2), Assert.Single(await ListAsync("a.example")).LastServed);
    }

    [Fact]
    public async Task RecordAsync_SameIdForAnotherText_AreTwoRows()
    {
        await BeginAsync(Served("a.example", "fixed"));
        await BeginAsync(Served("a.example", "fixed")
            with { Key = new PolicyKey("a.example", "fixed", "other"), FirstServed = Start.AddDays(1), Since = Start.AddDays(1) });

        Assert.Equal(["of fixed", "other"], (await ListAsync("a.example")).Select(row => row.Key.Digest));
    }

    [Fact]
    public async Task NoteServedAsync_Fetched_IsKeptForThatPolicyAlone()
    {
        await BeginAsync(Served("a.example", "one"), Served("a.example", "two"), Served("b.example", "one"));
        await Policies.NoteServedAsync(Start.AddHours(1),
            [new LastFetch(Key("a.example", "two"), Start.AddMinutes(5)), new LastFetch(Key("gone.example", "x"), Start)], Cancel);

        Assert.Equal([("one", null), ("two", (DateTimeOffset?)Start.AddMinutes(5))],
            (await ListAsync("a.example")).Select(row => (row.Key.Id, row.LastFetched)).Order());
        Assert.Null(Assert.Single(await ListAsync("b.example")).LastFetched);
    }

    [Fact]
    public async Task ListCachedAsync_Ended_UntilItsMaxAgeIsOver()
    {
        await BeginAsync(Served("a.example", "one"), Served("b.example", "two"),
            Served("none.example", "three", mode: "none"), Served("inforce.example", "four"));
        await Policies.RecordAsync([], [Key("a.example", "one"), Key("b.example", "two"), Key("none.example", "three")],
            Start.AddDays(1), Cancel);
        await BeginAsync(Served("a.example", "month") with { MaxAge = 30 * 86_400 });
        await Policies.RecordAsync([], [Key("a.example", "month")], Start.AddDays(2), Cancel);
        Assert.Equal(["a.example", "b.example"], await CachedAsync(Start.AddDays(500))); // their ids may be in DNS

        await Policies.NoteLeftDnsAsync([new("a.example", "one", Start), new("a.example", "month", Start), new("b.example", "two", Start),
            new("inforce.example", "four", Start)], Cancel);
        Assert.Equal(["a.example", "b.example"], await CachedAsync(Start.AddDays(8).AddMilliseconds(-1)));
        Assert.Equal(["a.example"], await CachedAsync(Start.AddDays(8)));
        Assert.Empty(await CachedAsync(Start.AddDays(32)));
        await Policies.NoteLeftDnsAsync([new("a.example", "one", Start.AddDays(26)), new("b.example", "two", null)], Cancel);
        Assert.Equal(["a.example", "b.example"], await CachedAsync(Start.AddDays(32)));
        Assert.Equal(["b.example"], await CachedAsync(Start.AddDays(33)));
        Assert.Null(Assert.Single(await ListAsync("inforce.example")).LeftDns);
    }

    [Fact]
    public async Task NoteLeftDnsAsync_PolicyThatComesBackAndEndsAgain_CountsAsInDns()
    {
        await BeginAsync(Served("a.example", "one"));
        await Policies.RecordAsync([], [Key("a.example", "one")], Start.AddDays(1), Cancel);
        await Policies.NoteLeftDnsAsync([new("a.example", "one", Start.AddDays(2))], Cancel);
        Assert.Equal(Start.AddDays(2), Assert.Single(await ListAsync("a.example")).LeftDns);

        await BeginAsync(Served("a.example", "one"));
        await Policies.RecordAsync([], [Key("a.example", "one")], Start.AddDays(3), Cancel);

        Assert.Null(Assert.Single(await ListAsync("a.example")).LeftDns);
    }

    [Fact]
    public async Task ForgetDomainsAsync_SomeDomains_LeavesTheOthersAndSaysSoUntilItIsNoted()
    {
        await BeginAsync(Served("a.example", "one"), Served("a.example", "two"), Served("b.example", "one"));

        await Policies.ForgetDomainsAsync(["a.example"], Cancel);
        await Policies.ForgetDomainsAsync(["a.example"], Cancel);

        Assert.Empty(await ListAsync("a.example"));
        Assert.Single(await ListAsync("b.example"));
        Assert.Equal(["a.example"], await Policies.ListForgottenAsync(Cancel));
        await Policies.NoteForgottenAsync(["a.example"], Cancel);
        Assert.Empty(await Policies.ListForgottenAsync(Cancel));
    }

    [Fact]
    public async Task NoteRemovedAsync_ActivePolicy_IsKeptUntilItEndsOrItsDomainComesBack()
    {
        await BeginAsync(Served("a.example", "one"), Served("b.example", "one"));
        await Policies.NoteRemovedAsync([new(Key("a.example", "one"), Start.AddDays(1))], Cancel);
        Assert.Equal([("a.example", Start.AddDays(1)), ("b.example", (DateTimeOffset?)null)], await RemovedAsync());

        await Policies.NoteRemovedAsync([new(Key("a.example", "one"), null)], Cancel);

        Assert.Equal([("a.example", null), ("b.example", (DateTimeOffset?)null)], await RemovedAsync());

        async Task<IEnumerable<(string, DateTimeOffset?)>> RemovedAsync() => (await Policies.ReadInForceAsync(Cancel)).InForce
            .Select(policy => (policy.Key.Domain, policy.RemovedAt)).Order();
    }

    [Fact]
    public async Task ForgetPoliciesAsync_LastCopyRanOut_TakesThatOneOut()
    {
        await BeginAsync(Served("a.example", "one"), Served("a.example", "two"), Served("a.example", "inforce"));
        await Policies.RecordAsync([], [Key("a.example", "one")], Start.AddDays(1), Cancel);
        await Policies.RecordAsync([], [Key("a.example", "two")], Start.AddDays(2), Cancel);
        Assert.Equal(0, await Policies.ForgetPoliciesAsync(Start.AddDays(8), Cancel)); // its id may be in DNS
        await Policies.NoteLeftDnsAsync([new("a.example", "one", Start), new("a.example", "two", Start)], Cancel);

        Assert.Equal(1, await Policies.ForgetPoliciesAsync(Start.AddDays(8), Cancel));
        Assert.Equal(["inforce", "two"], (await ListAsync("a.example")).Select(row => row.Key.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Policies_ManyDomains_AreAllKeptAndFound()
    {
        var all = Enumerable.Range(0, 1234).Select(number => Served($"d{number:0000}.example", "one")).ToList();
        await BeginAsync([.. all]);
        await Policies.NoteServedAsync(Start.AddHours(1), [.. all.Select(policy => new LastFetch(policy.Key, Start.AddMinutes(1)))],
            Cancel);
        await Policies.RecordAsync([], [.. all.Skip(1).Select(policy => policy.Key)], Start.AddDays(1), Cancel);

        Assert.Equal("d0000.example", Assert.Single((await Policies.ReadInForceAsync(Cancel)).InForce).Key.Domain);
        Assert.Equal(1233, (await Policies.ListCachedAsync(Start.AddDays(1), Cancel)).Count);
        var rows = await Policies.ListPoliciesAsync([.. all.Select(policy => policy.Key.Domain)], Cancel);
        Assert.Equal(all.Select(policy => policy.Key), rows.Select(row => row.Key));
        Assert.All(rows, row => Assert.Equal(Start.AddMinutes(1), row.LastFetched));
    }

    [Fact]
    public async Task Policies_AnotherProcess_FindsThem()
    {
        await BeginAsync(Served("a.example", "one"));

        await using var other = Create(Clock);
        Assert.Single((await ((IPolicyHistory)other).ReadInForceAsync(Cancel)).InForce);
    }

    private static PolicyKey Key(string domain, string id) => new(domain, id, "of " + id);

    private static StoredPolicy Served(string domain, string id, string mode = "testing") =>
        new(Key(domain, id), $"version: STSv1\r\nmode: {mode}\r\nmx: mail.{domain}\r\nmax_age: {Week}\r\n",
            mode, Week, Start, Start, Start, true, null);

    private Task BeginAsync(params StoredPolicy[] policies) => Policies.RecordAsync(policies, [], Start, Cancel);

    private Task<IReadOnlyList<StoredPolicy>> ListAsync(string domain) => Policies.ListPoliciesAsync([domain], Cancel);

    private async Task<string[]> CachedAsync(DateTimeOffset now) =>
        [.. (await Policies.ListCachedAsync(now, Cancel)).Select(cached => cached.Domain).Order(StringComparer.Ordinal)];
}
