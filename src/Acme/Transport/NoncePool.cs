namespace Acme;

/// <summary>
/// The nonces that answers brought and no request has used yet. RFC 8555 §6.5. The newest goes out first: servers forget old ones, and
/// after a pause one refused request brings a fresh one, which is then taken by the next.
/// </summary>
internal sealed class NoncePool(TimeProvider time)
{
    public const int Capacity = 128;
    private const int LongestNonce = 512;

    private readonly Lock _gate = new();
    private readonly LinkedList<(string Nonce, long Received)> _nonces = [];

    /// <summary>Old ones are thrown away: a request with a forgotten nonce costs a round trip more than a new one does.</summary>
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

    // RFC 8555 §6.5.1: clients must ignore values that are not base64url. Only the alphabet is looked at, as servers put prefixes before
    // their nonces.
    public static bool IsNonce(string? text) =>
        text is { Length: > 0 and <= LongestNonce } && !text.AsSpan().ContainsAnyExcept(Base64UrlAlphabet.Characters);
}
