#pragma warning disable CA1822, CA1065, IDE0060 // stub
namespace MtaStsHost.Certificates.Issuing.Preflight;

/// <summary>Why the CA is sure to refuse, and how to mend it.</summary>
internal sealed record PreflightFinding(string What, string Remedy)
{
    public override string ToString() => $"{What}; {Remedy}";
}

/// <summary>
/// Looks, before the CA is asked, for what is certain to fail: a failed authorization counts against the CA's limits. A check that can't
/// be made is no reason not to ask.
/// </summary>
internal sealed class PreflightCheck
{
    /// <param name="caaIdentities">The CA's names in CAA records, from its directory; may be empty.</param>
    /// <param name="challengeType"><c>http-01</c> or <c>tls-alpn-01</c>.</param>
    /// <param name="accountUrl">For CAA's <c>accounturi</c> (RFC 8657 §3).</param>
    /// <returns><c>null</c> when nothing is certain to fail.</returns>
    public Task<PreflightFinding?> CheckAsync(string host, IReadOnlyList<string> caaIdentities, string challengeType, string accountUrl, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>What may have made a challenge fail, seen from here, for the message; <c>null</c> when nothing is odd or nothing can be seen.</summary>
    public Task<PreflightFinding?> ExplainAsync(string host, string challengeType, CancellationToken cancellationToken) => throw new NotImplementedException();
}
