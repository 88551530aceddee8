namespace MtaStsHost.Listeners;

/// <summary>Marks a connection of the management listener. Set by the listener, so that no header can fake it.</summary>
internal sealed class ManagementConnection
{
    public static readonly ManagementConnection Instance = new();
}
