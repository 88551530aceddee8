using System.Text;
using MtaSts;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;

namespace MtaStsHost.Tests.Transitions;

/// <summary>Policies as they are served, and as the store keeps them.</summary>
internal static class Past
{
    public const int Week = 604_800;

    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset Day(double day) => Start.AddDays(day);

    public static DomainName Domain(string name) => DomainName.TryParse(name, out var domain, out var error)
        ? domain : throw new ArgumentException(error, nameof(name));

    /// <param name="mx">With spaces between them.</param>
    public static ServedPolicy Served(PolicyMode mode, string mx = "mail.example.com",
        int maxAge = Week, string domain = "example.com", string? id = null)
    {
        var policy = new Policy(mode, mx.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Pattern), maxAge);
        var policyId = id is null ? PolicyId.Compute(policy) : PolicyId.TryParse(id, out var own, out var error)
            ? own : throw new ArgumentException(error, nameof(id));
        return new ServedPolicy(Domain(domain), policy, policyId, PolicyFormatter.Format(policy), []) { DkimSelectors = ["selector1"] };
    }

    /// <param name="ended">null: it is served. Its id left DNS at that time.</param>
    public static StoredPolicy Row(ServedPolicy policy, DateTimeOffset since, DateTimeOffset? ended) => new(
        new PolicyRows().KeyOf(policy), Encoding.ASCII.GetString(policy.Body.Span),
            PolicyModes.ToText(policy.Policy.Mode), policy.Policy.MaxAge,
        since, since, ended ?? since, ended is null, null)
        {
            LeftDns = ended,
        };

    /// <summary>As it is served after its removal, once a look-up has shown that its id is not in DNS.</summary>
    public static ServedPolicy Retired(ServedPolicy ended, DateTimeOffset at) =>
        new SenderCopies(ended.Domain, ended.Policy.Mx,
            [new PolicyCopy(ended.Id.Value, ended.Policy.MaxAge, ended.Policy.Mode, at, at)]).Retire();

    /// <summary>A look-up of the record of example.com.</summary>
    public static RecordSighting Seen(DateTimeOffset at, SeenRecord record = SeenRecord.None, string? served = null) =>
        new(Domain("example.com"), record, served, at, TimeSpan.Zero);

    /// <summary>The same by days since the start.</summary>
    public static StoredPolicy Row(PolicyMode mode, double since, double? ended,
        string mx = "mail.example.com", int maxAge = Week, string? id = null) =>
        Row(Served(mode, mx, maxAge, id: id), Day(since), ended is { } day ? Day(day) : null);

    private static MxPattern Pattern(string text) => MxPattern.TryParse(text, out var mx, out var error)
        ? mx : throw new ArgumentException(error, nameof(text));
}
