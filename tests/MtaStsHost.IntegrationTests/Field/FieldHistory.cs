using System.Text.Json.Nodes;
using MtaSts;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;

namespace MtaStsHost.IntegrationTests.Field;

/// <summary>What the host served in the weeks before the field was built, in its store, as the host itself would have written it
/// down.</summary>
internal static class FieldHistory
{
    public static async Task WriteAsync(string path)
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var store = new SqlStore(new SqliteEngine(path), TimeProvider.System);
        var (rows, changes) = (new PolicyRows(), new List<(DateTimeOffset At, StoredPolicy? Begun, PolicyKey? Ended)>());
        foreach (var domain in FieldDomains.All)
        {
            foreach (var past in domain.Past)
            {
                var row = rows.Row(Policy(domain, past.Settings ?? domain.Settings!), now.AddDays(-past.From));
                changes.Add((row.Since, row, null));
                if (past.To is { } days) changes.Add((now.AddDays(-days), null, row.Key));
            }
        }

        foreach (var (at, begun, ended) in changes.OrderBy(change => change.At))
            await store.RecordAsync(begun is null ? [] : [begun], ended is { } key ? [key] : [], at, CancellationToken.None);
        // Their ids have left DNS since.
        await store.NoteLeftDnsAsync([.. changes.Where(change => change.Ended is not null)
            .Select(change => new IdLeftDns(change.Ended!.Value.Domain, change.Ended.Value.Id, change.At))], CancellationToken.None);
        await store.NoteServedAsync(now, [], CancellationToken.None);
    }

    private static ServedPolicy Policy(FieldDomain domain, string settings)
    {
        var json = JsonNode.Parse(domain.Fill(settings, ""))!;
        var mx = json["Mx"]!.AsArray().Select(text => MxPattern.TryParse((string)text!, out var pattern, out var error)
            ? pattern : throw new ArgumentException(error, nameof(settings)));
        var policy = new Policy(Enum.Parse<PolicyMode>((string)json["Mode"]!, ignoreCase: true), mx, (int)json["MaxAge"]!);
        var id = (string?)json["Id"] is { } own && PolicyId.TryParse(own, out var configured, out _)
            ? configured : PolicyId.Compute(policy);
        Assert.True(DomainName.TryParse(domain.Domain, out var name, out _));
        return new ServedPolicy(name, policy, id, PolicyFormatter.Format(policy), []);
    }
}
