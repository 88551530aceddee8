namespace MtaSts;

/// <summary>The TXT record with the destinations of TLS reports. RFC 8460 §3.</summary>
public sealed record TlsRptRecord
{
    private const string Version = "v=TLSRPTv1";

    /// <summary>Creates a record.</summary>
    /// <param name="rua">At least one URI that <see cref="TryNormaliseUri"/> accepts; duplicates are dropped.</param>
    /// <exception cref="ArgumentException">There is no URI, or one is invalid.</exception>
    public TlsRptRecord(IEnumerable<string> rua)
    {
        ArgumentNullException.ThrowIfNull(rua);
        Rua = [.. rua.Select(static text => TryNormaliseUri(text, out var uri, out var error)
            ? uri
            : throw new ArgumentException($"A report URI {error}.", nameof(rua))).Distinct(StringComparer.Ordinal)];
        if (Rua.IsEmpty)
            throw new ArgumentException("A TLSRPT record has at least one report URI (RFC 8460 §3).", nameof(rua));
    }

    /// <summary>The destinations: normalised <c>mailto:</c> and <c>https:</c> URIs, at least one, in order, without duplicates.</summary>
    public ImmutableArray<string> Rua { get; }

    /// <summary>
    /// Reads a record by the grammar of RFC 8460 §3: it starts with <c>v=TLSRPTv1;</c>, has a <c>rua</c>, and may have well-formed
    /// unknown fields, which are ignored. The first of several <c>rua</c> counts. Never throws.
    /// </summary>
    /// <param name="txt">The strings of one TXT record, concatenated.</param>
    /// <param name="record">The record, or null.</param>
    /// <param name="error">Null, or a short phrase whose subject is the record; never repeats its text.</param>
    public static bool TryParse(string? txt, [NotNullWhen(true)] out TlsRptRecord? record, [NotNullWhen(false)] out string? error)
    {
        record = null;
        List<string>? rua = null;
        var fields = new TxtFields(txt, Version);
        while (fields.MoveNext())
        {
            if (!fields.Name.SequenceEqual("rua"))
                fields.JudgeExtension();
            else if (TryReadRua(fields.Value, out var uris, out error))
                rua ??= uris;
            else
                return false;
        }

        error = fields.Error ?? (rua is null ? "has no rua" : null);
        if (error is not null)
            return false;
        record = new TlsRptRecord(rua!);
        return true;
    }

    /// <summary>
    /// Selects the record among all TXT records at the name, like <see cref="StsRecord.Select"/>. Those that don't begin with
    /// <c>v=TLSRPTv1;</c> are ignored; unless exactly one remains, the domain gets no reports. RFC 8460 §3.
    /// </summary>
    /// <param name="txts">The TXT records, the strings of each concatenated.</param>
    /// <param name="record">The record when the result is <see cref="TxtSelection.Valid"/>, else null.</param>
    /// <param name="error">What is wrong when the result is <see cref="TxtSelection.Invalid"/>; else null.</param>
    public static TxtSelection Select(IEnumerable<string> txts, out TlsRptRecord? record, out string? error)
    {
        (record, error) = (null, null);
        return TxtFields.FindOnly(txts, Version, out var only)
            ?? (TryParse(only, out record, out error) ? TxtSelection.Valid : TxtSelection.Invalid);
    }

    /// <summary>
    /// Reads one report URI: <c>mailto:</c> with one mail address, or <c>https://</c> with a host name. Converts scheme and host to
    /// lower case, and U-labels to A-labels; percent-encodes <c>,</c> <c>!</c> <c>;</c>. RFC 8460 §3. Never throws.
    /// </summary>
    /// <param name="text">The URI.</param>
    /// <param name="uri">The normalised URI, or null.</param>
    /// <param name="error">Null, or a short phrase whose subject is the URI; never repeats it.</param>
    public static bool TryNormaliseUri(string? text, [NotNullWhen(true)] out string? uri, [NotNullWhen(false)] out string? error) =>
        ReportUri.TryNormalise(text, out uri, out error);

    /// <summary>The value of the record to publish: <c>v=TLSRPTv1; rua=…,…;</c>. RFC 8460 §3.</summary>
    /// <param name="rua">At least one URI that <see cref="TryNormaliseUri"/> accepts.</param>
    /// <returns>The value, ASCII. A value over 255 bytes needs several strings in DNS.</returns>
    /// <exception cref="ArgumentException">There is no URI, or one is invalid.</exception>
    public static string Format(IEnumerable<string> rua) => new TlsRptRecord(rua).ToString();

    /// <summary>The name of the record: <c>_smtp._tls.</c> and the domain. RFC 8460 §3.</summary>
    /// <returns>The name without a trailing dot.</returns>
    public static string NameFor(DomainName domain) => $"_smtp._tls.{domain.Value}";

    /// <summary>The value of the record, like <see cref="Format"/>.</summary>
    public override string ToString() => $"{Version}; rua={string.Join(',', Rua)};";

    /// <inheritdoc/>
    public bool Equals(TlsRptRecord? other) => other is not null && Rua.AsSpan().SequenceEqual(other.Rua.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var uri in Rua)
            hash.Add(uri, StringComparer.Ordinal);
        return hash.ToHashCode();
    }

    private static bool TryReadRua(ReadOnlySpan<char> value, out List<string> uris, [NotNullWhen(false)] out string? error)
    {
        uris = [];
        error = null;
        foreach (var range in value.Split(','))
        {
            var text = value[range].Trim(" \t");
            if (text.Contains('!'))
                error = "has an exclamation mark in a rua URI; it must be written %21";
            else if (TryNormaliseUri(text.ToString(), out var uri, out var reason))
                uris.Add(uri);
            else
                error = $"has a rua URI that {reason}";
            if (error is not null)
                return false;
        }

        return true;
    }
}
