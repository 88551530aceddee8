using MtaSts;

namespace MtaStsHost.Checks.Sts;

/// <summary>What a policy could do better, once it works.</summary>
internal static class PolicyJudgement
{
    /// <summary>RFC 8461 §3.2 speaks of weeks; below two, a fault of some days at the policy host leaves senders without.</summary>
    private const int TwoWeeks = 14 * 86_400;

    /// <summary>A year is RFC 8461's limit, at which some senders don't take the number any more; the half of it is a long time to live
    /// with a mistake.</summary>
    private const int HalfAYear = 182 * 86_400;

    private static readonly TimeSpan s_longTesting = TimeSpan.FromDays(30);

    /// <param name="modeSince">Since when the policy has had its mode; <c>null</c>: not known.</param>
    /// <param name="isSound">Whether nothing else is wrong with the domain.</param>
    public static IEnumerable<Finding> Judge(Policy policy, DateTimeOffset? modeSince, bool isSound, DateTimeOffset now)
    {
        if (policy is { Mode: PolicyMode.Enforce, MaxAge: < TwoWeeks })
            yield return new("max-age-short", FindingSeverity.Info,
                $"max_age is {policy.MaxAge} s, under two weeks: an attacker who keeps senders from the policy host for that long has "
                + $"them without a policy", $"raise max_age to {TwoWeeks} or more once all has gone well for a while", "RFC 8461 §3.2");
        if (policy.MaxAge > HalfAYear)
            yield return new("max-age-long", FindingSeverity.Info,
                $"max_age is {policy.MaxAge} s, {policy.MaxAge / 86_400} days: for so long senders that don't look again keep to this "
                + $"policy, whatever is wrong with it", $"a max_age between {TwoWeeks} (two weeks) and {HalfAYear} does", "RFC 8461 §3.2");
        if (policy.Mode == PolicyMode.Testing && isSound && now - modeSince > s_longTesting)
            yield return new("testing-too-long", FindingSeverity.Info,
                $"the policy has been in mode testing since {modeSince:yyyy-MM-dd}, and nothing is wrong: mail is not protected yet",
                "set Mode to enforce", "RFC 8461 §5");
    }
}
