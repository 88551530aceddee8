using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Configuration;
using MtaStsHost.Listeners;
using MtaStsHost.Logging;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Hosting;

/// <summary>
/// The configuration in force, and how the last attempt to replace it went. Only the reloader writes; everybody may read.
/// </summary>
internal sealed class LiveConfiguration
{
    private const int ErrorsShown = 20;

    private readonly PolicyTransitions _policies;
    private readonly FileCertificates _certificates;
    private readonly CurrentAcmeSettings _acme;
    private readonly CurrentSenderAddress _sender;
    private readonly ProxyProtocol _proxyProtocol;
    private readonly KestrelSettings _kestrel;
    private readonly HostLogging _logging;
    private readonly TimeProvider _time;
    private State _state;

    public LiveConfiguration(
        ServiceConfiguration configuration, PolicyTransitions policies, FileCertificates certificates, CurrentAcmeSettings acme,
            CurrentSenderAddress sender, ProxyProtocol proxyProtocol, KestrelSettings kestrel, HostLogging logging, TimeProvider time)
    {
        _policies = policies;
        _certificates = certificates;
        _acme = acme;
        _sender = sender;
        _proxyProtocol = proxyProtocol;
        _kestrel = kestrel;
        _logging = logging;
        _time = time;
        _state = new State(configuration, time.GetUtcNow(), null, 1, 0);
        Apply(configuration);
    }

    /// <param name="LastError">The errors of a later configuration that is not in force; <c>null</c> when this is the newest.</param>
    /// <param name="Good">Configurations that came into force, the first one included.</param>
    /// <param name="Bad">Configurations that were refused.</param>
    internal sealed record State(ServiceConfiguration Configuration, DateTimeOffset LoadedAt, string? LastError, long Good, long Bad)
    {
        public HostSettings Settings => Configuration.Settings;
    }

    public State Current => Volatile.Read(ref _state);

    /// <summary>Puts a new configuration in force, all of it at once for each domain. Returns false when a part needs a restart.</summary>
    public bool Accept(ServiceConfiguration configuration)
    {
        var state = Current;
        var sameStore = configuration.Settings.Storage == state.Settings.Storage;
        // The store is open, with leases in it.
        if (!sameStore)
            configuration = configuration with { Settings = configuration.Settings with { Storage = state.Settings.Storage } };
        state = new State(configuration, _time.GetUtcNow(), null, state.Good, state.Bad);
        // Who is told of a change looks at the settings; who looks at the count finds all of it in force.
        Volatile.Write(ref _state, state);
        var applied = Apply(configuration);
        Volatile.Write(ref _state, state with { Good = state.Good + 1 });
        return applied && sameStore;
    }

    /// <summary>Notes a configuration that is not good; the one in force stays. Returns false when that is known already.</summary>
    public bool Refuse(IReadOnlyList<ConfigurationProblem> errors)
    {
        var lines = errors.Take(ErrorsShown).Select(error => error.ToString());
        if (errors.Count > ErrorsShown) lines = lines.Append($"and {errors.Count - ErrorsShown} more");
        return Refuse(string.Join('\n', lines));
    }

    /// <inheritdoc cref="Refuse(IReadOnlyList{ConfigurationProblem})"/>
    public bool Refuse(string error)
    {
        var state = Current;
        if (state.LastError == error) return false;
        Volatile.Write(ref _state, state with { LastError = error, Bad = state.Bad + 1 });
        return true;
    }

    private bool Apply(ServiceConfiguration configuration)
    {
        var settings = configuration.Settings;
        // Certificates first: a new domain must not be answered for before its certificate is there.
        _certificates.Replace(configuration.Certificates);
        _policies.Configure(configuration.Policies, settings.Transitions);
        _sender.Replace(new SenderAddress(settings.KnownNetworks));
        _proxyProtocol.Replace(settings.KnownNetworks);
        var applied = _logging.Apply(settings.Logging);
        _kestrel.Replace(settings.Endpoints);
        // Last: orders begin at once, and the CA then asks the listeners.
        _acme.Replace(settings.Acme);
        return applied;
    }
}
