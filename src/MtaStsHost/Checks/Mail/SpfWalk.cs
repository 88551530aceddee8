using System.Collections.Immutable;
using MailRecords;
using MtaStsHost.Network;
using MtaStsHost.Text;

namespace MtaStsHost.Checks.Mail;

/// <summary>
/// Goes through an SPF record and all that it includes, as a receiver does for a sender that nothing matches, and counts. RFC 7208 §4.6.4.
/// It follows <see cref="MaxFollowed"/> terms at most, with one look-up each (an address look-up asks for both families): whatever the
/// records say, no more than 40 queries.
/// </summary>
/// <param name="sender">The domain that is checked.</param>
internal sealed class SpfWalk(string sender, IResolver resolver)
{
    /// <summary>RFC 7208 §4.6.4, also for the hosts of one <c>mx</c>.</summary>
    public const int MaxTerms = 10;

    /// <inheritdoc cref="MaxTerms"/>
    public const int MaxVoid = 2;

    /// <summary>Beyond the limit a little, to say by how much it is passed.</summary>
    public const int MaxFollowed = 20;

    /// <summary>IPv4's largest allocation to one owner; IPv6 has none that large.</summary>
    private const int MinPrefix = 8;

    private const string Limits = "RFC 7208 §4.6.4";

    private readonly List<Finding> _findings = [];
    private readonly List<(string Term, int Terms)> _costs = [];
    private readonly List<string> _voids = [];

    /// <param name="Passes">Whether a host that passes here passes for the domain that is checked.</param>
    /// <param name="IsOwn">Whether it is the record itself, or stands in its place (<c>redirect</c>).</param>
    /// <param name="Path">The domains that led here, this one last.</param>
    private sealed record Place(string Domain, SpfRecord Record, bool Passes, bool IsOwn, ImmutableList<string> Path);

    /// <summary>Terms that cost a look-up, as far as they were followed.</summary>
    public int Terms { get; private set; }

    /// <summary>What the terms of the record itself cost, those that cost anything.</summary>
    public IReadOnlyList<(string Term, int Terms)> Costs => _costs;

    /// <summary>Terms whose name has no records.</summary>
    public IReadOnlyList<string> Voids => _voids;

    public bool HasLoop { get; private set; }

    private bool IsExhausted => Terms >= MaxFollowed;

    /// <returns>What is wrong with what it includes, and who passes.</returns>
    public async Task<IReadOnlyList<Finding>> WalkAsync(SpfRecord record, CancellationToken cancellationToken)
    {
        await WalkAsync(new Place(sender, record, true, true, [sender]), cancellationToken);
        return _findings;
    }

    private async Task WalkAsync(Place place, CancellationToken cancellationToken)
    {
        var isTop = place.Path.Count == 1;
        foreach (var directive in place.Record.Evaluated)
        {
            var before = Terms;
            JudgeReach(place, directive);
            await LookUpAsync(place, directive, cancellationToken);
            if (isTop && Terms > before) _costs.Add((directive.Text, Terms - before));
        }

        if (place.Record.All is { } all)
        {
            JudgeReach(place, all);
        }
        else if (place.Record.EffectiveRedirect is { } redirect)
        {
            var before = Terms;
            await FollowAsync(place, $"redirect={redirect}", redirect, place.Passes, place.IsOwn, cancellationToken);
            if (isTop) _costs.Add(($"redirect={redirect}", Terms - before));
        }
        else if (place.IsOwn)
        {
            Permissive(FindingSeverity.Warning, $"{Of(place)} says nothing of hosts that it doesn't name, as if it ended in ?all",
                "end it in ~all, or in -all once all hosts that send are named", "RFC 7208 §4.7");
        }
    }

    private async Task LookUpAsync(Place place, SpfDirective directive, CancellationToken cancellationToken)
    {
        if (directive.Mechanism is SpfMechanism.Ip4 or SpfMechanism.Ip6) return;
        if (directive.Mechanism == SpfMechanism.Include)
        {
            await FollowAsync(place, directive.Text, directive.Domain!,
                place.Passes && directive.Qualifier == SpfQualifier.Pass, false, cancellationToken);
            return;
        }

        if (!TryCount()) return;
        if (directive.Mechanism == SpfMechanism.Ptr) return;
        if (NameOf(place, directive.Domain) is not { } name) return;
        try
        {
            if (directive.Mechanism == SpfMechanism.Mx) JudgeHosts(place, directive, name, await resolver.MxAsync(name, cancellationToken));
            else if ((await resolver.AddressesAsync(name, cancellationToken)).Length == 0) _voids.Add(Named(place, directive.Text));
        }
        catch (ResolutionException e)
        {
            _findings.Add(Texts.Unknown(SpfCheck.TooManyLookups, $"{Texts.Quote(directive.Text)} in {Of(place)}", e, Limits));
        }
    }

