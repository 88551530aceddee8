namespace MtaStsHost.Storage;

/// <summary>An ACME account at one CA. RFC 8555 §7.1.2.</summary>
/// <param name="EabKeyId">Its external binding; empty for none.</param>
/// <param name="KeyPem">A secret.</param>
/// <param name="Url">Exactly as the CA sent it; <c>null</c> until the CA has answered.</param>
/// <param name="Contact">As registered, such as <c>mailto:admin@example.com</c>; may be empty.</param>
internal sealed record StoredAccount(string DirectoryUrl, string EabKeyId, string KeyPem, string? Url, string Contact)
{
    // The generated text would print the key.
    public override string ToString() => $"account at {DirectoryUrl}";
}
