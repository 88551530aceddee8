using System.Buffers;

namespace Acme;

/// <summary>The alphabet of nonces, tokens and certificate ids, without padding. RFC 4648 §5.</summary>
internal static class Base64UrlAlphabet
{
    public static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}
