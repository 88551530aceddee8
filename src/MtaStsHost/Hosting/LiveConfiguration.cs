using MtaStsHost.Certificates.Files;
using MtaStsHost.Configuration;
using MtaStsHost.Logging;
using MtaStsHost.Transitions;

namespace MtaStsHost.Hosting;

/// <summary>The active configuration, and how the last attempt to replace it went. Only the reloader writes, from two threads.</summary>
internal sealed class LiveConfiguration
{
    private const int ErrorsShown = 20;

    private readonly Lock _lock = new();
    private readonly LiveSettings _live;
    private readonly PolicyTransitions _policies;
    private readonly FileCertificates _certificates;
    private readonly HostLogging _logging;
    private readonly TimeProvider _time;
    private State _state;

    public LiveConfiguration(ServiceConfiguration configuration, LiveSettings live, PolicyTransitions policies,
        FileCertificates certificates, HostLogging logging, TimeProvider time)
    {
        (_live, _policies, _certificates, _logging, _time) = (live, policies, certificates, logging, time);
        _state = new State(configuration, time.GetUtcNow(), null, 1, 0);
        Apply(configuration);
    }

    /// <param name="LastError">The errors of a later configuration that is not active; <c>null</c> when this is the newest.</param>
    /// <param name="Good">Configurations that became active, including the first one.</param>
    /// <param name="Bad">Configurations that were refused.</param>
    internal sealed record State(ServiceConfiguration Configuration, DateTimeOffset LoadedAt, string? LastError, long Good, long Bad)
    {
        public HostSettings Settings => Configuration.Settings;
    }

    public State Current => Volatile.Read(ref _state);

    /// <summary>Activates a new configuration, all of it at once for each domain. Returns false when a part needs a restart.</summary>
    public bool Accept(ServiceConfiguration configuration)
    {
        lock (_lock) return AcceptAlone(configuration);
    }

    /// <summary>Notes a configuration with errors; the active one stays. Returns false when that is known already.</summary>
    public bool Refuse(IReadOnlyList<ConfigurationProblem> errors)
    {
        var lines = errors.Take(ErrorsShown).Select(error => error.ToString());
        if (errors.Count > ErrorsShown) lines = lines.Append($"and {errors.Count - ErrorsShown} more");
        return Refuse(string.Join('\n', lines));
    }

    public bool Refuse(string error)
    {
        lock (_lock)
        {
            var state = Current;
            if (state.LastError == error) return false;
            Volatile.Write(ref _state, state with { LastError = error, Bad = state.Bad + 1 });
            return true;
        }
    }

    private bool AcceptAlone(ServiceConfiguration configuration)
    {
        var state = Current;
        var sameStore = configuration.Settings.Storage == state.Settings.Storage;
        // The store is open, with leases in it.
        if (!sameStore)
            configuration = configuration with { Settings = configuration.Settings with { Storage = state.Settings.Storage } };
        state = new State(configuration, _time.GetUtcNow(), null, state.Good, state.Bad);
        // Before the parts change: their handlers read the settings. The count changes last, when all of it is active.
        Volatile.Write(ref _state, state);
        var applied = Apply(configuration);
        Volatile.Write(ref _state, state with { Good = state.Good + 1 });
        return applied && sameStore;
    }

    private bool Apply(ServiceConfiguration configuration)
    {
        var settings = configuration.Settings;
        // Certificates first: a new domain must not be answered for before its certificate is there.
        _certificates.Replace(configuration.Certificates);
        // Before the policies, whose change begins a round of checks.
        _live.Background.Replace(new BackgroundSettings(settings.Checks, settings.Resolvers, settings.PublicHost));
        _policies.Configure(configuration.Policies,
            settings.Transitions with { IsFolderMissing = configuration.Folders.Any(folder => folder.IsHidden) });
        _live.KnownNetworks.Replace(settings.KnownNetworks);
        var applied = _logging.Apply(settings.Logging);
        _live.Endpoints.Replace(settings.Endpoints);
        // Last: orders begin at once, and the CA then connects to the listeners.
        _live.Acme.Replace(settings.Acme);
        return applied;
    }
}
