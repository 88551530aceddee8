using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Storage;

/// <content>Attempts that are made earlier than planned.</content>
public abstract partial class StoreContract
{
    [Fact]
    public async Task RetryChangedAsync_FailedUnderOtherSettings_IsDueNowWithoutItsFailure()
    {
        await PutFailedAsync(A, "other");
        await PutFailedAsync(B, "now");
        await PutFailedAsync(C, null);

        Assert.Equal(new Retries(Failed: 2, OtherCa: 0), await Store.RetryChangedAsync([Ca], ["now", "limits"], Cancel));
        Assert.Equal((Start, null), (await DueAsync(A), (await Store.FindAsync(A, Cancel))!.Failure));
        Assert.Equal((Start, null), (await DueAsync(C), (await Store.FindAsync(C, Cancel))!.Failure));
        Assert.Equal(Start.AddHours(1), await DueAsync(B));
        Assert.NotNull((await Store.FindAsync(B, Cancel))!.Failure);
        // As first orders, not as failed ones.
        Assert.Equal([A], await ClaimAsync(most: 1));
    }

    [Fact]
    public async Task RetryChangedAsync_CertificateOfAnotherCa_IsDueNowUnlessItsRenewalHasFailed()
    {
        await PutAsync(A, record => record with { Certificate = Certificate(), DueAt = Start.AddDays(60) });
        await PutAsync(B, record => record with
        {
            Certificate = Certificate(), Failure = Failure() with { Basis = "now" }, DueAt = Start.AddDays(1),
        });

        Assert.Equal(default, await Store.RetryChangedAsync(["https://fallback.example/", Ca], ["now"], Cancel));
        Assert.Equal(new Retries(Failed: 0, OtherCa: 1), await Store.RetryChangedAsync(["https://new.example/"], ["now"], Cancel));
        Assert.Equal((Start, Start.AddDays(1)), (await DueAsync(A), await DueAsync(B)));
        Assert.Equal(Certificate(), (await Store.FindAsync(A, Cancel))!.Certificate);
    }

    [Fact]
    public async Task RetryChangedAsync_PacedAndParked_PacedOnesAreDueNow()
    {
        await PutAsync(A, record => record with { DueAt = Start.AddHours(3) });
        await PutFailedAsync(B, "other");
        await Store.ParkAsync([B], Cancel);
        var before = await Store.GetRevisionAsync(Cancel);

        Assert.Equal(default, await Store.RetryChangedAsync([Ca], [], Cancel));
        Assert.Equal(Start, await DueAsync(A));
        Assert.Null(await DueAsync(B));
        Assert.Equal(before + 1, await Store.GetRevisionAsync(Cancel));
        await Store.RetryChangedAsync([Ca], [], Cancel);
        Assert.Equal(before + 1, await Store.GetRevisionAsync(Cancel));
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(-40, 0)]
    [InlineData(-10, 20)]
    public async Task RetrySoonAsync_Failed_IsDueThatLongAfterTheCaWasAsked(int? asked, int due)
    {
        DateTimeOffset? at = asked is { } minutes ? Start.AddMinutes(minutes) : null;
        await PutAsync(A, record => record with { Failure = Failure() with { AskedAt = at }, DueAt = Start.AddHours(1) });

        Assert.True(await Store.RetrySoonAsync(A, ["network"], TimeSpan.FromMinutes(30), Cancel));
        Assert.Equal(Start.AddMinutes(due), await DueAsync(A));
        Assert.NotNull((await Store.FindAsync(A, Cancel))!.Failure);
    }

    [Fact]
    public async Task RetrySoonAsync_OtherKindOrSoonerOrParkedOrUnknown_StaysAsItIs()
    {
        await PutAsync(A, record => record with { Failure = Failure() with { AskedAt = Start }, DueAt = Start.AddMinutes(5) });
        await PutAsync(B, record => record with { Certificate = Certificate(), DueAt = Start.AddDays(5) });
        await PutFailedAsync(C, "now");
        await Store.ParkAsync([C], Cancel);
        var before = await Store.GetRevisionAsync(Cancel);

        Assert.False(await Store.RetrySoonAsync(A, ["network"], TimeSpan.FromMinutes(30), Cancel));
        Assert.False(await Store.RetrySoonAsync(A, ["preflight"], TimeSpan.Zero, Cancel));
        Assert.False(await Store.RetrySoonAsync(B, ["network"], TimeSpan.Zero, Cancel));
        Assert.False(await Store.RetrySoonAsync(C, ["network"], TimeSpan.Zero, Cancel));
        Assert.False(await Store.RetrySoonAsync("mta-sts.unknown.example", ["network"], TimeSpan.Zero, Cancel));
        Assert.Equal(before, await Store.GetRevisionAsync(Cancel));
    }

    private Task PutFailedAsync(string host, string? basis) => PutAsync(host, record => record with
    {
        Failure = Failure() with { Basis = basis, AskedAt = Start }, DueAt = Start.AddHours(1),
    });
}
