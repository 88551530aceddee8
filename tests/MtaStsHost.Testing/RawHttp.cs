using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MtaStsHost.Testing;

/// <summary>Requests that no well-behaved client sends, and answers to the byte.</summary>
public static class RawHttp
{
    /// <summary>Sends the bytes of the text and reads until the host closes; the request should ask for that (<c>Connection:
    /// close</c>).</summary>
    public static async Task<string> SendAsync(Uri listener, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(listener.Host, listener.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
        return await ReadToEndAsync(stream);
    }

    /// <summary>Reads what there is until the end; a connection that is reset has ended too.</summary>
    public static async Task<string> ReadToEndAsync(Stream stream)
    {
        using var answer = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await stream.ReadAsync(buffer) is > 0 and var read) answer.Write(buffer, 0, read);
        }
        catch (IOException)
        {
            // Reset: the answer is what came before.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }

    /// <summary>Shakes hands with that SNI.</summary>
    /// <param name="sni">Empty: none is sent.</param>
    /// <param name="seen">Gets the leaf and the chain elements that the host sent.</param>
    /// <exception cref="IOException">The host ended the handshake.</exception>
    /// <exception cref="AuthenticationException">The same, by an alert.</exception>
    public static async Task<SslStream> HandshakeAsync(
        Uri listener, string sni, Action<X509Certificate2, IReadOnlyList<X509Certificate2>>? seen = null,
            Action<SslClientAuthenticationOptions>? configure = null)
    {
        var client = new TcpClient();
        await client.ConnectAsync(listener.Host, listener.Port);
        var stream = new SslStream(client.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = sni,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                seen?.Invoke((X509Certificate2)certificate!, [.. chain!.ChainPolicy.ExtraStore.Select(element => element)]);
                return true;
            },
        };
        configure?.Invoke(options);
        try
        {
            await stream.AuthenticateAsClientAsync(options);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
