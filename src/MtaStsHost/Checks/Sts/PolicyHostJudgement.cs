using System.Net;
using System.Net.Sockets;
using MtaSts;
using MtaStsHost.Text;

namespace MtaStsHost.Checks.Sts;

/// <summary>A fetch from one address: the policy or the failure.</summary>
/// <param name="IsReachedByOthers">It could not be reached from here, and senders fetch the policy there.</param>
internal sealed record PolicyFetch(IPAddress Address, FetchedPolicy? Policy, PolicyFetchException? Failure, bool IsReachedByOthers = false);

/// <summary>What failed fetches mean for senders.</summary>
internal static class PolicyHostJudgement
{
    private const string Rfc = "RFC 8461 §3.3";

    private const string InnerAddress = "name a resolver in Dns:Resolvers that gives the policy host's address within it";

    /// <param name="isWanted">Whether there should be a policy at all. Without, what is there was left behind: no sender asks it but those
    /// that know an old policy.</param>
    /// <param name="isNew">Whether the policy host is to serve its first policy after a deployment that is to come: until then, nothing
    /// there is a fault.</param>
    /// <param name="isServedHere">Whether it is this host that serves the policy.</param>
    /// <returns>A finding for each kind of failure, with the addresses that have it.</returns>
    public static IEnumerable<Finding> Judge(string host, IReadOnlyList<PolicyFetch> fetches,
        bool isWanted, bool isNew = false, bool isServedHere = false)
    {
        var works = fetches.Any(fetch => fetch.Policy is not null || fetch.IsReachedByOthers);
        foreach (var failures in fetches.Where(fetch => fetch.Failure is not null)
            .GroupBy(fetch => (Code: CodeOf(fetch.Failure!.Kind), IsOurs: IsOurs(fetch.Failure!), fetch.IsReachedByOthers)))
        {
            var (code, isOurs, isReachedByOthers) = failures.Key;
            // Hardly any network translates IPv6 addresses.
            var fix = FixOf(failures.First().Failure!, mayBeTranslated: isServedHere
                && failures.Any(fetch => fetch.Address.AddressFamily == AddressFamily.InterNetwork));
            var where = string.Join(", ", failures.Select(fetch => fetch.Address));
            var what = Printable.Text(failures.First().Failure!.Message.TrimEnd('.'), 300);
            var at = what.Contains(where, StringComparison.Ordinal) ? "" : $" (at {where})";
            if (isOurs)
                yield return new(code, FindingSeverity.Unknown,
                    $"{where} of {host} can't be looked at from here: this machine has no way to it",
                    null, Rfc) { Unseen = Finding.Join(failures.Select(fetch => fetch.Address)) };
            else if (isReachedByOthers)
                yield return new(code, FindingSeverity.Unknown,
                    $"{what}{at}, but senders outside fetch the policy there: this network doesn't lead its own public address back",
                    $"nothing for senders; to have it looked at from here, {InnerAddress}", Rfc) { Settles = code };
            // Most senders go on to the next address, not all, and it costs each of them time.
            else if (works)
                yield return new(code, FindingSeverity.Warning, $"{what}{at}; other addresses of {host} work",
                    fix + ", or take that address out of DNS", Rfc);
            else if (isNew)
                yield return new(code, FindingSeverity.Info, $"{what}{at}, where no policy is served yet",
                    $"deploy this configuration; if this is still so then, {fix}", Rfc);
            else if (!isWanted)
                yield return new(code, FindingSeverity.Warning, $"{what}{at}, and no record says that there is a policy",
                    $"take {host} out of DNS if it was left behind; else {fix}, and publish the record", Rfc);
            else
                yield return new(code, FindingSeverity.Error, $"{what}{at}", fix, Rfc);
        }
    }

    private static string CodeOf(PolicyFetchFailure kind) => kind switch
    {
        PolicyFetchFailure.HostNotFound or PolicyFetchFailure.ResolutionFailed => "host-missing",
        PolicyFetchFailure.TlsHandshake => "host-tls",
        PolicyFetchFailure.CertificateUntrusted or PolicyFetchFailure.CertificateName
            or PolicyFetchFailure.CertificateExpired => "host-certificate",
        PolicyFetchFailure.Redirect => "policy-redirect",
        PolicyFetchFailure.Status or PolicyFetchFailure.Protocol => "policy-status",
        PolicyFetchFailure.MediaType or PolicyFetchFailure.ContentEncoding => "policy-content-type",
        PolicyFetchFailure.TooLarge => "policy-too-large",
        PolicyFetchFailure.InvalidPolicy => "policy-invalid",
        _ => "host-unreachable",
    };

    /// <summary>No IPv6 here, say, is no fault of the domain. A host that is unreachable is another thing: firewalls answer so.</summary>
    private static bool IsOurs(PolicyFetchException failure) =>
        failure is { Kind: PolicyFetchFailure.Unreachable,
            InnerException: SocketException { SocketErrorCode: SocketError.NetworkUnreachable or SocketError.AddressFamilyNotSupported } };

    private static string FixOf(PolicyFetchException failure, bool mayBeTranslated) => failure.Kind switch
    {
        PolicyFetchFailure.CertificateUntrusted => "install a certificate of a public CA, with its whole chain",
        PolicyFetchFailure.CertificateName => "install a certificate for this name; the mail domain's own doesn't do",
        PolicyFetchFailure.CertificateExpired => "renew the certificate, and see why that was not done by itself",
        PolicyFetchFailure.TlsHandshake => "let the server have a certificate for this name, and offer TLS 1.2 or later",
        PolicyFetchFailure.Redirect => "answer with the policy itself; senders must not follow redirects",
        PolicyFetchFailure.Status when failure.StatusCode is 403
            or 429 => "take the bot filter, rate limit or access rule before the policy away",
        PolicyFetchFailure.Status => "serve the policy at /.well-known/mta-sts.txt with status 200",
        PolicyFetchFailure.Protocol => "let an HTTPS server answer there",
        PolicyFetchFailure.MediaType => "send Content-Type: text/plain",
        PolicyFetchFailure.ContentEncoding => "send the policy uncompressed",
        PolicyFetchFailure.TooLarge => "shorten the policy to 64 KiB",
        PolicyFetchFailure.InvalidPolicy => "mend the policy; senders refuse it whole",
        PolicyFetchFailure.Timeout or PolicyFetchFailure.ConnectionLost => "see that the server answers within 2 s",
        PolicyFetchFailure.Unreachable when mayBeTranslated =>
            $"let port 443 of each address lead to this host, or to the proxy before it; if it does so for others, and only this network "
                + $"doesn't lead its own public address back, {InnerAddress}",
        _ => "let port 443 of each address lead to the host that serves the policy",
    };
}
