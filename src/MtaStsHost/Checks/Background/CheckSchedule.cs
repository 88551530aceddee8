using MtaStsHost.Serving;

namespace MtaStsHost.Checks.Background;

/// <summary>A domain in the queue.</summary>
internal sealed class CheckTurn(ServedPolicy policy)
{
    public ServedPolicy Policy { get; set; } = policy;

    /// <summary><c>null</c>: it is under way.</summary>
    public TimeSpan? Due { get; set; }

    /// <summary>The operator waits for it: it goes before all others that are due.</summary>
    public bool IsUrgent { get; set; }

    /// <summary>The check under way is for a policy or for settings that have been replaced.</summary>
    public bool IsOutdated { get; set; }

    /// <summary>When the domain, its policy or the way to look came up.</summary>
    public TimeSpan Since
    {
        get;
        set => (field, IsNew) = (value, true);
    }

    /// <summary>No check has ended since then.</summary>
    public bool IsNew { get; set; }

    /// <summary>Of the snapshot in which it was seen last.</summary>
    public int Seen { get; set; }
}

/// <summary>Which domain is checked when: two queues, however many there are, since a change must not wait until a backlog is worked off.
/// Times are those since the start, so that setting the clock doesn't move them. Used by one loop.</summary>
internal sealed class CheckSchedule
{
    /// <summary>Of a first round, as long as that fits into the interval.</summary>
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(1);

    private readonly Dictionary<DomainName, CheckTurn> _turns = [];
    private readonly PriorityQueue<CheckTurn, TimeSpan> _urgent = new();
    private readonly PriorityQueue<CheckTurn, TimeSpan> _routine = new();
    private int _snapshots;

    /// <summary>When the next domain is due; <c>null</c>: none waits.</summary>
    public TimeSpan? Next => (First(_urgent), First(_routine)) switch
    {
        ({ } urgent, { } routine) => urgent < routine ? urgent : routine,
        var (urgent, routine) => urgent ?? routine,
    };

    /// <summary>Brings the queue in line with what is served.</summary>
    /// <param name="due">When domains that are new, or have another policy, are due.</param>
    /// <returns>Domains that aren't to be checked any more.</returns>
    public IReadOnlyList<DomainName> Follow(PolicySnapshot policies, TimeSpan due)
    {
        _snapshots++;
        foreach (var policy in policies.All)
        {
            if (!_turns.TryGetValue(policy.Domain, out var turn))
            {
                _turns.Add(policy.Domain, turn = new CheckTurn(policy) { Since = due });
                Enqueue(turn, due, isUrgent: true);
            }
            else if (!LooksSame(turn.Policy, policy))
            {
                turn.Since = due;
                if (turn.Due is null) turn.IsOutdated = true;
                else Enqueue(turn, due, isUrgent: true);
            }

            (turn.Policy, turn.Seen) = (policy, _snapshots);
        }

        if (policies.All.Length == _turns.Count) return [];
        var gone = _turns.Where(entry => entry.Value.Seen != _snapshots).Select(entry => entry.Key).ToList();
        foreach (var domain in gone)
        {
            _turns.Remove(domain, out var turn);
            turn!.Due = null;
        }

        return gone;
    }

    /// <summary>All are checked within an interval from now, each at a place that its name gives: hosts that start together, or again and
    /// again, don't ask for everything at once.</summary>
    /// <param name="isAnew">Also those that are under way; if not, no turn comes later than it was due.</param>
    public void Spread(TimeSpan now, TimeSpan interval, bool isAnew)
    {
        var span = SpanOf(interval);
        _urgent.Clear();
        _routine.Clear();
        foreach (var turn in _turns.Values)
        {
            if (isAnew) turn.Since = now;
            if (turn.Due is not { } before)
            {
                turn.IsOutdated |= isAnew;
                continue;
            }

            var due = now + (span * PlaceOf(turn.Policy.Domain));
            Enqueue(turn, isAnew || due < before ? due : before, isUrgent: !isAnew && turn.IsUrgent);
        }
    }

    /// <summary>The next one that is due, under way from then on; <c>null</c>: none is.</summary>
    public CheckTurn? Take(TimeSpan now)
    {
        var queue = First(_urgent) <= now ? _urgent : _routine;
        if (!(First(queue) <= now)) return null;
        var turn = queue.Dequeue();
        (turn.Due, turn.IsOutdated) = (null, false);
        return turn;
    }

    /// <summary>What was under way has ended. Many that were due together, since all had changed, come somewhat before the next time, each
    /// as much as its name gives, so that they part from round to round.</summary>
    /// <returns>Whether it was for the current policy and settings; if not, a domain that is still served is due again at once.</returns>
    public bool End(CheckTurn turn, TimeSpan now, TimeSpan next, bool isUrgent = false)
    {
        if (!_turns.TryGetValue(turn.Policy.Domain, out var known) || known != turn) return false;
        if (turn.IsOutdated) Enqueue(turn, now, isUrgent: true);
        else Enqueue(turn, isUrgent ? next : next - (SpanOf((next - now) / 5) * PlaceOf(turn.Policy.Domain)), isUrgent);
        turn.IsNew = turn.IsOutdated;
        return !turn.IsOutdated;
    }

    public void Clear()
    {
        _turns.Clear();
        _urgent.Clear();
        _routine.Clear();
    }

    /// <summary>Whether what was found of one holds for the other; one that the gate has come to hold waits for its own.</summary>
    public static bool LooksSame(ServedPolicy one, ServedPolicy other) =>
        one.Id == other.Id && (one.HeldBecause is null) == (other.HeldBecause is null) && one.Policy.Equals(other.Policy)
        && one.DkimSelectors.AsSpan().SequenceEqual(other.DkimSelectors.AsSpan())
            && one.TlsRpt.AsSpan().SequenceEqual(other.TlsRpt.AsSpan());

    private void Enqueue(CheckTurn turn, TimeSpan due, bool isUrgent)
    {
        (turn.Due, turn.IsUrgent) = (due, isUrgent);
        (isUrgent ? _urgent : _routine).Enqueue(turn, due);
    }

    /// <summary>When the first one is due. An entry whose turn was put elsewhere stays in its queue until it comes first.</summary>
    private TimeSpan? First(PriorityQueue<CheckTurn, TimeSpan> queue)
    {
        while (queue.TryPeek(out var turn, out var due))
        {
            if (turn.Due == due && turn.IsUrgent == (queue == _urgent)) return due;
            queue.Dequeue();
        }

        return null;
    }

    /// <summary>Over how long the domains are spread.</summary>
    private TimeSpan SpanOf(TimeSpan most)
    {
        var paced = s_pace * Math.Max(0, _turns.Count - 1);
        return paced < most ? paced : most;
    }

    /// <summary>From 0 to 1, the same for a name wherever and whenever it is asked for: FNV-1a.</summary>
    private static double PlaceOf(DomainName domain)
    {
        var hash = 2_166_136_261u;
        foreach (var letter in domain.Value) hash = (hash ^ letter) * 16_777_619u;
        // Its high bits hardly differ for names that differ in their last letters.
        hash = (hash ^ (hash >> 16)) * 0x45d9f3bu;
        return (hash ^ (hash >> 16)) / (double)uint.MaxValue;
    }
}
