
namespace MtaStsHost.Configuration;

/// <summary>What becomes of a domain that goes to <c>enforce</c> while its MX hosts aren't fit for it.</summary>
internal enum GateMode
{
    /// <summary>It goes, and the log says so.</summary>
    Warn,

    /// <summary>It is served as <c>testing</c> until they are.</summary>
    Block,

    /// <summary>It goes.</summary>
    Off,
}

/// <summary>How the host keeps mail safe while policies change.</summary>
/// <param name="Retires">Whether a domain that was removed too early is served as <c>none</c> until senders' copies have run out.</param>
internal sealed record TransitionSettings(bool Retires, GateMode Gate)
{
    public static readonly TransitionSettings Default = new(true, GateMode.Warn);

    public static TransitionSettings Read(SettingsReader settings) => new(
        settings.Choice("MtaSts:Retirement", "On", "On", "Off") == "On",
        Enum.Parse<GateMode>(settings.Choice("MtaSts:EnforceGate", nameof(GateMode.Warn), Enum.GetNames<GateMode>())));
}
