using MailRecords;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mail;

/// <summary>Goes through an SPF record and all that it includes, as a receiver does for a sender that nothing matches, and counts. RFC 7208
/// §4.6.4. It follows <see cref="MaxFollowed"/> terms at most, with one look-up each (an address look-up asks for both families): whatever
/// the records say, no more than 40 queries.</summary>
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

    private readonly List<Finding> _findings = [];

    /// <param name="Passes">Whether a host that passes here passes for the domain that is checked.</param>
    /// <param name="IsOwn">Whether it is the record itself, or stands in its place (<c>redirect</c>).</param>
    /// <param name="Path">The domains that led here, this one last.</param>
    private sealed record Place(string Domain, SpfRecord Record, bool Passes, bool IsOwn, ImmutableList<string> Path);

    /// <summary>Terms that cost a look-up, as far as they were followed.</summary>
    public int Terms { get; private set; }

    /// <summary>What the terms of the record itself cost, those that cost anything.</summary>
    public List<(string Term, int Terms)> Costs { get; } = [];

    /// <summary>Terms whose name has no records.</summary>
    public List<string> Voids { get; } = [];

    /// <summary>Terms whose name has only IPv6 addresses: void for a sender that connects over IPv4.</summary>
    public List<string> VoidsOverIp4 { get; } = [];

    /// <summary>Terms whose name has only IPv4 addresses.</summary>
    public List<string> VoidsOverIp6 { get; } = [];

    public bool HasLoop { get; private set; }

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
            if (isTop && Terms > before) Costs.Add((directive.Text, Terms - before));
        }

        if (place.Record.All is { } all)
        {
            JudgeReach(place, all);
        }
        else if (place.Record.EffectiveRedirect is { } redirect)
        {
            var before = Terms;
            await FollowAsync(place, $"redirect={redirect}", redirect, place.Passes, place.IsOwn, cancellationToken);
            if (isTop) Costs.Add(($"redirect={redirect}", Terms - before));
        }
        else if (place.IsOwn)
        {
            Add(SpfFindings.NoAll, place.Domain);
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

        if (!TryCount() || directive.Mechanism == SpfMechanism.Ptr || NameOf(place, directive.Domain) is not { } name) return;
        try
        {
            if (directive.Mechanism == SpfMechanism.Mx) JudgeHosts(place, directive, name, await resolver.MxAsync(name, cancellationToken));
            else JudgeAddresses(Named(place, directive.Text), directive.Mechanism,
                await resolver.AddressAnswerAsync(name, cancellationToken));
        }
        catch (ResolutionException e)
        {
            Add(SpfFindings.TermUnknown, Printable.Quote(directive.Text), place.Domain, e.Message);
        }
    }

    /// <summary>Receivers look up the family of the sender's address; for <c>exists</c> always A. RFC 7208 §5, §5.7.</summary>
    private void JudgeAddresses(string term, SpfMechanism mechanism, DnsAnswer<IPAddress> answer)
    {
        var families = answer.Records.Select(address => address.AddressFamily).ToHashSet();
        if (mechanism == SpfMechanism.Exists) families.Remove(AddressFamily.InterNetworkV6);
        // Not known to be void if one family could not be looked up.
        if (answer.Missed is not null) return;
        if (families.Count == 0) Voids.Add(term);
        else if (mechanism == SpfMechanism.Exists) return;
        else if (!families.Contains(AddressFamily.InterNetwork)) VoidsOverIp4.Add(term);
        else if (!families.Contains(AddressFamily.InterNetworkV6)) VoidsOverIp6.Add(term);
    }

    private void JudgeHosts(Place place, SpfDirective directive, string name, IReadOnlyList<MxRecord> hosts)
    {
        if (hosts.Count == 0) Voids.Add(Named(place, directive.Text));
        if (hosts.Count > MaxTerms)
            Add(SpfFindings.TooManyHosts, Printable.Quote(directive.Text), place.Domain, Printable.Text(name), hosts.Count, MaxTerms);
    }

    private async Task FollowAsync(Place from, string term, string target, bool passes, bool isOwn, CancellationToken cancellationToken)
    {
        if (!TryCount() || NameOf(from, target) is not { } name) return;
        if (from.Path.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            HasLoop = true;
            Add(SpfFindings.Loop, Printable.Quote(term), from.Domain, Printable.Text(string.Join(" → ", from.Path.Add(name))));
            return;
        }

        var (txts, fault) = await resolver.TxtAsync(name, cancellationToken).OrFaultAsync();
        if (txts is null) Add(SpfFindings.IncludeUnknown, Printable.Quote(term), from.Domain, Printable.Text(name), fault!);
        else if (Read(term, from, name, txts) is { } record)
            await WalkAsync(new Place(name, record, passes, isOwn, from.Path.Add(name)), cancellationToken);
    }

    /// <summary>The record that another refers to. Without one, receivers give up on the whole (permerror, RFC 7208 §5.2, §6.1).</summary>
    private SpfRecord? Read(string term, Place from, string name, IReadOnlyList<string> txts)
    {
        var found = txts.Where(SpfRecord.IsCandidate).ToList();
        RecordError? error = null;
        if (found.Count == 1 && SpfRecord.TryParse(found[0], out var record, out error)) return record;
        var fault = found.Count switch
        {
            0 => "has no SPF record",
            1 => $"has a malformed one ({error})",
            _ => $"has {found.Count} SPF records",
        };
        Add(SpfFindings.IncludeInvalid, Printable.Quote(term), from.Domain, Printable.Text(name), fault);
        return null;
    }

    private bool TryCount()
    {
        if (Terms >= MaxFollowed) return false;
        Terms++;
        return true;
    }

    private string? NameOf(Place place, string? domain) => domain is null ? place.Domain : SpfMacros.Expand(domain, place.Domain, sender);

    private void JudgeReach(Place place, SpfDirective directive)
    {
        var isPass = place.Passes && directive.Qualifier == SpfQualifier.Pass;
        var shortest = Math.Min(directive.Prefix?.Ip4 ?? 32, directive.Prefix?.Ip6 ?? 128);
        if (isPass && (directive.Mechanism == SpfMechanism.All || shortest == 0))
            Term(directive.Mechanism == SpfMechanism.All ? SpfFindings.AllPass : SpfFindings.EveryAddress);
        else if (isPass && shortest < MinPrefix) Term(SpfFindings.TooWide);
        else if (place.IsOwn && directive is { Mechanism: SpfMechanism.All, Qualifier: SpfQualifier.Neutral }) Term(SpfFindings.Neutral);
        else if (directive.Mechanism == SpfMechanism.Ptr)
            _findings.Add(new(SpfFindings.Ptr, place.IsOwn ? FindingSeverity.Warning : FindingSeverity.Info,
                sender, Printable.Quote(directive.Text), place.Domain));

        void Term(FindingDescriptor descriptor) => Add(descriptor, Printable.Quote(directive.Text), place.Domain);
    }

    private void Add(FindingDescriptor descriptor, params ImmutableArray<object> arguments) =>
        _findings.Add(new Finding(descriptor, sender, arguments));

    private static string Named(Place place, string term) => place.IsOwn ? Printable.Quote(term)
        : $"{Printable.Quote(term)} in the SPF record of {Printable.Text(place.Domain)}";
}
