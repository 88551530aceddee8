using System.Security.Cryptography;

namespace Acme;

/// <summary>
/// A key pair that signs ACME requests. Account keys and certificate keys are two types because a server refuses a certificate
/// for an account's key: RFC 8555 §11.1. Safe for use by many threads.
/// </summary>
public abstract class AcmeKey : IDisposable
{
    private const int SmallestRsaKey = 2048;
    private const int NewRsaKey = 2048;

    private readonly AsymmetricAlgorithm _key;
    private readonly Lock _gate = new(); // .NET doesn't promise that one key object can sign on two threads at once

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

    /// <summary>What the key signs with.</summary>
    public KeyAlgorithm Algorithm { get; }

    internal JsonWebKey Jwk { get; }

    /// <summary>The private key, for safe keeping. This is a secret.</summary>
    /// <returns>PKCS#8 as PEM, not encrypted, with a line feed at its end.</returns>
    /// <exception cref="ObjectDisposedException">The key has been disposed of.</exception>
    public string ExportPem() => _key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>Says what kind of key it is, and nothing of the key.</summary>
    /// <returns>The type's name and the algorithm.</returns>
    public override string ToString() => $"{GetType().Name} {Algorithm}";

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Wipes the key.</summary>
    /// <param name="disposing">True when <see cref="Dispose()"/> calls.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            _key.Dispose();
    }

    // JWS wants r and s side by side (P1363), not the DER sequence of X.509: RFC 7518 §3.4.
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
        KeyAlgorithm.RS256 => RSA.Create(NewRsaKey),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "ES256, ES384 and RS256 are known."),
    };

    private protected static AsymmetricAlgorithm Import(string pem) =>
        TryImport(ECDsa.Create(), pem) ?? TryImport(RSA.Create(), pem)
        // No inner exception: nobody should have to wonder whether it repeats the text.
        ?? throw new CryptographicException(
            "The text is no unencrypted PEM private key on P-256 or P-384, or of RSA with 2048 bits or more.");

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
            // Not this kind of key, or none at all: the caller says so.
        }

        key.Dispose();
        return null;
    }

    private static bool IsUsable(AsymmetricAlgorithm key)
    {
        if (key is RSA rsa)
            return rsa.KeySize >= SmallestRsaKey && rsa.ExportParameters(includePrivateParameters: true).D is not null;
        // The private part is asked for because a public key imports just as well.
        var parameters = ((ECDsa)key).ExportParameters(includePrivateParameters: true);
        return parameters.D is not null
            && parameters.Curve.Oid.Value is "1.2.840.10045.3.1.7" or "1.3.132.0.34"; // P-256, P-384
    }
}
