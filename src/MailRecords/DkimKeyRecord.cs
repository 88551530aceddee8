using System.Formats.Asn1;

namespace MailRecords;

/// <summary>The algorithm of a DKIM key. RFC 6376 §3.6.1, RFC 8463 §4.</summary>
public enum DkimKeyType
{
    /// <summary><c>k=rsa</c>, the default.</summary>
    Rsa,

    /// <summary><c>k=ed25519</c>.</summary>
    Ed25519,
}

/// <summary>A DKIM key record, the TXT record at <c>SELECTOR._domainkey.DOMAIN</c>. RFC 6376 §3.6.1.</summary>
/// <param name="Type">The algorithm.</param>
/// <param name="Bits">The length of the modulus for RSA, 256 for Ed25519; 0 when the key is revoked.</param>
/// <param name="IsTest"><c>t=y</c>: verifiers treat the domain's signatures as absent.</param>
/// <param name="IsSha1Only"><c>h=</c> omits <c>sha256</c>, the only hash that verifiers accept (RFC 8301 §3.1).</param>
public sealed record DkimKeyRecord(DkimKeyType Type, int Bits, bool IsTest, bool IsSha1Only)
{
    /// <summary>A key of 16,384 bits takes about 2,800 characters.</summary>
    private const int MaxKeyText = 4096;

    private const int Ed25519Bytes = 32;
    private const string RsaOid = "1.2.840.113549.1.1.1";

    /// <summary><c>p=</c> is empty.</summary>
    public bool IsRevoked => Bits == 0;

    /// <summary>Whether the text is meant as a key: it begins with <c>v=DKIM</c> or has a <c>p=</c>.</summary>
    public static bool IsCandidate(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // Quotes and white space in front are common mistakes.
        return text.AsSpan().TrimStart(" \t\r\n\"'").StartsWith("v=DKIM", StringComparison.OrdinalIgnoreCase)
            || (TagList.TryParse(text, out var tags, out _) && tags["p"] is not null);
    }

    /// <summary>Reads a record in one pass. Never throws for any text.</summary>
    /// <param name="text">The strings of one TXT record, concatenated.</param>
    /// <param name="record">The key.</param>
    /// <param name="error">Why no signature can be verified with this key.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out DkimKeyRecord? record, [NotNullWhen(false)] out RecordError? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        record = null;
        if (!TagList.TryParse(text, out var tags, out error)) return false;
        var bits = 0;
        var type = tags["k"]?.Value == "ed25519" ? DkimKeyType.Ed25519 : DkimKeyType.Rsa;
        error = CheckVersion(tags);
        if (error is null && tags["k"] is { Value: not ("rsa" or "ed25519") } k)
            error = new RecordError(k.ValuePosition, $"k={Quoted.Text(k.Value, 40)} is not a key type; expected rsa or ed25519");
        if (error is null && tags["p"] is null) error = new RecordError(text.Length + 1, "p=, the public key, is missing");
        if (error is null && tags["s"] is { } s && !Parts(s).Any(service => service is "*" or "email"))
            error = new RecordError(s.ValuePosition, $"s={Quoted.Text(s.Value, 40)} excludes mail; expected * or email");
        error ??= ReadKey(tags["p"]!, type, out bits);
        if (error is not null) return false;
        record = new DkimKeyRecord(type, bits, tags["t"] is { } t && Parts(t).Contains("y"),
            tags["h"] is { } h && !Parts(h).Contains("sha256"));
        return true;
    }

    private static RecordError? CheckVersion(TagList tags)
    {
        if (tags["v"] is not { } version) return null;
        if (version.Value != "DKIM1")
            return new RecordError(version.ValuePosition, $"expected the version DKIM1, found {Quoted.Text(version.Value, 40)}");
        return version == tags.Tags[0] ? null : new RecordError(version.Position, "v= must be the first tag");
    }

    private static string[] Parts(Tag tag) => tag.Value.Split(':', StringSplitOptions.TrimEntries);

    private static RecordError? ReadKey(Tag tag, DkimKeyType type, out int bits)
    {
        bits = 0;
        // RFC 6376 §3.2 permits white space in base64.
        var text = string.Concat(tag.Value.Where(c => !char.IsWhiteSpace(c)));
        if (text.Length == 0) return null;
        if (text.Length > MaxKeyText) return Error($"the key has {text.Length} characters; the limit is {MaxKeyText}");
        var key = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, key, out var length)) return Error("the key is not valid base64");
        if (type == DkimKeyType.Ed25519)
        {
            bits = 8 * Ed25519Bytes;
            return length == Ed25519Bytes ? null
                : Error($"the key has {length} bytes; an Ed25519 key has {Ed25519Bytes}, without ASN.1 around it (RFC 8463 §4.2)");
        }

        try
        {
            bits = RsaBits(key.AsMemory(0, length));
            return bits > 0 ? null : Error("the key is not an RSA key");
        }
        catch (AsnContentException)
        {
            return Error(length == Ed25519Bytes ? "the key is not an RSA key; it has the length of an Ed25519 key, try k=ed25519"
                : "the key is not an RSA key, or is truncated");
        }

        RecordError Error(string message) => new(tag.ValuePosition, message);
    }

    /// <summary>A SubjectPublicKeyInfo, which signers publish, or the bare RSAPublicKey of RFC 6376 §3.6.1 (erratum 3017).</summary>
    /// <returns>The length of the modulus; 0 for the key of another algorithm, or one that can't verify anything.</returns>
    private static int RsaBits(ReadOnlyMemory<byte> key)
    {
        var outer = new AsnReader(key, AsnEncodingRules.DER);
        var inner = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        if (inner.PeekTag() != Asn1Tag.Sequence) return RsaBits(new AsnReader(key, AsnEncodingRules.DER));
        if (inner.ReadSequence().ReadObjectIdentifier() != RsaOid) return 0;
        var bits = inner.ReadBitString(out var unused);
        inner.ThrowIfNotEmpty();
        return unused == 0 ? RsaBits(new AsnReader(bits, AsnEncodingRules.DER)) : 0;
    }

    private static int RsaBits(AsnReader reader)
    {
        var numbers = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        var (modulus, exponent) = (numbers.ReadInteger(), numbers.ReadInteger());
        numbers.ThrowIfNotEmpty();
        return modulus.Sign > 0 && !modulus.IsEven && exponent > 1 && !exponent.IsEven ? (int)modulus.GetBitLength() : 0;
    }
}
