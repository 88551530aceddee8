using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mail;

/// <summary>Whether the configured CAs may issue for a policy host, RFC 8659. At most one query for each label and CA.</summary>
internal static class CaaCheck
{
    /// <param name="authorities">In the order in which they are tried; empty: nothing is ordered, and so nothing is forbidden.</param>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(DomainName domain,
        IReadOnlyList<CaaAuthority> authorities, IResolver resolver, CancellationToken cancellationToken)
    {
        var judged = await Task.WhenAll(authorities.Select(authority => CheckAsync(domain, authority, resolver, cancellationToken)));
        // One CA that may issue is enough. If the first may not, each order costs an attempt; fallbacks are only used if those before fail.
        return Array.TrueForAll(judged, IsForbidden) ? [.. judged.OfType<Finding>()]
            : [.. judged.Select((finding, place) => !IsForbidden(finding) ? finding
                : new Finding(place == 0 ? CaaFindings.FirstForbids : CaaFindings.FallbackForbids, domain.Value,
                    [authorities[place].Name, .. finding!.Arguments])).OfType<Finding>()];
    }

    private static bool IsForbidden(Finding? finding) => finding?.Descriptor == CaaFindings.Forbids;

    private static async Task<Finding?> CheckAsync(DomainName domain,
        CaaAuthority authority, IResolver resolver, CancellationToken cancellationToken)
    {
        if (authority.Request is not { } request)
            return new(CaaFindings.AuthorityUnknown, domain.Value, authority.Name, authority.Fault);
        if (request.CaaIdentities.Count == 0) return null;
        var (refusal, fault) = await CaaLookup.CheckAsync(PolicyFetcher.HostFor(domain), request, resolver, cancellationToken)
            .OrFaultAsync();
        return fault is not null ? new(CaaFindings.LookupFailed, domain.Value, fault)
            : refusal is not null ? new(CaaFindings.Forbids, domain.Value, refusal.What, refusal.Remedy) : null;
    }
}
