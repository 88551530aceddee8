using System.Globalization;

namespace MtaStsHost.Configuration;

/// <summary>The <c>Checks</c> section.</summary>
/// <param name="Enabled">Whether the host looks by itself at the domains that it serves.</param>
/// <param name="Interval">How often it looks at each.</param>
/// <param name="TrustedRootsFile">PEM, absolute; the only roots that are trusted then. <c>null</c>: the system's.</param>
/// <param name="SmtpPort">Where MX hosts are asked.</param>
/// <param name="HttpsPort">Where policy hosts are asked.</param>
/// <param name="Timeout">For each fetch and each connection to an MX host, from beginning to end.</param>
internal sealed record CheckSettings(bool Enabled, TimeSpan Interval, string? TrustedRootsFile,
    int SmtpPort, int HttpsPort, TimeSpan Timeout)
{
    public static readonly CheckSettings Default = new(true, TimeSpan.FromHours(1), null, 25, 443, TimeSpan.FromSeconds(20));

    private static readonly TimeSpan s_shortestTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestTimeout = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan s_shortestInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_longestInterval = TimeSpan.FromDays(7);

    public static CheckSettings Read(SettingsReader settings)
    {
        return new CheckSettings(
            settings.Bool("Checks:Enabled", Default.Enabled),
            Span(settings, "Checks:Interval", Default.Interval, s_shortestInterval, s_longestInterval),
            settings.FullPath("Checks:TrustedRootsFile"),
            settings.Int("Checks:SmtpPort", Default.SmtpPort, 1, 65_535),
            settings.Int("Checks:HttpsPort", Default.HttpsPort, 1, 65_535),
            Span(settings, "Checks:Timeout", Default.Timeout, s_shortestTimeout, s_longestTimeout));
    }

    private static TimeSpan Span(SettingsReader settings, string path, TimeSpan otherwise, TimeSpan least, TimeSpan most)
    {
        if (settings.Find(path) is not { } value) return otherwise;
        // "60" alone is 60 days to TimeSpan, which nobody means.
        if (value.Text!.Contains(':', StringComparison.Ordinal)
            && TimeSpan.TryParse(value.Text, CultureInfo.InvariantCulture, out var span) && span >= least && span <= most) return span;
        settings.Problems.Error(path, value.Origin, $"{ProblemList.Quote(value.Text)} is no time from {least:c} to {most:c}",
            $"write hours, minutes and seconds, such as \"{otherwise:c}\"");
        return otherwise;
    }
}
