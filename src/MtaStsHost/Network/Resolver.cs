using System.Text.RegularExpressions;
using DnsClient;
using DnsClient.Protocol;
using CaaRecord = MailRecords.CaaRecord;
using WireCaaRecord = DnsClient.Protocol.CaaRecord;
using WireMxRecord = DnsClient.Protocol.MxRecord;

namespace MtaStsHost.Network;

/// <summary>A name server gave no usable answer; the message says why.</summary>
internal sealed class ResolutionException(string message, Exception? inner) : Exception(message, inner);

/// <summary>Queries the resolvers of <c>Dns:Resolvers</c>, or the system's.</summary>
internal sealed partial class Resolver : IResolver
{
    private const int DnsPort = 53;
    private const int CriticalFlag = 0x80; // RFC 8659 §4.1
    private const int LowestFlag = 0x01;
    private const string SystemFile = "/etc/resolv.conf";

    private static readonly IdnMapping s_idn = new();

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(3);

    private readonly LookupClient _client;
    private readonly ImmutableArray<IPEndPoint> _servers;
    private readonly string _source;

    /// <param name="resolvers">Empty: those of the system.</param>
    public Resolver(ImmutableArray<IPEndPoint> resolvers)
    {
        (_servers, _source) = resolvers.IsEmpty ? (SystemResolvers(), SystemFile) : (resolvers, "Dns:Resolvers");
        var options = new LookupClientOptions([.. _servers]);
        options.Timeout = s_timeout;
        options.Retries = 1;
        options.UseCache = false;
        options.ThrowDnsErrors = false;
        options.RequestDnsSecRecords = true; // for the AD bit; some resolvers set it only on request
        _client = new LookupClient(options);
    }

