using Acme;
using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>What every order needs, at any CA.</summary>
/// <param name="Owner">The owner of the leases.</param>
/// <param name="Basis">What the outcome of attempts depends on.</param>
internal sealed record IssuingContext(
    string Owner, IStore Store, CertificateIndex Index, OpenChallenges Challenges, PreflightCheck Preflight, CurrentBasis Basis,
    IssuingCounters Counters, TimeProvider Time)
{
    /// <summary>Creates the client of a CA; tests substitute their own.</summary>
    /// <exception cref="IssuanceException">The CA's roots file can't be read.</exception>
    public Func<AuthoritySettings, TimeProvider, AcmeClient> Connect { get; init; } = CertificateAuthority.CreateClient;

    /// <summary>Saves a leased row, or keeps it in memory, under its lease, if its place in the store is damaged: one bad page must not
    /// cost a host its certificate.</summary>
    /// <param name="challenges">All challenges that are open for the host from now on.</param>
    /// <exception cref="StoreException">The store fails as a whole.</exception>
    public async Task SaveAsync(
        CertificateRecord record, IReadOnlyList<StoredChallenge> challenges, bool release, CancellationToken cancellationToken)
    {
        try
        {
            await Store.SaveAsync(record, challenges, Owner, release, cancellationToken);
            Index.Release(record.Host);
        }
        catch (RowDamagedException)
        {
            // The store reports it.
            Index.Keep(record with { Damage = null });
        }
    }
}

/// <summary>The limit of orders at a CA is reached; nothing has failed.</summary>
internal sealed class OrderPacedException(DateTimeOffset until) : Exception($"no more orders until {until:u}")
{
    public DateTimeOffset Until { get; } = until;
}
