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
    private int _disposed;

    /// <param name="run">Runs on the thread, with all that waits. Never throws.</param>
    public WorkThread(string name, Action<IReadOnlyList<IWork>> run) =>
        _thread = new Thread(() => Loop(run)) { Name = name, IsBackground = true };

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
            return Task.FromException<T>(new StoreException("the store is closed", "the host is being stopped", e));
        }

        return item.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _queue.CompleteAdding();
        // Somebody may have added work and not have started the thread yet.
        if (Interlocked.Exchange(ref _started, 1) == 0) _thread.Start();
        await _ended.Task;
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

    private sealed class Work<T> : IWork
    {
        private readonly Func<SqlSession, Task<T>> _work;
        private readonly CancellationToken _cancellationToken;
        private readonly CancellationTokenRegistration _registration;
        private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private int _isTaken;

        public Work(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken)
        {
            (_work, _cancellationToken) = (work, cancellationToken);
            // The queue may stand still for as long as another process holds the lock. Whoever doesn't want to wait need not; what runs
            // already
            // runs to its end, since its outcome must be known.
            _registration = cancellationToken.UnsafeRegister(
                state =>
                {
                    var cancelled = (Work<T>)state!;
                    if (cancelled.Take()) cancelled._outcome.TrySetCanceled(cancelled._cancellationToken);
                },
                this);
        }

        public Task<T> Task => _outcome.Task;

        public Exception? Failed { get; private set; }

        public bool Run(SqlSession session)
        {
            try
            {
                if (!Take()) throw new OperationCanceledException(_cancellationToken);
                // SQLite's calls end before they return, on this thread.
                _result = _work(session).GetAwaiter().GetResult();
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
            _registration.Unregister();
            if (Failed is null) _outcome.TrySetResult(_result!);
            else if (Failed is OperationCanceledException) _outcome.TrySetCanceled(_cancellationToken);
            // A row that can't be read as what it should be is a failure of the store too.
            else _outcome.TrySetException(file.Explain(Failed));
        }

        public void Fail(StoreException failure)
        {
            _registration.Unregister();
            if (Failed is OperationCanceledException) _outcome.TrySetCanceled(_cancellationToken);
            else _outcome.TrySetException(Failed as StoreException ?? failure);
        }

        private bool Take() => Interlocked.Exchange(ref _isTaken, 1) == 0;
    }
}
