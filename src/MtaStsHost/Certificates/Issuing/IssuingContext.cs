using Acme;
using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>What every order needs, whichever CA it is made at.</summary>
/// <param name="Owner">Of the leases.</param>
internal sealed record IssuingContext(
    string Owner, IStore Store, OpenChallenges Challenges, PreflightCheck Preflight, IssuingCounters Counters, TimeProvider Time)
{
    /// <summary>Makes the client of a CA; tests put a CA of their own behind it.</summary>
    /// <exception cref="IssuanceException">The file with the CA's roots can't be used.</exception>
    public Func<AuthoritySettings, TimeProvider, AcmeClient> Connect { get; init; } = CertificateAuthority.CreateClient;
}

/// <summary>The limit of orders at a CA is reached; nothing has failed.</summary>
internal sealed class OrderPacedException(DateTimeOffset until) : Exception($"no more orders until {until:u}")
{
    public DateTimeOffset Until { get; } = until;
}
