using System.Net;
using System.Net.Sockets;

namespace Acme.Testing;

/// <summary>Ports for programs that must be told theirs beforehand.</summary>
public static class FreePorts
{
    // Below the range that the kernel takes client ports from (32768 and up): no other program gets one of these by chance.
    private const int First = 20_000;
    private const int Last = 32_000;

    private static readonly Lock s_lock = new();
    private static int s_next = Random.Shared.Next(First, Last);

    public static int Next()
    {
        lock (s_lock)
        {
            while (true)
            {
                s_next = s_next >= Last ? First : s_next + 1;
                try
                {
                    using var listener = new TcpListener(IPAddress.Any, s_next) { ExclusiveAddressUse = true };
                    listener.Start();
                    return s_next;
                }
                catch (SocketException)
                {
                    // Taken.
                }
            }
        }
    }
}
