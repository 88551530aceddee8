namespace MtaStsHost.Http;

/// <summary>Marks a connection that a known proxy passes on without the sender's address (PROXY protocol: LOCAL, UNKNOWN). Its address is
/// the proxy's, but its headers need not be.</summary>
internal sealed class UnnamedSender
{
    public static readonly UnnamedSender Instance = new();
}
