using MtaStsHost.Text;

namespace MtaStsHost.Cli;

/// <summary>
/// Says on standard error what is waited for, once it takes longer than a second, and how far it is where that can be counted: on a
/// terminal
/// in one line, which is gone when the work is done; else in a line now and then, where there is news.
/// </summary>
internal sealed class Progress : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_news = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly string _what;
    private readonly bool _isCounted;
    private readonly TextWriter _output;
    private readonly int? _width;
    private readonly ITimer _timer;
    private int _done;
    private bool _isOver;

    /// <summary>On a terminal, what stands in the line now; else what was said last.</summary>
    private string _said = "";

    /// <param name="what">What is waited for.</param>
    /// <param name="isCounted">Whether <see cref="Advance"/> tells how far it is.</param>
    /// <param name="output">Standard error.</param>
    /// <param name="width">The terminal's; <c>null</c>: it is none.</param>
    /// <param name="time">When to speak.</param>
    internal Progress(string what, bool isCounted, TextWriter output, int? width, TimeProvider time)
    {
        (_what, _isCounted, _output, _width) = (Printable.Text(what), isCounted, output, width);
        _timer = time.CreateTimer(_ => Say(), null, s_patience, width is null ? s_news : s_glance);
    }

    /// <summary>Until the result is disposed of.</summary>
    public static Progress Of(string what, bool isCounted = false) =>
        new(what, isCounted, Console.Error, Console.IsErrorRedirected ? null : TerminalWidth(), TimeProvider.System);

    public static async Task<T> OfAsync<T>(string what, Task<T> work)
    {
        using var progress = Of(what);
        return await work;
    }

    /// <summary>One more is done.</summary>
    public void Advance() => Interlocked.Increment(ref _done);

    /// <summary>Lets something be printed that may go to the same terminal.</summary>
    public void Print(Action print)
    {
        lock (_lock)
        {
            Wipe();
            print();
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            // The timer may be calling yet.
            _isOver = true;
            Wipe();
        }
    }

    private static int TerminalWidth() => Console.WindowWidth is > 1 and var width ? width : 80; // some terminals don't know theirs

    private void Say()
    {
        // Whoever prints may wait for a reader for long; calls of the timer don't queue up behind him.
        if (!_lock.TryEnter()) return;
        try
        {
            var text = _isCounted ? $"{_what}: {Volatile.Read(ref _done)} done" : $"{_what} …";
            // A line that is broken in two can't be rewritten.
            if (text.Length >= _width) text = text[..(_width.Value - 1)];
            if (_isOver || text == _said) return;
            Wipe();
            _said = text;
            if (_width is null) _output.WriteLine(text);
            else _output.Write(text);
        }
        finally
        {
            _lock.Exit();
        }
    }

    private void Wipe()
    {
        if (_width is null || _said.Length == 0) return;
        _output.Write($"\r{new string(' ', _said.Length)}\r"); // understood by every terminal
        _said = "";
    }
}
