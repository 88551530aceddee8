namespace MtaStsHost.Http;

/// <summary>
/// Marks connections that a known proxy passes on without saying from whom (PROXY protocol: LOCAL, UNKNOWN). Their address is the proxy's
/// own, yet
/// what comes in on them need not be the proxy's own word.
/// </summary>
internal sealed class UnnamedSender
{
    public static readonly UnnamedSender Instance = new();
}
