using Acme;
using MtaStsHost.Storage;
using Authorization = Acme.Authorization;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// Which challenge to use: the one that worked last, otherwise the operator's first, and after each failure the next one. Only one
/// authorization per attempt, since two could fail. Pure.
/// </summary>
internal static class ChallengeChoice
{
    /// <param name="tried">Types that have failed in this authorization, which stays pending at some CAs.</param>
    /// <returns><c>null</c>: none is left, or the CA offers none.</returns>
    public static Challenge? Choose(
        Authorization authorization, ImmutableArray<string> types, CertificateRecord record, IReadOnlyCollection<string> tried)
    {
        var offered = InOrder(types, record)
            .Where(type => !tried.Contains(type))
            .Select(type => authorization.Challenges.FirstOrDefault(challenge => challenge.Type == type && challenge.Token is not null))
            .OfType<Challenge>()
            // RFC 8555 §7.1.6: an invalid one stays so.
            .Where(challenge => challenge.Status != ChallengeStatus.Invalid)
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
