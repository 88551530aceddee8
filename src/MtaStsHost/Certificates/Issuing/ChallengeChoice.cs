using Acme;
using MtaStsHost.Storage;
using Authorization = Acme.Authorization;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// Which challenge to use: the one that worked last, otherwise the operator's first, and after each failure the next one. Only one per
/// attempt, since two could fail two authorizations. Pure.
/// </summary>
internal static class ChallengeChoice
{
    public static Challenge? Choose(Authorization authorization, ImmutableArray<string> types, CertificateRecord record)
    {
        var offered = InOrder(types, record)
            .Select(type => authorization.Challenges.FirstOrDefault(challenge => challenge.Type == type && challenge.Token is not null))
            .OfType<Challenge>()
            .ToList();
        // The CA is validating it already: RFC 8555 §7.5.1.
        return offered.Find(challenge => challenge.Status == ChallengeStatus.Processing) ?? offered.FirstOrDefault();
    }

    public static IReadOnlyList<string> InOrder(ImmutableArray<string> types, CertificateRecord record)
    {
        var order = types.OrderBy(type => type == record.ChallengeType ? 0 : 1).ToList();
        var failed = (record.Failure?.Asked ?? 0) % order.Count;
        return [.. order.Skip(failed), .. order.Take(failed)];
    }
}
