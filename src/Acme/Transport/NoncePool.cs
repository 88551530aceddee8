namespace Acme;

/// <summary>
/// Nonces from responses that no request has used yet. RFC 8555 §6.5. The newest is used first, since servers forget old ones.
/// </summary>
internal sealed class NoncePool(TimeProvider time)
{
    public const int Capacity = 128;
    private const int MaxNonce = 512;

    private readonly Lock _gate = new();
    private readonly LinkedList<(string Nonce, long Received)> _nonces = [];

    /// <summary>Older nonces are discarded: a forgotten nonce costs one more round trip than a new one.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromMinutes(10);

    public void Add(string? nonce)
    {
        if (!IsNonce(nonce))
            return;
        lock (_gate)
        {
            _nonces.AddLast((nonce!, time.GetTimestamp()));
            if (_nonces.Count > Capacity)
                _nonces.RemoveFirst();
        }
    }

    public string? Take()
    {
        lock (_gate)
        {
            if (_nonces.Last is not { Value: var (nonce, received) })
                return null;
            if (time.GetElapsedTime(received) > Lifetime)
            {
                _nonces.Clear();
                return null;
            }

            _nonces.RemoveLast();
            return nonce;
        }
    }

    // RFC 8555 §6.5.1: clients must ignore values that are not base64url. Only the alphabet is checked: some servers use prefixes.
    public static bool IsNonce(string? text) =>
        text is { Length: > 0 and <= MaxNonce } && !text.AsSpan().ContainsAnyExcept(Base64UrlAlphabet.Characters);
}
