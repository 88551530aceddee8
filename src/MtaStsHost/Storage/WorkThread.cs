using System.Collections.Concurrent;

namespace MtaStsHost.Storage;

/// <summary>A unit of work in the queue of a <see cref="WorkThread"/>.</summary>
internal interface IWork
{
    /// <summary>The failure of its own run; <c>null</c>: none.</summary>
    Exception? Failed { get; }

    /// <summary>Again, if the transaction of an earlier run was undone.</summary>
    /// <returns>Whether it succeeded.</returns>
    bool Run(SqlSession session);

    /// <summary>What it wrote was undone.</summary>
    void Fail(Exception failure);

    /// <summary>Publishes the outcome, after the commit.</summary>
    void Complete(SqliteFile file);

    /// <summary>The transaction failed as a whole, which is the outcome.</summary>
    void Abandon(StoreException failure);
}

/// <summary>A thread with a queue, which takes all waiting work at once.</summary>
internal sealed class WorkThread : IAsyncDisposable
{
    /// <summary>Bounds a transaction while more and more work arrives.</summary>
    private const int MostAtOnce = 200;

    private readonly BlockingCollection<IWork> _queue = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Thread _thread;
    private int _started;
    private int _disposed;

    /// <param name="run">Runs on the thread, with all waiting work. Never throws.</param>
    public WorkThread(string name, Action<IReadOnlyList<IWork>> run) =>
        _thread = new Thread(() => Loop(run)) { Name = name, IsBackground = true };

    public Task<T> RunAsync<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken)
    {
        var item = new Work<T>(work, cancellationToken);
        try
        {
            _queue.Add(item, CancellationToken.None);
            // Started on first use: a service that orders nothing needs no thread.
            if (Interlocked.Exchange(ref _started, 1) == 0) _thread.Start();
        }
        catch (InvalidOperationException e)
        {
            return Task.FromException<T>(new StoreException("the store is closed", "the service is stopping", e));
        }

        return item.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _queue.CompleteAdding();
        // Another thread may have added work and not have started this one yet.
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
        private bool _isRunning;

        public Work(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken)
        {
            (_work, _cancellationToken) = (work, cancellationToken);
            // The queue may stall while another process holds the lock, so waiting work can be cancelled. Running work is not: its outcome
            // must be known.
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
                _isRunning = _isRunning || Take();
                if (!_isRunning) throw new OperationCanceledException(_cancellationToken);
                Failed = null;
                // SQLite's calls are synchronous.
                _result = _work(session).GetAwaiter().GetResult();
                return true;
            }
#pragma warning disable CA1031 // The caller gets it; the thread continues with the other work.
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
            // A malformed row is a failure of the store too.
            else _outcome.TrySetException(file.Explain(Failed));
        }

        public void Fail(Exception failure) => Failed = failure;

        public void Abandon(StoreException failure)
        {
            _registration.Unregister();
            if (Failed is OperationCanceledException) _outcome.TrySetCanceled(_cancellationToken);
            else _outcome.TrySetException(Failed as StoreException ?? failure);
        }

        private bool Take() => Interlocked.Exchange(ref _isTaken, 1) == 0;
    }
}
