using Acme;
using MailRecords;
using MtaStsHost.Network;

namespace MtaStsHost.Certificates.Issuing.Preflight;

/// <summary>
/// Detects, before an order, what is certain to fail: a failed authorization counts against the CA's limits. A check that can't be made
/// doesn't stop the order.
/// </summary>
/// <param name="resolver">Called each time, since a reload may replace it.</param>
internal sealed class PreflightCheck(Func<IResolver> resolver, SelfCheck self, PreflightPorts ports, TimeProvider time)
{
    /// <summary>A CA doesn't try more addresses of a name either.</summary>
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
        if (await KnownOrNullAsync(() => dns.AddressesAsync(host, cancellationToken).AsTask()) is { Length: 0 })
            return NoAddress(host);
        var request = new CaaRequest(caaIdentities, [challengeType], accountUrl);
        // A CA without CAA names may accept any.
        return caaIdentities.Count == 0 ? null
            : await KnownOrNullAsync(() => CaaLookup.CheckAsync(host, request, dns, cancellationToken));
    }

    /// <summary>
    /// What may have made a challenge fail, as seen from here, for the message; <c>null</c> when nothing is wrong or nothing can be seen.
    /// Never certain: the router may lack hairpin NAT.
    /// </summary>
    /// <inheritdoc cref="CheckAsync"/>
    public async Task<PreflightFinding?> ExplainAsync(string host, string challengeType, CancellationToken cancellationToken)
    {
        if (challengeType is not (Challenge.Http01 or Challenge.TlsAlpn01)) return null;
        var addresses = await KnownOrNullAsync(() => resolver().AddressesAsync(host, cancellationToken).AsTask());
        if (addresses is null) return null;
        if (addresses.Length == 0) return NoAddress(host);
        var isHttp = challengeType == Challenge.Http01;
        var seen = await Task.WhenAll(addresses.Distinct().Take(MaxAddresses).Select(address =>
            isHttp ? _probe.HttpAsync(host, address, cancellationToken) : _probe.TlsAsync(address, cancellationToken)));
        var odd = seen.OfType<string>().ToList();
        if (odd.Count == 0) return null;
        var remedy = isHttp
            ? $"forward {Challenge.Http01Path} on port {ports.Http} of each address to the Http endpoint, or remove the address from DNS"
            : $"forward port {ports.Tls} of each address to the Https endpoint, or remove the address from DNS";
        return new($"seen from here, {string.Join(", ", odd)}", remedy);
    }

    private static PreflightFinding NoAddress(string host) => new($"{host} has no address in DNS",
        $"publish a CNAME for {host} that points to this machine, or A and AAAA records with its addresses");

    private static async Task<T?> KnownOrNullAsync<T>(Func<Task<T>> ask)
        where T : class?
    {
        try
        {
            return await ask();
        }
        catch (ResolutionException)
        {
            // The CA uses other resolvers, and may well get an answer.
            return null;
        }
    }
}

/// <summary>Why the CA refuses, or probably will, and how to fix it.</summary>
internal sealed record PreflightFinding(string What, string Remedy)
{
    public override string ToString() => $"{What}; {Remedy}";
}
