using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>An answer to the byte.</summary>
/// <param name="Head">Status line and headers.</param>
/// <param name="Issuer">Of the certificate that was shown.</param>
internal sealed record Answer(string Head, string Body, string Issuer)
{
    public int Status => int.Parse(Head.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>The header's value; <c>null</c>: it isn't there.</summary>
    public string? Header(string name) => Head.Split("\r\n").Skip(1).Select(line => line.Split(':', 2))
        .FirstOrDefault(field => field[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[1].Trim();
}

/// <summary>A client with an address of its own, which trusts one CA and sends what it is told to.</summary>
internal sealed class Sender(X509Certificate2 trusted)
{
    /// <summary>On the loopback, and not the proxy's.</summary>
    public static readonly IPAddress Address = IPAddress.Parse("127.0.0.9");

    /// <param name="sni">Also the Host, unless there is one among the headers.</param>
    /// <param name="headers">Without the line ends.</param>
    /// <exception cref="System.Security.Authentication.AuthenticationException">No certificate, or one for another name.</exception>
    public async Task<Answer> AskAsync(Uri listener, string sni, string path, string method = "GET", params IReadOnlyList<string> headers)
    {
        using var client = new TcpClient(new IPEndPoint(Address, 0));
        await client.ConnectAsync(IPAddress.Parse(listener.Host), listener.Port);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = sni,
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true, CustomTrustStore = { trusted },
            },
        });
        string[] host = headers.Any(header => header.StartsWith("Host:", StringComparison.Ordinal)) ? [] : [$"Host: {sni}"];
        string[] lines = [$"{method} {path} HTTP/1.1", .. host, .. headers, "Connection: close", "", ""];
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", lines)));
        var answer = (await RawHttp.ReadToEndAsync(stream)).Split("\r\n\r\n", 2);
        Assert.True(answer.Length == 2, $"no answer but '{answer[0]}'");
        return new Answer(answer[0], answer[1], stream.RemoteCertificate!.Issuer);
    }
}
