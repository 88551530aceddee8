using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MtaStsHost.Tests.Certificates.Issuing.Fixture;

/// <summary>What was logged, one line each: <c>1421 Warning text</c>.</summary>
internal sealed class LogList
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public int Count(int eventId) => Lines.Count(line => line.StartsWith($"{eventId} ", StringComparison.Ordinal));

    public ILogger<T> For<T>() => new Logger<T>(this);

    private sealed class Logger<T>(LogList list) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state,
            Exception? exception, Func<TState, Exception?, string> formatter) =>
            list.Lines.Enqueue($"{eventId.Id} {logLevel} {formatter(state, exception)}{(exception is null ? "" : $" | {exception}")}");
    }
}
