using Microsoft.Extensions.Logging;

namespace MtaStsHost.Tests.Checks.Background;

/// <summary>The lines that were logged, each with its event id and level.</summary>
internal sealed class LineLogger<T> : List<string>, ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state,
        Exception? exception, Func<TState, Exception?, string> formatter) =>
        Add($"{eventId.Id} {logLevel} {formatter(state, exception)}");
}
