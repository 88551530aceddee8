namespace Acme;

/// <summary>
/// A key pair that signs ACME requests. Account keys and certificate keys are separate types, because servers refuse a certificate
/// for an account's key: RFC 8555 §11.1. Thread-safe.
/// </summary>
public abstract class AcmeKey : IDisposable
{
    private const int MinRsaBits = 2048;
    private const int NewRsaBits = 2048;

    private readonly AsymmetricAlgorithm _key;
    private readonly Lock _gate = new(); // .NET key objects are not documented as thread-safe

    private protected AcmeKey(AsymmetricAlgorithm key)
    {
        _key = key;
        Algorithm = key switch
        {
            ECDsa { KeySize: 256 } => KeyAlgorithm.ES256,
            ECDsa { KeySize: 384 } => KeyAlgorithm.ES384,
            _ => KeyAlgorithm.RS256,
        };
        Jwk = key is ECDsa ec ? JsonWebKey.From(ec) : JsonWebKey.From((RSA)key);
    }

    /// <summary>The signature algorithm.</summary>
    public KeyAlgorithm Algorithm { get; }

    internal JsonWebKey Jwk { get; }

    /// <summary>Exports the private key, a secret.</summary>
    /// <returns>PKCS#8 as PEM, not encrypted, with a trailing line feed.</returns>
    /// <exception cref="ObjectDisposedException">The key has been disposed.</exception>
    public string ExportPem() => _key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>The kind of key, without any key material.</summary>
    /// <returns>The type's name and the algorithm.</returns>
    public override string ToString() => $"{GetType().Name} {Algorithm}";

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Wipes the key.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            _key.Dispose();
    }

    // JWS uses P1363, not the DER sequence of X.509: RFC 7518 §3.4.
    internal byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_gate)
            return _key is ECDsa ec
                ? ec.SignData(data, HashOf(Algorithm), DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                : ((RSA)_key).SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    internal T Use<T>(Func<AsymmetricAlgorithm, T> action)
    {
        lock (_gate)
            return action(_key);
    }

    private protected static HashAlgorithmName HashOf(KeyAlgorithm algorithm) =>
        algorithm == KeyAlgorithm.ES384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;

    private protected static AsymmetricAlgorithm Generate(KeyAlgorithm algorithm) => algorithm switch
    {
        KeyAlgorithm.ES256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        KeyAlgorithm.ES384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        KeyAlgorithm.RS256 => RSA.Create(NewRsaBits),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "Expected ES256, ES384 or RS256."),
    };

    private protected static AsymmetricAlgorithm Import(string pem) =>
        TryImport(ECDsa.Create(), pem) ?? TryImport(RSA.Create(), pem)
        // No inner exception, which might repeat the text.
        ?? throw new CryptographicException(
            "Expected an unencrypted private key in PEM: P-256, P-384, or RSA with at least 2048 bits.");

    private static AsymmetricAlgorithm? TryImport(AsymmetricAlgorithm key, string pem)
    {
        try
        {
            key.ImportFromPem(pem);
            if (IsUsable(key))
                return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Not this kind of key; the caller reports it.
        }

        key.Dispose();
        return null;
    }

    private static bool IsUsable(AsymmetricAlgorithm key)
    {
        if (key is RSA rsa)
            return rsa.KeySize >= MinRsaBits && rsa.ExportParameters(includePrivateParameters: true).D is not null;
        // Public keys import as well, so the private part is checked.
        var parameters = ((ECDsa)key).ExportParameters(includePrivateParameters: true);
        return parameters.D is not null
            && parameters.Curve.Oid.Value is "1.2.840.10045.3.1.7" or "1.3.132.0.34"; // P-256, P-384
    }
}
