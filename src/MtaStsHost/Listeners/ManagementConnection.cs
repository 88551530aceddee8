namespace MtaStsHost.Listeners;

/// <summary>Marks connections of the management listener. Set by the listener that accepted them, which no header can do.</summary>
internal sealed class ManagementConnection
{
    public static readonly ManagementConnection Instance = new();
}
