using System.Collections.Concurrent;

namespace MtaStsHost.Storage;

/// <summary>A unit of work in the queue of a <see cref="WorkThread"/>.</summary>
internal interface IWork
{
    /// <summary>What its own run failed with; <c>null</c>: it didn't.</summary>
    Exception? Failed { get; }

    /// <returns>Whether it went well.</returns>
    bool Run(SqlSession session);

    /// <summary>Gives the outcome to who waits for it: after the commit, not before.</summary>
    void Complete(SqliteFile file);

    /// <summary>The transaction failed as a whole.</summary>
    void Fail(StoreException failure);
}

/// <summary>A thread with a queue, which takes all that waits at once.</summary>
internal sealed class WorkThread : IAsyncDisposable
{
    /// <summary>A transaction must not grow without end while more and more comes in.</summary>
    private const int MostAtOnce = 200;

    private readonly BlockingCollection<IWork> _queue = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Thread _thread;
    private int _started;

    /// <param name="run">Runs on the thread, with all that waits. Never throws.</param>
    public WorkThread(string name, Action<IReadOnlyList<IWork>> run) => _thread = new Thread(() => Loop(run)) { Name = name, IsBackground = true };

    public Task<T> RunAsync<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken)
    {
        var item = new Work<T>(work, cancellationToken);
        try
        {
            _queue.Add(item, CancellationToken.None);
            // A host that orders nothing needs no thread for it.
            if (Interlocked.Exchange(ref _started, 1) == 0) _thread.Start();
        }
        catch (InvalidOperationException e)
        {
            throw new StoreException("the store is closed", "the host is being stopped", e);
        }

        return item.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        if (Interlocked.Exchange(ref _started, 1) != 0) await _ended.Task;
        _queue.Dispose();
    }

    private void Loop(Action<IReadOnlyList<IWork>> run)
    {
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            var works = new List<IWork> { first };
            while (works.Count < MostAtOnce && _queue.TryTake(out var next)) works.Add(next);
            run(works);
        }

        _ended.SetResult();
    }

    private sealed class Work<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken) : IWork
    {
        private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Task => _outcome.Task;

        public Exception? Failed { get; private set; }

        public bool Run(SqlSession session)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                // SQLite's calls end before they return, on this thread.
                _result = work(session).GetAwaiter().GetResult();
                return true;
            }
#pragma warning disable CA1031 // Whatever it is, it is for who waits for this work; the thread goes on with the others'.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Failed = e;
                return false;
            }
        }

        public void Complete(SqliteFile file)
        {
            if (Failed is null) _outcome.TrySetResult(_result!);
            else if (Failed is OperationCanceledException) _outcome.TrySetCanceled(cancellationToken);
            else _outcome.TrySetException(file.Explain(Failed));
        }

        public void Fail(StoreException failure)
        {
            if (Failed is OperationCanceledException) _outcome.TrySetCanceled(cancellationToken);
            else _outcome.TrySetException(Failed as StoreException ?? failure);
        }
    }
}
