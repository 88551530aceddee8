using MailRecords;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mail;

/// <summary>Whether the configured CAs may issue for a policy host, RFC 8659. At most one query for each label of the host's name and each
/// CA.</summary>
internal static class CaaCheck
{
    public const string Forbids = "caa-forbids";

    private const string Rfc = "RFC 8659 §3";

    /// <param name="host">The policy host; A-labels, without a trailing dot.</param>
    /// <param name="authorities">In the order in which they are tried; empty: nothing is ordered, and so nothing forbidden.</param>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(string host,
        IReadOnlyList<CaaAuthority> authorities, IResolver resolver, CancellationToken cancellationToken)
    {
        var judged = await Task.WhenAll(authorities.Select(authority => CheckAsync(host, authority, resolver, cancellationToken)));
        if (Array.TrueForAll(judged, IsForbidden)) return [.. judged.SelectMany(each => each)];
        // One CA that may issue is enough. The first that may not costs each order an attempt; a fallback is asked only when those before
        // it fail.
        return [.. judged.SelectMany((each, place) => IsForbidden(each)
            ? each.Select(finding => Excuse(finding, authorities[place].Name, place == 0)) : each)];
    }

    private static bool IsForbidden(IReadOnlyList<Finding> findings) => findings.Any(finding => finding.Severity == FindingSeverity.Error);

    private static Finding Excuse(Finding finding, string authority, bool isFirst) => finding with
    {
        Severity = isFirst ? FindingSeverity.Warning : FindingSeverity.Info,
        Message = $"{(isFirst ? authority : $"the fallback {authority}")} is asked in vain: {finding.Message}",
    };

    private static async Task<IReadOnlyList<Finding>> CheckAsync(string host,
        CaaAuthority authority, IResolver resolver, CancellationToken cancellationToken) =>
        authority.Request is { } request
            ? await CheckAsync(host, request, resolver, cancellationToken)
            : [new Finding(Forbids, FindingSeverity.Unknown,
                $"whether the CAA records of {host} permit {authority.Name} is not known: {authority.Fault}",
                "see that the CA's directory can be reached from here", Rfc)];

    /// <param name="host">The policy host; A-labels, without a trailing dot.</param>
    /// <param name="request">Without identities of the CA nothing can be judged, and nothing is found.</param>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(string host,
        CaaRequest request, IResolver resolver, CancellationToken cancellationToken)
    {
        if (request.CaaIdentities.Count == 0) return [];
        try
        {
            return await CaaLookup.CheckAsync(host, request, resolver, cancellationToken) is { } finding
                ? [new Finding(Forbids, FindingSeverity.Error, $"no certificate for {host}: {finding.What}", finding.Remedy, Rfc)]
                : [];
        }
        catch (ResolutionException e)
        {
            return [Texts.Unknown(Forbids, $"the CAA records of {host}", e, Rfc)];
        }
    }
}
