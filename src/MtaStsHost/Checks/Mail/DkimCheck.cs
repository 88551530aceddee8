using MailRecords;
using MtaStsHost.Network;
using MtaStsHost.Text;

namespace MtaStsHost.Checks.Mail;

/// <summary>
/// The keys that a domain's signatures are verified with: DKIM, RFC 6376, RFC 8301 and RFC 8463. DNS doesn't tell which selectors there
/// are,
/// so that the configured ones are looked at and those that are common. At most 46 queries a domain, one for each.
/// </summary>
internal static class DkimCheck
{
    public const string Missing = "dkim-missing";
    public const string Invalid = "dkim-invalid";
    public const string Weak = "dkim-weak";
    public const string Revoked = "dkim-revoked";

    /// <summary>RFC 8301 §3.2: verifiers must not take less; signers must have at least this and should have twice of it.</summary>
    private const int MinBits = 1024;

    private const int MaxSelectors = 32;

    /// <summary>What mail servers and large providers use where nobody chooses.</summary>
    private static readonly string[] s_common = ["default", "selector1",
        "selector2", "google", "dkim", "mail", "k1", "k2", "k3", "s1", "s2", "mx", "smtp", "key1"];

    /// <param name="domain">A-labels, without a trailing dot.</param>
    /// <param name="selectors">Those that are configured; more than 32, which the configuration refuses, are not looked at.</param>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(string domain,
        IReadOnlyList<string> selectors, IResolver resolver, CancellationToken cancellationToken)
    {
        var configured = selectors.Distinct(StringComparer.OrdinalIgnoreCase).Take(MaxSelectors).ToList();
        var all = configured.Select(selector => (Selector: selector, IsConfigured: true))
            .Concat(s_common.Except(configured, StringComparer.OrdinalIgnoreCase)
                .Select(selector => (Selector: selector, IsConfigured: false)));
        var found = await Task.WhenAll(all.Select(entry =>
            LookAsync(domain, entry.Selector, entry.IsConfigured, resolver, cancellationToken)));
        return [.. Condense(domain, [.. found.SelectMany(findings => findings)])];
    }

    /// <summary>What is at one selector.</summary>
    /// <param name="txts">All TXT records there.</param>
    internal static IEnumerable<Finding> Judge(string domain, string selector, bool isConfigured, IReadOnlyList<string> txts)
    {
        var name = NameOf(domain, selector);
        // A wildcard in the zone answers for any name, and isn't meant as a key.
        var keys = isConfigured ? txts : [.. txts.Where(DkimKeyRecord.IsCandidate)];
        if (keys.Count == 0)
            return isConfigured ? [new Finding(Missing, FindingSeverity.Error,
                $"there is no DKIM key at {name}: what is signed with the selector {Printable.Text(selector, 63)} fails",
                $"publish {Texts.TxtRecord(name, "v=DKIM1; k=rsa; p=…")}, with the public key of the signing host, or take the selector "
                + $"out of Dkim:Selectors", "RFC 6376 §3.6.2")] : [];
        if (keys.Count > 1)
            return [Malformed($"{name} has {keys.Count} TXT records, and verifiers may take any of them",
                "leave the one that is the key", "RFC 6376 §3.6.2.2")];
        if (!DkimKeyRecord.TryParse(keys[0], out var key, out var error))
            return [Malformed($"the DKIM key at {name} is malformed {error}: {Texts.Quote(keys[0])}",
                $"publish it anew from the signing host, {Texts.TxtRecord(name, "v=DKIM1; k=rsa; p=…")}", "RFC 6376 §3.6.1")];
        return JudgeKey(name, isConfigured, key);

        Finding Malformed(string message, string fix, string rfc) =>
            new(Invalid, isConfigured ? FindingSeverity.Error : FindingSeverity.Warning, message, fix, rfc);
    }

    private static async Task<IEnumerable<Finding>> LookAsync(string domain,
        string selector, bool isConfigured, IResolver resolver, CancellationToken cancellationToken)
    {
        var name = NameOf(domain, selector);
        // RFC 1035 §2.3.4: nothing is at such a name.
        if (name.Length > MtaSts.DomainName.MaxLength) return Judge(domain, selector, isConfigured, []);
        try
        {
            return Judge(domain, selector, isConfigured, await resolver.TxtAsync(name, cancellationToken));
        }
        catch (ResolutionException e)
        {
            return [Texts.Unknown(isConfigured ? Missing : Invalid, $"the DKIM key at {name}", e, "RFC 6376 §3.6.2")];
        }
    }

    private static IEnumerable<Finding> JudgeKey(string name, bool isConfigured, DkimKeyRecord key)
    {
        if (key.IsRevoked)
        {
            yield return new Finding(Revoked, isConfigured ? FindingSeverity.Warning : FindingSeverity.Info,
                $"the DKIM key at {name} is revoked (p= is empty)", isConfigured
                ? "take the selector out of Dkim:Selectors if nothing is signed with it any more, or publish its key"
                : null, "RFC 6376 §3.6.1");
            yield break;
        }

        // A key at a selector that was guessed may be long out of use.
        if (key is { Type: DkimKeyType.Rsa, Bits: < MinBits })
            yield return new Finding(Weak, isConfigured ? FindingSeverity.Error : FindingSeverity.Warning,
                $"the RSA key at {name} has {key.Bits} bits: it can be broken, and verifiers don't take less than {MinBits}",
                NewKey(name), "RFC 8301 §3.2");
        else if (key is { Type: DkimKeyType.Rsa, Bits: < 2 * MinBits })
            yield return new Finding(Weak, isConfigured ? FindingSeverity.Warning : FindingSeverity.Info,
                $"the RSA key at {name} has {key.Bits} bits; signers should have {2 * MinBits}", NewKey(name), "RFC 8301 §3.2");
        if (key.IsSha1Only)
            yield return new Finding(Weak, FindingSeverity.Error, $"the key at {name} permits no sha256 (h=), and verifiers take no other",
                "take h= out", "RFC 8301 §3.1");
        if (key.IsTest)
            yield return new Finding(Invalid, FindingSeverity.Info,
                $"the key at {name} is a test (t=y): verifiers treat what it signs as unsigned",
                "take t=y out when signatures pass", "RFC 6376 §3.6.1");
    }

    /// <summary>What holds for many selectors that nobody configured is one thing: a server that fails, a wildcard that revokes
    /// all.</summary>
    private static IEnumerable<Finding> Condense(string domain, IReadOnlyList<Finding> findings)
    {
        foreach (var group in findings.GroupBy(finding => (finding.Code, finding.Severity)))
        {
            if (group.Key is (Invalid, FindingSeverity.Unknown) or (Revoked, FindingSeverity.Info) && group.Skip(1).Any())
                yield return group.First()
                    with { Message = $"{group.First().Message}; and so with {group.Count() - 1} more common selectors of {domain}" };
            else
                foreach (var finding in group) yield return finding;
        }
    }

    private static string NameOf(string domain, string selector) => $"{Printable.Text(selector, 190)}._domainkey.{domain}";

    private static string NewKey(string name) =>
        $"have the signing host make a key of {2 * MinBits} bits under a new selector, publish it beside {name}, sign with it, then take "
        + $"the old one out";
}
