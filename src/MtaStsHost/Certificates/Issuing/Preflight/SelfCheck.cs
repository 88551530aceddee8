using System.Buffers.Text;

namespace MtaStsHost.Certificates.Issuing.Preflight;

/// <summary>
/// How this process recognises its own listener: for policy hosts, <c>/.well-known/acme-challenge/{Token}</c> returns
/// <see cref="Answer"/>. Other replicas have other tokens.
/// </summary>
internal sealed class SelfCheck
{
    private const int RandomBytes = 24;

    /// <summary>base64url, like a challenge's token.</summary>
    public string Token { get; } = Random();

    /// <summary>ASCII; not a key authorization, since it has no dot (RFC 8555 §8.1). Random, so that an echo of the token doesn't
    /// match.</summary>
    public string Answer { get; } = Random();

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
}
