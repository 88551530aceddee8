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
/// <param name="ConfirmedRemovals">How many domains may be removed even if that needs to be confirmed.</param>
internal sealed record TransitionSettings(bool Retires, GateMode Gate, int ConfirmedRemovals = 0)
{
    public static readonly TransitionSettings Default = Of(new MtaStsOptions());

    /// <summary>Whether a folder of included files doesn't exist, so that domains may be missing that were not removed.</summary>
    public bool IsFolderMissing { get; init; }

    public static TransitionSettings Of(MtaStsOptions options) =>
        new(options.Retirement == "On", Enum.TryParse<GateMode>(options.EnforceGate, out var gate) ? gate : GateMode.Warn,
            options.ConfirmRemoval);
}

/// <summary>What <c>mta-sts.&lt;domain&gt;</c> should point to: a name, for a CNAME, or addresses.</summary>
internal sealed record PublicHost(DomainName? Name, ImmutableArray<IPAddress> Addresses)
{
    public static PublicHost? Of(MtaStsOptions options, SettingsReader settings)
    {
        DomainName? name = null;
        var addresses = ImmutableArray.CreateBuilder<IPAddress>();
        foreach (var (i, text) in options.PublicHost.Index())
        {
            if (AddressText.TryParse(text, out var address)) addresses.Add(address);
            else if (!DomainName.TryParse(text, out var parsed, out _)) continue;
            else if (name is null) name = parsed;
            else
                settings.Error(settings.PathOf($"MtaSts.PublicHost[{i}]"),
                    "is a second name, and a CNAME has one", "keep one name, or write addresses");
        }

        if (name is not null && addresses.Count > 0)
            settings.Error("MtaSts:PublicHost", "has a name and addresses, and a name with a CNAME can't have addresses (RFC 1034 §3.6.2)",
                "keep the name or the addresses");
        return name is null && addresses.Count == 0 ? null : new PublicHost(name, addresses.DrainToImmutable());
    }
}
