using System.Buffers.Text;
using System.Security.Cryptography;

namespace MtaStsHost.Certificates.Issuing.Preflight;

/// <summary>
/// How this process knows its own listener: <c>GET /.well-known/acme-challenge/{Token}</c> is answered with <see cref="Answer"/> for
/// managed
/// hosts. Other replicas have other tokens.
/// </summary>
internal sealed class SelfCheck
{
    private const int RandomBytes = 24;

    /// <summary>base64url, as a challenge's token is.</summary>
    public string Token { get; } = Random();

    /// <summary>ASCII. No key authorization: it has no dot (RFC 8555 §8.1). Random too, so that no echo of the token is taken for
    /// it.</summary>
    public string Answer { get; } = Random();

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
}
