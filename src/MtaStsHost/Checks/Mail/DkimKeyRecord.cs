using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace MtaStsHost.Checks.Mail;

/// <summary>RFC 6376 §3.6.1, RFC 8463 §4.</summary>
internal enum DkimKeyType
{
    Rsa,
    Ed25519,
}

/// <summary>A DKIM key record. RFC 6376 §3.6.1.</summary>
/// <param name="Bits">Of the modulus for RSA, 256 for Ed25519; 0 when the key is revoked.</param>
/// <param name="IsTest"><c>t=y</c>.</param>
/// <param name="IsSha1Only"><c>h=</c> leaves out <c>sha256</c>.</param>
internal sealed record DkimKeyRecord(DkimKeyType Type, int Bits, bool IsTest, bool IsSha1Only)
{
    /// <summary>A key of 16,384 bits has some 2,800 characters; nothing that is longer is decoded.</summary>
    private const int MaxKeyText = 4096;

    private const string RsaOid = "1.2.840.113549.1.1.1";

    public bool IsRevoked => Bits == 0;

    /// <summary>Whether the text claims to be a key: it begins so, or has a <c>p=</c>.</summary>
    public static bool IsOne(string text) =>
        text.AsSpan().TrimStart().StartsWith("v=DKIM", StringComparison.OrdinalIgnoreCase)
            || (TagList.TryParse(text, out var tags, out _) && tags["p"] is not null);

    /// <summary>Reads a record in one pass over the text. Never throws.</summary>
    /// <param name="error">Why no signature passes with this key.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out DkimKeyRecord? record, [NotNullWhen(false)] out RecordError? error)
    {
        record = null;
        if (!TagList.TryParse(text, out var tags, out error)) return false;
        error = JudgeVersion(tags);
        if (error is not null) return false;
        var (type, bits) = (DkimKeyType.Rsa, 0);
        if (tags["k"] is { } k)
        {
            if (k.Value is not ("rsa" or "ed25519")) error =
                new RecordError(k.ValuePosition, $"k={Texts.Quote(k.Value, 40)} is no key type; rsa and ed25519 are");
            type = k.Value == "ed25519" ? DkimKeyType.Ed25519 : DkimKeyType.Rsa;
        }

        if (error is null && tags["p"] is null) error = new RecordError(text.Length + 1, "p=, the key, is lacking");
        if (error is null && tags["s"] is { } s && !Parts(s).Any(service => service is "*" or "email")) error =
            new RecordError(s.ValuePosition, $"s={Texts.Quote(s.Value, 40)}: the key is not for mail");
        error ??= ReadKey(tags["p"]!, type, out bits);
        if (error is not null) return false;
        record = new DkimKeyRecord(type, bits, tags["t"] is { } t && Parts(t).Contains("y"),
            tags["h"] is { } h && !Parts(h).Contains("sha256"));
        return true;
    }

    private static RecordError? JudgeVersion(TagList tags)
    {
        if (tags["v"] is not { } version) return null;
        if (version.Value != "DKIM1") return new RecordError(version.ValuePosition,
            $"v={Texts.Quote(version.Value, 40)}; the version is DKIM1");
        return version == tags.Tags[0] ? null : new RecordError(version.Position, "v= stands first where it stands at all");
    }

    private static string[] Parts(Tag tag) => tag.Value.Split(':', StringSplitOptions.TrimEntries);

    private static RecordError? ReadKey(Tag tag, DkimKeyType type, out int bits)
    {
        bits = 0;
        // RFC 6376 §3.2 permits white space inside of base64.
        var text = string.Concat(tag.Value.Where(c => !char.IsWhiteSpace(c)));
        if (text.Length == 0) return null;
        if (text.Length > MaxKeyText) return new RecordError(tag.ValuePosition, $"the key has {text.Length} characters");
        var key = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, key, out var length)) return new RecordError(tag.ValuePosition, "the key is no base64");
        var bytes = key.AsMemory(0, length);
        if (type == DkimKeyType.Ed25519)
        {
            bits = 256;
            return length == 32 ? null : new RecordError(tag.ValuePosition,
                $"the key has {length} bytes; an Ed25519 key has 32, without a frame around it (RFC 8463 §4.2)");
        }

        try
        {
            bits = RsaBits(bytes);
            return bits > 0 ? null : new RecordError(tag.ValuePosition, "the key is no RSA key");
        }
        catch (AsnContentException)
        {
            return new RecordError(tag.ValuePosition, length == 32
                ? "the key is no RSA key; it has the length of an Ed25519 key, which takes k=ed25519"
                : "the key is no RSA key, or is cut off");
        }
    }

    /// <summary>A SubjectPublicKeyInfo, as everyone publishes, or the bare RSAPublicKey that RFC 6376 §3.6.1 speaks of (erratum
    /// 3017).</summary>
    /// <returns>The length of the modulus; 0 when it is the key of another algorithm, or none that could verify anything.</returns>
    private static int RsaBits(ReadOnlyMemory<byte> key)
    {
        var outer = new AsnReader(key, AsnEncodingRules.DER);
        var inner = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        if (inner.PeekTag() == Asn1Tag.Sequence)
        {
            if (inner.ReadSequence().ReadObjectIdentifier() != RsaOid) return 0;
            var bits = inner.ReadBitString(out var unused);
            inner.ThrowIfNotEmpty();
            return unused == 0 ? RsaBits(new AsnReader(bits, AsnEncodingRules.DER)) : 0;
        }

        return RsaBits(new AsnReader(key, AsnEncodingRules.DER));
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
