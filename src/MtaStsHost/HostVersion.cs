using System.Reflection;

namespace MtaStsHost;

/// <summary>The version of this build, <c>0.1.0</c>.</summary>
internal static class HostVersion
{
    public static string Text { get; } =
        typeof(HostVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
