namespace MtaStsHost.Storage;

/// <summary>An ACME account at one CA. RFC 8555 §7.1.2.</summary>
/// <param name="EabKeyId">The external binding that it was made with; empty for none.</param>
/// <param name="KeyPem">A secret.</param>
/// <param name="Url">As the CA gave it, to the letter; <c>null</c> as long as the CA hasn't answered.</param>
/// <param name="Contact">What the CA was told, such as <c>mailto:admin@example.com</c>; may be empty.</param>
internal sealed record StoredAccount(string DirectoryUrl, string EabKeyId, string KeyPem, string? Url, string Contact)
{
    // A record's own text would print the key.
    public override string ToString() => $"account at {DirectoryUrl}";
}
