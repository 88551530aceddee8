namespace MtaStsHost.Configuration;

/// <summary>What happens to a domain that goes to <c>enforce</c> while its MX hosts aren't fit for it.</summary>
internal enum GateMode
{
    /// <summary>It goes, and the log says so.</summary>
    Warn,

    /// <summary>It is served as <c>testing</c> until they are.</summary>
    Block,

    /// <summary>It goes.</summary>
    Off,
}

/// <summary>How the service keeps mail safe while policies change.</summary>
/// <param name="Retires">Whether a domain that was removed too early is served as <c>none</c> until senders' copies have expired.</param>
internal sealed record TransitionSettings(bool Retires, GateMode Gate)
{
    public static readonly TransitionSettings Default = Of(new MtaStsOptions());

    public static TransitionSettings Of(MtaStsOptions options) =>
        new(options.Retirement == "On", Enum.TryParse<GateMode>(options.EnforceGate, out var gate) ? gate : GateMode.Warn);
}
