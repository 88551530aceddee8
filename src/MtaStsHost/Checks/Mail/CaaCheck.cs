using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Dns;

namespace MtaStsHost.Checks.Mail;

/// <summary>Whether the configured CA may issue for a policy host, RFC 8659. At most one query for each label of the host's name.</summary>
internal static class CaaCheck
{
    public const string Forbids = "caa-forbids";

    /// <param name="host">The policy host; A-labels, without a trailing dot.</param>
    /// <param name="request">Without identities of the CA nothing can be judged, and nothing is found.</param>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(string host, CaaRequest request, IResolver resolver, CancellationToken cancellationToken)
    {
        if (request.CaaIdentities.Count == 0) return [];
        try
        {
            return await CaaPolicy.JudgeHostAsync(host, request, resolver, cancellationToken) is { } finding
                ? [new Finding(Forbids, FindingSeverity.Error, $"no certificate for {host}: {finding.What}", finding.Remedy, "RFC 8659 §3")]
                : [];
        }
        catch (ResolutionException e)
        {
            return [Texts.Unknown(Forbids, $"the CAA records of {host}", e, "RFC 8659 §3")];
        }
    }
}
