using MailRecords;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mail;

/// <summary>The keys that verify a domain's signatures: DKIM, RFC 6376, RFC 8301 and RFC 8463. DNS doesn't list the selectors, so the
/// configured and the common ones are checked. At most 46 queries per domain, one for each.</summary>
internal static class DkimCheck
{
    /// <summary>RFC 8301 §3.2: verifiers must not take less; signers must have at least this and should have twice of it.</summary>
    private const int MinBits = 1024;

    private const int MaxSelectors = 32;

    /// <summary>What mail servers and large providers use by default.</summary>
    private static readonly string[] s_common = ["default", "selector1",
        "selector2", "google", "dkim", "mail", "k1", "k2", "k3", "s1", "s2", "mx", "smtp", "key1"];

    /// <param name="domain">A-labels, without a trailing dot.</param>
    /// <param name="selectors">Those that are configured; at most 32 are checked, which is as many as the configuration allows.</param>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(string domain,
        IReadOnlyList<string> selectors, IResolver resolver, CancellationToken cancellationToken)
    {
        var configured = selectors.Distinct(StringComparer.OrdinalIgnoreCase).Take(MaxSelectors).ToList();
        var found = await Task.WhenAll(configured.Concat(s_common.Except(configured, StringComparer.OrdinalIgnoreCase))
            .Select((selector, place) => LookAsync(domain, selector, place < configured.Count, resolver, cancellationToken)));
        return [.. Condense(domain, found.SelectMany(findings => findings))];
    }

    /// <summary>What is at one selector.</summary>
    /// <param name="txts">All TXT records there.</param>
    private static IEnumerable<Finding> Judge(string domain, string selector, bool isConfigured, IReadOnlyList<string> txts)
    {
        var name = NameOf(domain, selector);
        // A wildcard in the zone answers for any name, and isn't meant as a key.
        var keys = isConfigured ? txts : [.. txts.Where(DkimKeyRecord.IsCandidate)];
        var severity = isConfigured ? FindingSeverity.Error : FindingSeverity.Warning;
        var type = keys.Any(key => key.Contains("ed25519", StringComparison.OrdinalIgnoreCase)) ? "ed25519" : "rsa";
        var record = ZoneLine.Txt(name, $"v=DKIM1; k={type}; p=…");
        if (keys.Count == 0) return isConfigured ? [new(DkimFindings.Missing, domain, name, Printable.Text(selector, 63), record)] : [];
        if (keys.Count > 1) return [new(DkimFindings.Several, severity, domain, name, keys.Count)];
        return DkimKeyRecord.TryParse(keys[0], out var key, out var error) ? JudgeKey(domain, name, isConfigured, key)
            : [new(DkimFindings.Malformed, severity, domain, name, error, Printable.Quote(keys[0]), record)];
    }

    private static async Task<IEnumerable<Finding>> LookAsync(string domain,
        string selector, bool isConfigured, IResolver resolver, CancellationToken cancellationToken)
    {
        var name = NameOf(domain, selector);
        // RFC 1035 §2.3.4: no such name can exist.
        if (name.Length > MtaSts.DomainName.MaxLength) return Judge(domain, selector, isConfigured, []);
        var (txts, fault) = await resolver.TxtAsync(name, cancellationToken).OrFaultAsync();
        return txts is not null ? Judge(domain, selector, isConfigured, txts)
            : [new(isConfigured ? DkimFindings.LookupFailed : DkimFindings.CommonUnknown, domain, name, fault!, "")];
    }

    private static IEnumerable<Finding> JudgeKey(string domain, string name, bool isConfigured, DkimKeyRecord key)
    {
        if (key.IsRevoked)
        {
            yield return new(isConfigured ? DkimFindings.Revoked : DkimFindings.CommonRevoked, domain, name, "");
            yield break;
        }

        // A key at a common selector may no longer be in use.
        if (key is { Type: DkimKeyType.Rsa, Bits: < MinBits })
            yield return new(DkimFindings.Breakable, isConfigured ? FindingSeverity.Error : FindingSeverity.Warning,
                domain, name, key.Bits, MinBits);
        else if (key is { Type: DkimKeyType.Rsa, Bits: < 2 * MinBits })
            yield return new(DkimFindings.Short, isConfigured ? FindingSeverity.Warning : FindingSeverity.Info,
                domain, name, key.Bits, 2 * MinBits);
        if (key.IsSha1Only) yield return new(DkimFindings.Sha1Only, domain, name);
        if (key.IsTest) yield return new(DkimFindings.Test, domain, name);
    }

    /// <summary>What is true of many common selectors is one finding: a server that fails, a wildcard that revokes all.</summary>
    private static IEnumerable<Finding> Condense(string domain, IEnumerable<Finding> findings)
    {
        foreach (var group in findings.GroupBy(finding => finding.Descriptor))
        {
            var all = group.ToList();
            if (all.Count > 1 && (group.Key == DkimFindings.CommonUnknown || group.Key == DkimFindings.CommonRevoked))
                yield return new(group.Key, domain, [.. all[0].Arguments.SkipLast(1),
                    $"; the same is true of {all.Count - 1} more common selectors of {domain}"]);
            else
                foreach (var finding in all) yield return finding;
        }
    }

    private static string NameOf(string domain, string selector) => $"{Printable.Text(selector, 190)}._domainkey.{domain}";
}
