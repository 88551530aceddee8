using MtaStsHost.Runtime;

namespace MtaStsHost.Configuration;

/// <summary>
/// Waits until files have changed and are quiet again. The file system's events make it quick; where they don't reach (network
/// mounts, some container volumes, no watches left) it polls, often enough for a change to take effect within 2 seconds.
/// </summary>
/// <param name="slow">Watches over every access to the files.</param>
internal sealed class InputWatcher(TimeProvider time, SlowReading? slow = null, bool useEvents = true) : IDisposable
{
    /// <summary>Between two polls.</summary>
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(500);

    /// <summary>How long files must stay as they are: an editor that truncates and then writes shows an empty file in between.</summary>
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(100);

    /// <summary>A file that is written to without end is read at last; it can hold the others up no longer.</summary>
    private const int MaxSettleRounds = 8;

    /// <summary>The longest time between two polls; including the load, a change takes effect within 2 seconds.</summary>
    private static readonly TimeSpan s_longestPoll = TimeSpan.FromMilliseconds(1500);

    /// <summary>Polling may take this part of the time: it costs more with 10,000 included files than with three.</summary>
    private const int PollShare = 20;

    private readonly Dictionary<(string Folder, bool Subfolders), FileSystemWatcher> _watchers = [];
    private readonly WakeableDelay _sleep = new(time);
    private HashSet<string> _names = [];
    private IncludePattern[] _includes = [];

    private int _isInterrupted;

    /// <summary>Whether every folder of the last wait is watched by events.</summary>
    public bool EventsWork { get; private set; }

    /// <summary>Makes the wait return, or the next one.</summary>
    public void Interrupt()
    {
        Volatile.Write(ref _isInterrupted, 1);
        _sleep.Wake();
    }

    /// <summary>Returns when any of the inputs differs from its fingerprint, when interrupted, or after a time.</summary>
    public async Task WaitForChangeAsync(
        IReadOnlyList<(ConfigurationInputs Inputs, long Fingerprint)> known, TimeSpan? atMost, CancellationToken cancellationToken)
    {
        EventsWork = Look(() => Watch(known));
        var began = time.GetTimestamp();
        while (true)
        {
            var started = time.GetTimestamp();
            _sleep.Listen();
            if (Look(() => known.Any(entry => entry.Inputs.Fingerprint() != entry.Fingerprint))) break;
            if (Interlocked.Exchange(ref _isInterrupted, 0) == 1 || time.GetElapsedTime(began) >= atMost) return;
            var poll = time.GetElapsedTime(started) * PollShare;
            var isWoken = await _sleep.SleepAsync(poll < s_poll ? s_poll : poll > s_longestPoll ? s_longestPoll : poll, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            // Many files that change at once bring many events: at most so many looks a second.
            if (isWoken) await Task.Delay(s_settle / 2, time, cancellationToken);
        }

        var last = Look(Fingerprints);
        for (var round = 0; round < MaxSettleRounds; round++)
        {
            await Task.Delay(s_settle, time, cancellationToken);
            var next = Look(Fingerprints);
            if (next == last) return;
            last = next;
        }

        T Look<T>(Func<T> read) => slow is null ? read() : slow.Watch(read);

        long Fingerprints() => known.Aggregate(17L, (hash, entry) => (hash * 31) + entry.Inputs.Fingerprint());
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers.Values) watcher.Dispose();
    }

    /// <returns>Whether every folder is watched.</returns>
    private bool Watch(IReadOnlyList<(ConfigurationInputs Inputs, long Fingerprint)> known)
    {
        if (!useEvents) return false;
        var folders = known.SelectMany(entry => entry.Inputs.Folders()).Distinct().ToList();
        Volatile.Write(ref _names, known.SelectMany(entry => entry.Inputs.Files)
            .Select(file => Path.GetFileName(file)).ToHashSet(StringComparer.Ordinal));
        Volatile.Write(ref _includes, [.. known.SelectMany(entry => entry.Inputs.Includes)]);
        foreach (var gone in _watchers.Keys.Except(folders).ToList())
        {
            _watchers[gone].Dispose();
            _watchers.Remove(gone);
        }

        var all = true;
        foreach (var key in folders.Where(folder => !_watchers.ContainsKey(folder)))
        {
            try
            {
                _watchers[key] = Start(key.Folder, key.Subfolders);
            }
            catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
            {
                // No such folder yet, or no watches left (fs.inotify.max_user_watches): looking by itself is enough.
                all = false;
            }
        }

        return all;
    }

    private FileSystemWatcher Start(string folder, bool subfolders)
    {
        var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = subfolders };
        try
        {
            watcher.Changed += OnEvent;
            watcher.Created += OnEvent;
            watcher.Deleted += OnEvent;
            watcher.Renamed += OnEvent;
            watcher.Error += (_, _) => _sleep.Wake();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch
        {
            watcher.Dispose();
            throw;
        }
    }

    private void OnEvent(object sender, FileSystemEventArgs e)
    {
        // The folder may have a log or a database in it too. Of Kubernetes' switches only ..data is seen here.
        var name = Path.GetFileName(e.FullPath);
        if (name.StartsWith("..", StringComparison.Ordinal) || Volatile.Read(ref _names).Contains(name)
            || Volatile.Read(ref _includes).Any(include => include.CanMatch(e.FullPath))) _sleep.Wake();
    }
}
