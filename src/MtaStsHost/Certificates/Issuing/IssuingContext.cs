using Acme;
using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>What every order needs, at any CA.</summary>
/// <param name="Owner">The owner of the leases.</param>
internal sealed record IssuingContext(
    string Owner, IStore Store, OpenChallenges Challenges, PreflightCheck Preflight, IssuingCounters Counters, TimeProvider Time)
{
    /// <summary>Creates the client of a CA; tests substitute their own.</summary>
    /// <exception cref="IssuanceException">The CA's roots file can't be read.</exception>
    public Func<AuthoritySettings, TimeProvider, AcmeClient> Connect { get; init; } = CertificateAuthority.CreateClient;
}

/// <summary>The limit of orders at a CA is reached; nothing has failed.</summary>
internal sealed class OrderPacedException(DateTimeOffset until) : Exception($"no more orders until {until:u}")
{
    public DateTimeOffset Until { get; } = until;
}
