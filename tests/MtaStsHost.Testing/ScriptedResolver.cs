using System.Collections.Concurrent;
using System.Net;
using MailRecords;
using MtaStsHost.Network;

namespace MtaStsHost.Testing;

/// <summary>
/// A resolver made of dictionaries, which a test may change at any time. A name that is in none doesn't exist. Names are compared without
/// regard to case.
/// </summary>
internal sealed class ScriptedResolver(TimeProvider? time = null) : IResolver
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public ConcurrentDictionary<string, IPAddress[]> Addresses { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentDictionary<string, string[]> Txt { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentDictionary<string, CaaRecord[]> Caa { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentDictionary<string, MxRecord[]> Mx { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How many records there are at <c>_25._tcp.mail.example.com</c>.</summary>
    public ConcurrentDictionary<string, int> Tlsa { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The targets of the CNAMEs that lead from a name to its records.</summary>
    public ConcurrentDictionary<string, string[]> Aliases { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names that DNSSEC protects.</summary>
    public ConcurrentDictionary<string, bool> Secure { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Of all records.</summary>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Names whose servers fail, and the message: of every type, or of one (<c>CAA example.com</c>).</summary>
    public ConcurrentDictionary<string, string> Failing { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of which the addresses of one family can't be looked up, and the message.</summary>
    public ConcurrentDictionary<string, string> Missed { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long a name's answers and failures take, on the clock that the resolver was given.</summary>
    public ConcurrentDictionary<string, TimeSpan> Delays { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The same for those that <see cref="Delays"/> doesn't have.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>What was asked, in that order: <c>A example.com</c>, <c>TXT …</c>, <c>CAA …</c>, <c>MX …</c>, <c>TLSA …</c>.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public async Task<IReadOnlyList<CaaRecord>> CaaAsync(string name, CancellationToken cancellationToken) =>
        await AnswerAsync("CAA", name, Caa, cancellationToken);

    public async Task<IReadOnlyList<MxRecord>> MxAsync(string name, CancellationToken cancellationToken) =>
        await AnswerAsync("MX", name, Mx, cancellationToken);

    public async Task<int> TlsaAsync(string name, CancellationToken cancellationToken)
    {
        await AnswerAsync("TLSA", name, new ConcurrentDictionary<string, int[]>(), cancellationToken);
        return Tlsa.GetValueOrDefault(name);
    }

    public async Task<DnsAnswer<string>> TxtAnswerAsync(string name, CancellationToken cancellationToken) =>
        Describe(name, await AnswerAsync("TXT", name, Txt, cancellationToken));

    public async Task<DnsAnswer<IPAddress>> AddressAnswerAsync(string name, CancellationToken cancellationToken) =>
        Describe(name, await AnswerAsync("A", name, Addresses, cancellationToken)) with { Missed = Missed.GetValueOrDefault(name) };

    /// <summary>Set: every query fails with it, that for the root too.</summary>
    public string? Silence { get; set; }

    public Task<ResolverFault?> FindFaultAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Silence is { } error ? new ResolverFault(["192.0.2.53:53"], "Dns:Resolvers", error) : null);

    private DnsAnswer<T> Describe<T>(string name, IReadOnlyList<T> records) =>
        new(records, Aliases.GetValueOrDefault(name, []), records.Count == 0 ? TimeSpan.Zero : Ttl, Secure.GetValueOrDefault(name));

    private async Task<T[]> AnswerAsync<T>(string type, string name, ConcurrentDictionary<string,
        T[]> records, CancellationToken cancellationToken)
    {
        Asked.Enqueue($"{type} {name}");
        cancellationToken.ThrowIfCancellationRequested();
        var delay = Delays.GetValueOrDefault(name, Delay);
        if (delay > TimeSpan.Zero) await Task.Delay(delay, _time, cancellationToken);
        if (Silence is { } silence) throw new ResolutionException(silence, null);
        if (Failing.TryGetValue(name, out var message)
            || Failing.TryGetValue($"{type} {name}", out message)) throw new ResolutionException(message, null);
        return records.TryGetValue(name, out var found) ? found : [];
    }
}
