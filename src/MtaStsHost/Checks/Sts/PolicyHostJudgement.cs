using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Serving;

namespace MtaStsHost.Checks.Sts;

/// <summary>A fetch from one address: the policy or the failure.</summary>
/// <param name="IsReachedByOthers">It could not be reached from here, and senders do fetch the policy there.</param>
internal sealed record PolicyFetch(IPAddress Address, FetchedPolicy? Policy, PolicyFetchException? Failure, bool IsReachedByOthers = false);

/// <summary>What failed fetches mean for senders.</summary>
internal static class PolicyHostJudgement
{
    /// <param name="isWanted">Whether there should be a policy. If not, only senders that know an old one go there.</param>
    /// <param name="isNew">Whether its first policy is still to be deployed: until then, a failure is not a fault.</param>
    /// <param name="isServedHere">Whether it is this service that serves the policy.</param>
    /// <returns>One finding for each kind of failure, with the addresses that have it.</returns>
    public static IEnumerable<Finding> Judge(DomainName domain, IReadOnlyList<PolicyFetch> fetches,
        bool isWanted, bool isNew = false, bool isServedHere = false)
    {
        var works = fetches.Any(fetch => fetch.Policy is not null || fetch.IsReachedByOthers);
        foreach (var failures in fetches.Where(fetch => fetch.Failure is not null)
            .GroupBy(fetch => (CodeOf(fetch.Failure!).Fails.Code, IsOurs: IsOurs(fetch.Failure!), fetch.IsReachedByOthers)))
        {
            var addresses = failures.Select(fetch => fetch.Address.ToString()).ToArray();
            if (failures.Key.IsOurs)
            {
                yield return new(HostFindings.NoRouteFromHere, domain.Value, [addresses]);
                continue;
            }

            // IPv6 addresses are hardly ever translated.
            var kind = CodeOf(failures.First().Failure!, isServedHere
                && failures.Any(fetch => fetch.Address.AddressFamily == AddressFamily.InterNetwork));
            var where = string.Join(", ", addresses);
            var what = Printable.Text(failures.First().Failure!.Message.TrimEnd('.'), 300);
            yield return new(failures.Key.IsReachedByOthers ? HostFindings.NoHairpin
                : works ? kind.FailsInPart : isNew ? kind.FailsBefore : isWanted ? kind.Fails : kind.FailsUnwanted, domain.Value,
                what.Contains(where, StringComparison.Ordinal) ? what : $"{what} (at {where})");
        }
    }

    /// <summary>What known senders make of a valid text.</summary>
    public static IEnumerable<Finding> JudgeText(string domain, FetchedPolicy fetched)
    {
        if (fetched.Body.Length > SenderLimits.VeryLongBody) yield return new(HostFindings.VeryLong, domain, fetched.Body.Length);
        else if (fetched.Body.Length > SenderLimits.LongBody)
            yield return new(HostFindings.Long, domain, fetched.Body.Length, SenderLimits.LongBody);
        foreach (var remark in fetched.Remarks)
        {
            var (effect, remedy) = remark.Kind switch
            {
                PolicyRemarkKind.IdleMx => ("it allows no host", "remove that line, or write the name of the MX host there"),
                PolicyRemarkKind.RepeatedField => ("senders differ on whether the first or the last one counts", "keep only one"),
                PolicyRemarkKind.NoneWithoutMx => ("some senders (chasquid) reject the policy and keep an earlier one",
                    "add the mx lines of the domain"),
                PolicyRemarkKind.RLdhLabel => ("some senders (mox) reject the policy", "give that MX host another name"),
                PolicyRemarkKind.ExtensionWithColon => ("some senders (maddy) reject the policy", "remove that line"),
                _ => ("some senders (postfix-mta-sts-resolver) reject the policy", "remove that line"),
            };
            yield return new(HostFindings.ReadDifferently, domain, remark.ToString(), effect, remedy);
        }
    }

    /// <summary>A missing IPv6 network here is not a fault of the domain. "Host unreachable" is different: firewalls answer so.</summary>
    private static bool IsOurs(PolicyFetchException failure) =>
        failure is { Kind: PolicyFetchFailure.Unreachable,
            InnerException: SocketException { SocketErrorCode: SocketError.NetworkUnreachable or SocketError.AddressFamilyNotSupported } };

    private static FetchFailure CodeOf(PolicyFetchException failure, bool mayBeTranslated = false) => failure.Kind switch
    {
        PolicyFetchFailure.HostNotFound or PolicyFetchFailure.ResolutionFailed => HostFindings.NotFound,
        PolicyFetchFailure.CertificateUntrusted => HostFindings.Untrusted,
        PolicyFetchFailure.CertificateName => HostFindings.WrongName,
        PolicyFetchFailure.CertificateExpired => HostFindings.Expired,
        PolicyFetchFailure.TlsHandshake => HostFindings.Tls,
        PolicyFetchFailure.Redirect => HostFindings.Redirect,
        PolicyFetchFailure.Status when failure.StatusCode is 403 or 429 => HostFindings.Refused,
        PolicyFetchFailure.Status => HostFindings.Status,
        PolicyFetchFailure.Protocol => HostFindings.NotHttp,
        PolicyFetchFailure.MediaType => HostFindings.MediaType,
        PolicyFetchFailure.ContentEncoding => HostFindings.Compressed,
        PolicyFetchFailure.TooLarge => HostFindings.TooLarge,
        PolicyFetchFailure.InvalidPolicy => failure.ParseError switch
        {
            { Kind: PolicyParseErrorKind.BlankLine } => HostFindings.BlankLine,
            { Kind: PolicyParseErrorKind.InvalidMx, EndsWithDot: true } => HostFindings.TrailingDot,
            _ => HostFindings.Invalid,
        },
        PolicyFetchFailure.Timeout or PolicyFetchFailure.ConnectionLost => HostFindings.Silent,
        _ => mayBeTranslated ? HostFindings.UnreachableMaybeNat : HostFindings.Unreachable,
    };
}
