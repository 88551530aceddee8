using MtaStsHost.Configuration;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Publishing;

/// <summary>When to publish a domain's TXT record, and when to remove it, according to its history. Pure.</summary>
internal static class RecordNotes
{
    /// <summary>The policy that the records are for: the configured one, unless the gate holds the domain.</summary>
    public static ServedPolicy Serving(ServedPolicy configured, TransitionSettings changes, DomainHistory history)
    {
        if (changes.Gate != GateMode.Block || configured.Policy.Mode != PolicyMode.Enforce) return configured;
        var held = EnforceGate.Hold(configured, "its MX hosts have not passed the check");
        return history.IdInForce == held.Id.Value ? held : configured;
    }

    public static IEnumerable<string> Of(ServedPolicy policy, DomainHistory history, DateTimeOffset now)
    {
        if (policy.RetiredUntil is { } until)
        {
            // RFC 8461 §8.1: the policy first, then the record.
            yield return history.IdInForce is { } last && last != policy.Id.Value
                ? $"{policy.Domain} is no longer configured, but its last policy is still served, as far as the store knows: publish this "
                + "TXT once mode none is served, within two hours of the removal (RFC 8461 §8.3)"
                : $"{policy.Domain} is no longer configured: publish this TXT now, leave both records until "
                + $"{DeadlineText.Text(until, now)}, then remove them (RFC 8461 §8.3)";
            yield break;
        }

        if (policy.HeldBecause is not null)
            yield return "EnforceGate: enforce is configured, but testing is served until the MX hosts pass the check; this TXT is for "
                + "what is served";
        if (!history.IsInForce(policy))
        {
            yield return history.InForce is null ? "not served yet, as far as the store knows: publish this TXT once it is (RFC 8461 §8.1)"
                : history.IdInForce == policy.Id.Value
                    ? "another text is served under this id, as far as the store knows: remove Id or change it; otherwise senders don't "
                    + "fetch the new policy (RFC 8461 §8.1)"
                : $"the id that is served is {history.IdInForce}, as far as the store knows: publish this TXT once the new policy is "
                    + $"served (RFC 8461 §8.1)";
            yield break;
        }

        if (history.IdUnchangedUntil is { } unchanged)
            yield return $"another text was served under this id, and senders may keep to it until {DeadlineText.Text(unchanged, now)}: "
                + "remove Id or change it";
        if (policy.Policy.Mode == PolicyMode.None)
        {
            yield return history.CopiesUntil is { } copies
                ? $"publish this TXT now, leave both records and the domain until {DeadlineText.Text(copies, now)}"
                + $"{(history.IsOldIdInDns ? " at least" : "")}, then remove them (RFC 8461 §8.3)"
                : "safe to remove: remove these records, then the domain (RFC 8461 §8.3)";
        }
        else if (history.CopiesUntil is { } copies)
        {
            yield return $"served since {DeadlineText.Since(history.ServedSince!.Value)}: publish this TXT now; senders may hold an "
                + $"earlier policy until {DeadlineText.Text(copies, now)}";
        }
    }
}
