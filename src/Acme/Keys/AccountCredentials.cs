namespace Acme;

/// <summary>What signs an account's requests: its key, and its URL as the JWS <c>kid</c>. RFC 8555 §6.2.</summary>
/// <param name="Key">The account's key; the caller disposes of it.</param>
/// <param name="Url">
/// The account's URL exactly as received. Store <see cref="Uri.OriginalString"/>: servers compare it character by character.
/// </param>
public sealed record AccountCredentials(AccountKey Key, Uri Url);
