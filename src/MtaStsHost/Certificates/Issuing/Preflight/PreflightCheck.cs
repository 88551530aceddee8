using Acme;
using MailRecords;
using MtaStsHost.Network;

namespace MtaStsHost.Certificates.Issuing.Preflight;

/// <summary>
/// Looks, before the CA is asked, for what is certain to fail: a failed authorization counts against the CA's limits. A check that can't
/// be made is no reason not to ask.
/// </summary>
/// <param name="resolver">Asked each time, since a reload may bring another.</param>
internal sealed class PreflightCheck(Func<IResolver> resolver, SelfCheck self, PreflightPorts ports, TimeProvider time)
{
    /// <summary>A name with more addresses than that is not looked at further: a CA doesn't try more either.</summary>
    private const int MaxAddresses = 8;

    private readonly PortProbe _probe = new(self, ports, time);

    /// <param name="host">A-labels, without a trailing dot.</param>
    /// <param name="caaIdentities">The CA's names in CAA records, from its directory; may be empty.</param>
    /// <param name="challengeType"><c>http-01</c> or <c>tls-alpn-01</c>.</param>
    /// <param name="accountUrl">For CAA's <c>accounturi</c> (RFC 8657 §3).</param>
    /// <returns><c>null</c> when nothing is certain to fail.</returns>
    public async Task<PreflightFinding?> CheckAsync(string host, IReadOnlyList<string> caaIdentities,
        string challengeType, string accountUrl, CancellationToken cancellationToken)
    {
        var dns = resolver();
        return await CheckAddressesAsync(dns, host, cancellationToken)
            ?? await CheckCaaAsync(dns, host, new CaaRequest(caaIdentities, [challengeType], accountUrl), cancellationToken);
    }

    /// <summary>
    /// What may have made a challenge fail, seen from here, for the message; <c>null</c> when nothing is odd or nothing can be seen. Never
    /// certain: a router may not lead its own public address back to where it leads others.
    /// </summary>
    /// <inheritdoc cref="CheckAsync"/>
    public async Task<PreflightFinding?> ExplainAsync(string host, string challengeType, CancellationToken cancellationToken)
    {
        if (challengeType is not (Challenge.Http01 or Challenge.TlsAlpn01)) return null;
        var addresses = await KnownOrNullAsync(() => resolver().AddressesAsync(host, cancellationToken).AsTask());
        if (addresses is null) return null;
        var isHttp = challengeType == Challenge.Http01;
        var seen = await Task.WhenAll(addresses.Distinct().Take(MaxAddresses).Select(address =>
            isHttp ? _probe.HttpAsync(host, address, cancellationToken) : _probe.TlsAsync(address, cancellationToken)));
        var odd = seen.OfType<string>().ToList();
        if (odd.Count == 0) return null;
        var remedy = isHttp
            ? $"let {Challenge.Http01Path} on port {ports.Http} of each address lead to this host's Http endpoint, or take the address "
                + $"out of DNS"
            : $"let port {ports.Tls} of each address lead to this host's Https endpoint, or take the address out of DNS";
        return new($"seen from here, {string.Join(", ", odd)}", remedy);
    }

    private static async Task<PreflightFinding?> CheckAddressesAsync(IResolver dns, string host, CancellationToken cancellationToken) =>
        await KnownOrNullAsync(() => dns.AddressesAsync(host, cancellationToken).AsTask()) is { Length: 0 }
            ? new($"{host} has no address in DNS", $"publish {host} CNAME with the name of this host, or A and AAAA with its addresses")
            : null;

    private static async Task<PreflightFinding?> CheckCaaAsync(IResolver dns,
        string host, CaaRequest request, CancellationToken cancellationToken) =>
        // Without a name of its own in them, the CA may take any.
        request.CaaIdentities.Count == 0 ? null
            : await KnownOrNullAsync(() => CaaLookup.CheckAsync(host, request, dns, cancellationToken));

    private static async Task<T?> KnownOrNullAsync<T>(Func<Task<T>> ask)
        where T : class?
    {
        try
        {
            return await ask();
        }
        catch (ResolutionException)
        {
            // The CA asks other servers, and may well get an answer.
            return null;
        }
    }
}
