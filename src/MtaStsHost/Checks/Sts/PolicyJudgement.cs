using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Checks.Sts;

/// <summary>What a policy could do better, once it works, and what keeps it from its mode. Pure.</summary>
internal static class PolicyJudgement
{
    /// <summary>RFC 8461 §3.2 speaks of weeks; below two, a failure of a few days leaves senders without a policy.</summary>
    private const int TwoWeeks = 14 * 86_400;

    /// <summary>RFC 8461 allows a year, which some senders reject; half of it is a long time to live with a mistake.</summary>
    private const int HalfAYear = 182 * 86_400;

    private static readonly TimeSpan s_longTesting = TimeSpan.FromDays(30);

    /// <param name="modeSince">Since when the policy has had its mode; <c>null</c>: not known.</param>
    /// <param name="isSound">Whether nothing else is wrong with the domain.</param>
    public static IEnumerable<Finding> Judge(string domain, Policy policy, DateTimeOffset? modeSince, bool isSound, DateTimeOffset now)
    {
        // A policy in mode none is to be forgotten soon: RFC 8461 §8.3.
        if (policy is { Mode: not PolicyMode.None, MaxAge: < SenderLimits.ShortMaxAge })
            yield return new(PolicyFindings.MaxAgeUnderADay, domain, policy.MaxAge, TwoWeeks);
        else if (policy is { Mode: PolicyMode.Enforce, MaxAge: < TwoWeeks })
            yield return new(PolicyFindings.MaxAgeShort, domain, policy.MaxAge, TwoWeeks);
        if (policy.MaxAge > HalfAYear)
            yield return new(PolicyFindings.MaxAgeLong, domain, policy.MaxAge, policy.MaxAge / 86_400, TwoWeeks, HalfAYear);
        if (policy.Mode == PolicyMode.Testing && isSound && now - modeSince > s_longTesting)
            yield return new(PolicyFindings.TestingTooLong, domain, modeSince!.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }

    /// <summary>What the enforce gate (MtaSts:EnforceGate is Block) makes of the domain.</summary>
    /// <param name="verdict">As the MX hosts were just seen; the running service may have checked them earlier.</param>
    public static Finding? JudgeGate(CheckSubject subject, MxVerdict verdict) => subject switch
    {
        { Purpose: CheckPurpose.Explain, Served: { HeldBecause: not null } held } =>
            JudgeHeld(held, verdict.Outcome == MxOutcome.Fails ? verdict.Message
            : "the running service has not seen its MX hosts pass yet, and checks them again within minutes"),
        { Purpose: CheckPurpose.PlannedBehindGate, Served.Policy.Mode: PolicyMode.Enforce } when verdict.Outcome == MxOutcome.Fails =>
            new(PolicyFindings.EnforceWillBeHeld, subject.Domain.Value, verdict.Message),
        _ => null,
    };

    /// <param name="held">As it is served meanwhile.</param>
    public static Finding JudgeHeld(ServedPolicy held, string reason) =>
        new(PolicyFindings.EnforceHeld, held.Domain.Value, reason, held.TxtValue);
}
