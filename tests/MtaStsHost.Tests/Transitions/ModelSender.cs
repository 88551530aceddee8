using MtaSts;

namespace MtaStsHost.Tests.Transitions;

/// <summary>What a sender sees at one moment.</summary>
/// <param name="Id">In the TXT record; <c>null</c>: there is none.</param>
/// <param name="IsDnsUp">Whether the record can be looked up.</param>
/// <param name="Policy">What a fetch gets; <c>null</c>: it fails.</param>
internal readonly record struct SenderView(string? Id, bool IsDnsUp, Policy? Policy);

/// <summary>How a real sender keeps policies, as in the table of senders that keep a policy.</summary>
internal enum SenderKind
{
    /// <summary>mox: with the same id, carries on with the TXT record alone; a new id counts at the next mail.</summary>
    Mox,

    /// <summary>postfix-tlspol: never checks the id; keeps a policy until 30 s before its end.</summary>
    Tlspol,

    /// <summary>chasquid: never checks the id; fetches everything again every ten minutes, which may fail.</summary>
    Chasquid,

    /// <summary>maddy, with go-mtasts: a new id counts at the next mail; fetches when a policy has expired.</summary>
    Maddy,

    /// <summary>postfix-mta-sts-resolver: as mox, after a grace period of a minute.</summary>
    Resolver,
}

/// <summary>A sender that has one domain in its cache. It may see the record of an hour ago, which is its TTL.</summary>
internal sealed class ModelSender(SenderKind kind)
{
    private static readonly TimeSpan s_ttl = TimeSpan.FromHours(1);

    private (Policy Policy, string Id, DateTimeOffset Until)? _held;
    private (string? Id, DateTimeOffset At)? _record;

    public SenderKind Kind { get; } = kind;

    /// <summary>The policy that it applies; <c>null</c>: none.</summary>
    public Policy? Held(DateTimeOffset now) => _held is { } held && held.Until > now ? held.Policy : null;

    /// <summary>Sends a mail.</summary>
    public void Send(SenderView view, DateTimeOffset now)
    {
        if (view.IsDnsUp && (_record is not { } known || known.At + s_ttl <= now)) _record = (view.Id, now);
        var id = _record is { } cached && cached.At + s_ttl > now ? cached.Id : null;
        var isValid = Held(now) is not null;
        switch (Kind)
        {
            case SenderKind.Tlspol when isValid:
                return;
            case SenderKind.Chasquid when isValid:
                Fetch(_held!.Value.Id);
                return;
            case SenderKind.Mox or SenderKind.Resolver when _held is { } held && held.Id == id:
                _held = held with { Until = now.AddSeconds(held.Policy.MaxAge) };
                return;
            case SenderKind.Maddy when isValid && _held!.Value.Id == id:
                return;
            default:
                if (id is not null) Fetch(id);
                return;
        }

        void Fetch(string of)
        {
            if (view.Policy is { } policy) _held = (policy, of, now.AddSeconds(policy.MaxAge));
        }
    }
}
