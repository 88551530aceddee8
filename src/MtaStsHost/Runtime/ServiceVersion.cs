using System.Reflection;

namespace MtaStsHost.Runtime;

/// <summary>The version of this build, <c>0.1.0</c>.</summary>
internal static class ServiceVersion
{
    /// <summary>What the checks' user agent begins with, here and at others: they are no senders.</summary>
    public const string UserAgentName = "MtaStsHost/";

    public static string Text { get; } =
        typeof(ServiceVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "0.0.0";
}
