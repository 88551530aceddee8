using System.Buffers;

namespace Acme;

/// <summary>RFC 4648 §5, without padding: what nonces, tokens and certificate ids are made of.</summary>
internal static class Base64UrlAlphabet
{
    public static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}
