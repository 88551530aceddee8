namespace MtaStsHost.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    /// <summary>Done and good.</summary>
    public const int Good = 0;

    /// <summary>Done, with findings; or the operation failed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage.</summary>
    public const int Usage = 2;

    /// <summary>The configuration is invalid (EX_CONFIG of sysexits.h), so that a supervisor doesn't try again.</summary>
    public const int Configuration = 78;
}