    /// <summary>
    /// The name servers of <c>/etc/resolv.conf</c>; without any, this machine, see resolv.conf(5). DnsClient would use those of the network
    /// interfaces, and finds none where loopback is the only one.
    /// </summary>
    internal static ImmutableArray<IPEndPoint> SystemResolvers(string path = SystemFile)
    {
        if (!File.Exists(path)) return [.. NameServer.ResolveNameServers()
            .Select(server => new IPEndPoint(IPAddress.Parse(server.Address), server.Port))];
        var servers = File.ReadLines(path)
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["nameserver", _, ..])
            .Select(words => IPAddress.TryParse(words[1], out var address) ? new IPEndPoint(address, DnsPort) : null)
            .OfType<IPEndPoint>()
            .ToImmutableArray();
        return servers.IsEmpty ? [new IPEndPoint(IPAddress.Loopback, DnsPort)] : servers;
    }

    public async Task<DnsAnswer<string>> TxtAnswerAsync(string name, CancellationToken cancellationToken) =>
        Describe([await AskAsync(name, QueryType.TXT, cancellationToken)],
            record => record is TxtRecord txt ? string.Concat(txt.Text) : null);

    public async Task<DnsAnswer<IPAddress>> AddressAnswerAsync(string name, CancellationToken cancellationToken)
    {
        Task<IDnsQueryResponse>[] both = [AskAsync(name, QueryType.AAAA, cancellationToken),
            AskAsync(name, QueryType.A, cancellationToken)];
        try
        {
            return Describe(await Task.WhenAll(both), AddressOf);
        }
        catch (ResolutionException e) when (Array.Find(both, task => task.IsCompletedSuccessfully) is { } one)
        {
            var answer = Describe([await one], AddressOf);
            if (answer.Records.Count == 0) throw;
            return answer with { Missed = e.Message };
        }

        static IPAddress? AddressOf(DnsResourceRecord record) => (record as AddressRecord)?.Address;
    }

    public async Task<IReadOnlyList<MxRecord>> MxAsync(string name, CancellationToken cancellationToken) =>
    [
        .. (await QueryAsync(name, QueryType.MX, cancellationToken)).OfType<WireMxRecord>().OrderBy(record => record.Preference)
            .Select(record => new MxRecord(record.Preference, ToName(record.Exchange))),
    ];

    public async Task<int> TlsaAsync(string name, CancellationToken cancellationToken) =>
        (await QueryAsync(name, QueryType.TLSA, cancellationToken)).Count(record => record.RecordType == ResourceRecordType.TLSA);

    public async Task<IReadOnlyList<CaaRecord>> CaaAsync(string name, CancellationToken cancellationToken) =>
    [
        .. (await QueryAsync(name, QueryType.CAA, cancellationToken)).OfType<WireCaaRecord>()
            .Select(record => new CaaRecord((record.Flags & CriticalFlag) != 0, record.Tag.ToLowerInvariant(), Unescape(record.Value))
            {
                HasLowestFlag = (record.Flags & LowestFlag) != 0,
            }),
    ];

    public async Task<ResolverFault?> FindFaultAsync(CancellationToken cancellationToken)
    {
        var (_, error) = await AskAsync(".", QueryType.NS, cancellationToken).OrFaultAsync();
        return error is null ? null : new ResolverFault([.. _servers.Select(server => $"{server}")], _source, error);
    }

    /// <summary>
    /// DnsClient writes <c>\"</c> for a quotation mark and <c>\195</c> for an unprintable byte, and leaves backslashes of the record
    /// unchanged.
    /// </summary>
    internal static string Unescape(string text) => Escape().Replace(text, match =>
        match.Groups[1] is { Success: true } code ? $"{(char)byte.Parse(code.ValueSpan, CultureInfo.InvariantCulture)}" : "");

    [GeneratedRegex(@"\\(?:([01][0-9]{2}|2[0-4][0-9]|25[0-5])|(?=""))")]
    private static partial Regex Escape();

    private static string ToName(DnsString name) => name.Value.TrimEnd('.').ToLowerInvariant();

    private static DnsAnswer<T> Describe<T>(IReadOnlyList<IDnsQueryResponse> responses, Func<DnsResourceRecord, T?> read)
    {
        var wanted = responses.SelectMany(response => response.Answers.Select(record => (Record: record, Value: read(record))))
            .Where(entry => entry.Value is not null).ToList();
        var aliases = responses.SelectMany(response => response.Answers).OfType<CNameRecord>().ToList();
        return new DnsAnswer<T>(
            [.. wanted.Select(entry => entry.Value!)],
            [.. aliases.Select(alias => ToName(alias.CanonicalName)).Distinct()],
            TimeSpan.FromSeconds(wanted.Select(entry => entry.Record).Concat(aliases)
                .Select(record => record.InitialTimeToLive).DefaultIfEmpty(0).Min()),
            responses.All(response => response.Header.IsAuthenticData));
    }

    private async Task<IReadOnlyList<DnsResourceRecord>> QueryAsync(string name, QueryType type, CancellationToken cancellationToken) =>
        (await AskAsync(name, type, cancellationToken)).Answers;

    private async Task<IDnsQueryResponse> AskAsync(string name, QueryType type, CancellationToken cancellationToken)
    {
        try
        {
            var response = await AskInTurnAsync(new DnsQuestion(name, type), cancellationToken);
            return response.Header.ResponseCode is DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain
                ? response
                : throw new ResolutionException($"the resolver answered {response.Header.ResponseCode} for {name} {type}", null);
        }
        catch (DnsResponseException e)
        {
            throw new ResolutionException($"the resolver gave no usable answer for {name} {type} ({e.Code})", e);
        }
        catch (ArgumentException e)
        {
            // From a domain's records, and not a valid name: a label of over 63 characters, say.
            throw new ResolutionException($"{name} is not a valid DNS name", e);
        }
        catch (Exception e) when (e is not (ResolutionException or OperationCanceledException))
        {
            // The library throws various exceptions for malformed answers, NullReferenceException among them.
            throw new ResolutionException($"the resolver gave no usable answer for {name} {type} (malformed)", e);
        }
    }

    /// <summary>The library compares an answer's id and nothing else: an echoed query, or the answer to another question, would be "no
    /// records". RFC 5452 §9.1.</summary>
    private async Task<IDnsQueryResponse> AskInTurnAsync(DnsQuestion question, CancellationToken cancellationToken)
    {
        var response = await _client.QueryAsync(question, cancellationToken);
        foreach (var server in _servers.Where(server => !IsOf(response.NameServer, server)))
        {
            if (IsAnswer(response, question)) break;
            response = await _client.QueryServerAsync([new NameServer(server)], question, cancellationToken);
        }

        return IsAnswer(response, question) ? response : throw new ResolutionException(
            $"the resolver gave no usable answer for {question.QueryName.Value.TrimEnd('.')} {question.QuestionType} "
            + "(not to this question)", null);
    }

    private static bool IsOf(NameServer asked, IPEndPoint server) =>
        asked.Port == server.Port && IPAddress.TryParse(asked.Address, out var address) && address.Equals(server.Address);

    /// <summary>An error, such as FORMERR, may come without the question (RFC 1035 §4.1.1).</summary>
    private static bool IsAnswer(IDnsQueryResponse response, DnsQuestion question) => response.Header.HasQuery // the QR bit, in DnsClient
        && (response.Header.ResponseCode is not (DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain)
            || (response.Questions is [var answered] && answered.QuestionType == question.QuestionType
                && ToAscii(answered.QueryName) == ToAscii(question.QueryName)));

    /// <summary>The library turns A-labels in answers into U-labels.</summary>
    private static string ToAscii(DnsString name)
    {
        var text = ToName(name);
        try
        {
            return Ascii.IsValid(text) ? text : s_idn.GetAscii(text);
        }
        catch (ArgumentException)
        {
            return text; // not a name that was asked for
        }
    }
}
