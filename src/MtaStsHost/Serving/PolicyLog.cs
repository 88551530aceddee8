using MtaStsHost.Logging;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;
using ILogger = Serilog.ILogger;

namespace MtaStsHost.Serving;

/// <summary>
/// The log line of a policy request. Unlike all others, it is not a <c>[LoggerMessage]</c> but a Serilog event with the same properties,
/// since the path through Microsoft.Extensions.Logging costs some percent of a whole request.
/// </summary>
internal sealed partial class PolicyLog : IDisposable
{
    private static readonly MessageTemplate s_fetched = new MessageTemplateParser()
        .Parse("Policy of {Domain} requested: {Status} to {Sender} ({UserAgent})");
    private static readonly MessageTemplate s_unknownHost = new MessageTemplateParser()
        .Parse("Policy of unknown host {Host} requested: 404 to {Sender} ({UserAgent})");
    private static readonly LogEventProperty s_fetchedId = EventId(1200, nameof(Fetched));
    private static readonly LogEventProperty s_unknownHostId = EventId(1201, nameof(UnknownHost));
    private static readonly LogEventProperty s_ok = new("Status", new ScalarValue(StatusCodes.Status200OK));

    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly LineBudget _budget;

    public PolicyLog(HostLogging logging, TimeProvider time, ILogger<PolicyEndpoint> log)
    {
        _log = logging.Logger.ForContext(Constants.SourceContextPropertyName, typeof(PolicyEndpoint).FullName);
        _time = time;
        _budget = new LineBudget(time, count => LeftOut(log, count, LineBudget.PerNetwork, LineBudget.InAll));
    }

    public bool IsEnabled => _log.IsEnabled(LogEventLevel.Information);

    public void Dispose() => _budget.Dispose();

    public void Fetched(string domain, int status, IPAddress? sender, string userAgent) => Write(
        s_fetched, s_fetchedId, Text("Domain", domain), status == StatusCodes.Status200OK
            ? s_ok : new("Status", new ScalarValue(status)), sender, userAgent);

    public void UnknownHost(string host, IPAddress? sender, string userAgent) =>
        Write(s_unknownHost, s_unknownHostId, Text("Host", host), null, sender, userAgent);

    private void Write(MessageTemplate template, LogEventProperty id, LogEventProperty name,
        LogEventProperty? status, IPAddress? sender, string userAgent)
    {
        if (!_budget.TryTake(sender)) return;
        var (address, agent) = (Text("Sender", sender?.ToString()), Text("UserAgent", userAgent));
        _log.Write(new LogEvent(_time.GetUtcNow(), LogEventLevel.Information, exception: null,
            template, status is null ? [name, address, agent, id] : [name, status, address, agent, id]));
    }

    private static LogEventProperty Text(string name, string? value) => new(name, new ScalarValue(value));

    /// <summary>As Serilog's provider for Microsoft.Extensions.Logging writes it.</summary>
    private static LogEventProperty EventId(int id, string name) =>
        new("EventId", new StructureValue([new("Id", new ScalarValue(id)), new("Name", new ScalarValue(name))]));

    [LoggerMessage(1202, LogLevel.Warning,
        "Lines about policy requests left out: {Count}; the limits per minute are {PerNetwork} from one network, and {InAll} in all")]
    private static partial void LeftOut(ILogger<PolicyEndpoint> log, long count, int perNetwork, int inAll);
}
