namespace MtaStsHost.Cli;

internal static class ExitCode
{
    public const int Good = 0;

    /// <summary>There are findings, or the operation failed.</summary>
    public const int Failed = 1;

    public const int Usage = 2;

    /// <summary>EX_CONFIG of sysexits.h, so that a supervisor doesn't try again.</summary>
    public const int Configuration = 78;
}
