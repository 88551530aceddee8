namespace MtaSts;

/// <summary>The TXT record with the destinations of TLS reports. RFC 8460 §3.</summary>
public sealed record TlsRptRecord
{
    private const string Version = "v=TLSRPTv1";
    private const int MaxDropped = 4;

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

    private TlsRptRecord(IEnumerable<string> normalised, IEnumerable<string> dropped) =>
        (Rua, Dropped) = ([.. normalised.Distinct(StringComparer.Ordinal)], [.. dropped.Take(MaxDropped)]);

    /// <summary>The destinations: normalised <c>mailto:</c> and <c>https:</c> URIs, at least one, in order, without duplicates. In a record
    /// that was read, an <c>https:</c> URI may have an IP address as its host.</summary>
    public ImmutableArray<string> Rua { get; }

    /// <summary>Why URIs of a record that was read are not among <see cref="Rua"/>: phrases about the record, at most 4.</summary>
    public ImmutableArray<string> Dropped { get; } = [];

    /// <summary>
    /// Reads a record by the grammar of RFC 8460 §3: it starts with <c>v=TLSRPTv1;</c>, has a <c>rua</c>, and may have well-formed
    /// unknown fields, which are ignored. All <c>rua</c> count, and in them all URIs that are valid, of which there must be one. Never
    /// throws.
    /// </summary>
    /// <param name="txt">The strings of one TXT record, concatenated.</param>
    /// <param name="record">The record, or null.</param>
    /// <param name="error">Null, or a short phrase whose subject is the record; never repeats its text.</param>
    public static bool TryParse(string? txt, [NotNullWhen(true)] out TlsRptRecord? record, [NotNullWhen(false)] out string? error)
    {
        record = null;
        var (rua, dropped) = (new List<string>(), new List<string>());
        var fields = new TxtFields(txt, Version);
        while (fields.MoveNext())
        {
            if (fields.Name.SequenceEqual("rua"))
                ReadRua(fields.Value, rua, dropped);
            else
                fields.JudgeExtension();
        }

        error = fields.Error ?? (rua.Count > 0 ? null : dropped.Count > 0 ? dropped[0] : "has no rua");
        if (error is not null)
            return false;
        record = new TlsRptRecord(rua, dropped);
        return true;
    }

    /// <summary>Whether a text is such a record but for white space before its first semicolon. The grammar of RFC 8460 §3 allows it, and
    /// its text, by which <see cref="Select"/> goes, discards the record.</summary>
    /// <exception cref="ArgumentNullException">The text is null.</exception>
    /// <param name="txt">The strings of one TXT record, concatenated.</param>
    public static bool HasSpacedVersion(string txt)
    {
        ArgumentNullException.ThrowIfNull(txt);
        return TxtFields.HasSpacedVersion(txt, Version);
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

    /// <summary>What some senders make of a valid URI.</summary>
    /// <param name="uri">One of <see cref="Rua"/>.</param>
    /// <returns>Null, or a phrase whose subject is the URI; never repeats it.</returns>
    public static string? RemarkOn(string uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return ReportUri.RemarkOn(uri);
    }

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

    private static void ReadRua(ReadOnlySpan<char> value, List<string> uris, List<string> dropped)
    {
        foreach (var range in value.Split(','))
        {
            var text = value[range].Trim(" \t");
            if (text.Contains('!'))
                dropped.Add("has an exclamation mark in a rua URI; it must be written %21");
            else if (ReportUri.TryNormalise(text.ToString(), out var uri, out var reason, mayBeAddress: true))
                uris.Add(uri!);
            else
                dropped.Add($"has a rua URI that {reason}");
        }
    }
}