    private void JudgeHosts(Place place, SpfDirective directive, string name, IReadOnlyList<MxRecord> hosts)
    {
        if (hosts.Count == 0) _voids.Add(Named(place, directive.Text));
        if (hosts.Count <= MaxTerms) return;
        _findings.Add(new Finding(SpfCheck.TooManyLookups, FindingSeverity.Error,
            $"{Texts.Quote(directive.Text)} in {Of(place)}: {Printable.Text(name)} has {hosts.Count} MX hosts; receivers give up at more "
            + $"than {MaxTerms}", "name the hosts' addresses with ip4: and ip6: instead", Limits));
    }

    private async Task FollowAsync(Place from, string term, string target, bool passes, bool isOwn, CancellationToken cancellationToken)
    {
        if (!TryCount() || NameOf(from, target) is not { } name) return;
        var where = $"{Texts.Quote(term)} in {Of(from)}";
        if (from.Path.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            HasLoop = true;
            _findings.Add(new Finding(SpfCheck.TooManyLookups, FindingSeverity.Error,
                $"{where} leads back to itself ({Printable.Text(string.Join(" → ", from.Path.Add(name)))}); receivers give up on the "
                + $"whole record", $"take {Texts.Quote(term)} out", Limits));
            return;
        }

        try
        {
            if (Read(where, name, await resolver.TxtAsync(name, cancellationToken)) is { } record)
                await WalkAsync(new Place(name, record, passes, isOwn, from.Path.Add(name)), cancellationToken);
        }
        catch (ResolutionException e)
        {
            _findings.Add(Texts.Unknown(SpfCheck.Invalid, $"{where}: {Printable.Text(name)}", e, "RFC 7208 §5.2"));
        }
    }

    /// <summary>The one record of a name that another's leads to. Without one, receivers give up on the whole (permerror, RFC 7208 §5.2,
    /// §6.1).</summary>
    private SpfRecord? Read(string where, string name, IReadOnlyList<string> txts)
    {
        var found = txts.Where(SpfRecord.IsCandidate).ToList();
        if (found.Count == 1 && SpfRecord.TryParse(found[0], out var record, out var error)) return record;
        error = null;
        var what = found.Count switch
        {
            0 => "has no SPF record",
            1 when !SpfRecord.TryParse(found[0], out _, out error) => $"has a malformed one ({error})",
            _ => $"has {found.Count} SPF records",
        };
        _findings.Add(new Finding(SpfCheck.Invalid, FindingSeverity.Error,
            $"{where}: {Printable.Text(name)} {what}, so that receivers give up on the whole record",
            "take it out, or have the owner of that name mend it", "RFC 7208 §5.2"));
        return null;
    }

    private bool TryCount()
    {
        if (IsExhausted) return false;
        Terms++;
        return true;
    }

    private string? NameOf(Place place, string? domain) => domain is null ? place.Domain : SpfMacros.Expand(domain, place.Domain, sender);

    private void JudgeReach(Place place, SpfDirective directive)
    {
        var isPass = place.Passes && directive.Qualifier == SpfQualifier.Pass;
        var shortest = Math.Min(directive.Prefix?.Ip4 ?? 32, directive.Prefix?.Ip6 ?? 128);
        var term = $"{Texts.Quote(directive.Text)} in {Of(place)}";
        if (isPass && (directive.Mechanism == SpfMechanism.All || shortest == 0))
            Permissive(FindingSeverity.Error, $"{term} lets every host send in the name of {Printable.Text(sender)}",
                directive.Mechanism == SpfMechanism.All ? "make it ~all, or -all once all hosts that send are named"
                : "name the hosts that send, not a whole address space", "RFC 7208 §5.1");
        else if (isPass && shortest < MinPrefix)
            Permissive(FindingSeverity.Warning, $"{term} lets more hosts send than anyone has",
                "name the hosts that send, not a whole address space", "RFC 7208 §5.6");
        else if (place.IsOwn && directive is { Mechanism: SpfMechanism.All, Qualifier: SpfQualifier.Neutral })
            Permissive(FindingSeverity.Warning, $"{term} says nothing of hosts that it doesn't name",
                "make it ~all, or -all once all hosts that send are named", "RFC 7208 §8.2");
        else if (directive.Mechanism == SpfMechanism.Ptr)
            Permissive(place.IsOwn ? FindingSeverity.Warning : FindingSeverity.Info,
                $"{term} is slow and unreliable, and should not be published; some receivers pass over it",
                "name the hosts with a:, ip4: or ip6: instead", "RFC 7208 §5.5");
    }

    private void Permissive(FindingSeverity severity, string message, string fix, string rfc) =>
        _findings.Add(new Finding(SpfCheck.Permissive, severity, message, fix, rfc));

    private static string Of(Place place) => $"the SPF record of {Printable.Text(place.Domain)}";

    private static string Named(Place place, string term) => place.IsOwn ? Texts.Quote(term) : $"{Texts.Quote(term)} in {Of(place)}";
}
