namespace MtaSts;

/// <summary>
/// Punycode, RFC 3492, for one label without its <c>xn--</c>. Without ICU, the runtime's own decodes
/// malformed labels to the empty string, and applies a bidi rule older than RFC 5893.
/// </summary>
internal static class Punycode
{
    private const int Base = 36;
    private const int TMin = 1;
    private const int TMax = 26;
    private const int Skew = 38;
    private const int Damp = 700;
    private const int InitialBias = 72;
    private const int InitialN = 0x80;

    /// <summary>RFC 3492 §6.3. False when the text has a lone surrogate or the result doesn't fit.</summary>
    public static bool TryEncode(ReadOnlySpan<char> text, Span<char> destination, out int written)
    {
        written = 0;
        if (!TryGetCodePoints(text, out var points))
            return false;
        var output = new Output(destination);
        foreach (var point in points)
            if (point < InitialN)
                output.Add((char)point);
        var basic = output.Count;
        var handled = basic;
        if (basic > 0)
            output.Add('-');

        long delta = 0;
        var n = InitialN;
        var bias = InitialBias;
        while (handled < points.Count)
        {
            var next = int.MaxValue;
            foreach (var point in points)
                if (point >= n && point < next)
                    next = point;
            delta += (long)(next - n) * (handled + 1);
            n = next;
            foreach (var point in points)
            {
                if (point < n)
                    delta++;
                if (point != n)
                    continue;
                AddNumber(ref output, delta, bias);
                bias = Adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled++;
            }

            delta++;
            n++;
        }

        written = output.Count;
        return !output.Overflowed;
    }

    /// <summary>RFC 3492 §6.2. False for malformed input and for values that are not Unicode scalars. Digits must be lower case.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out string decoded)
    {
        decoded = "";
        var delimiter = text.LastIndexOf('-');
        var points = new List<Rune>(text.Length);
        if (delimiter == 0)
            return false;
        foreach (var c in text[..Math.Max(delimiter, 0)])
        {
            if (c >= InitialN)
                return false;
            points.Add(new Rune(c));
        }

        long n = InitialN;
        long i = 0;
        var bias = InitialBias;
        for (var position = delimiter < 0 ? 0 : delimiter + 1; position < text.Length;)
        {
            if (!TryReadNumber(text, ref position, bias, out var delta))
                return false;
            i += delta;
            bias = Adapt(delta, points.Count + 1, points.Count == Math.Max(delimiter, 0));
            n += i / (points.Count + 1);
            i %= points.Count + 1;
            if (n > int.MaxValue || !Rune.TryCreate((int)n, out var rune))
                return false;
            points.Insert((int)i++, rune);
        }

        decoded = string.Concat(points);
        return true;
    }

    private static bool TryGetCodePoints(ReadOnlySpan<char> text, out List<int> points)
    {
        points = new List<int>(text.Length);
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out var rune, out var used) != System.Buffers.OperationStatus.Done)
                return false;
            points.Add(rune.Value);
            text = text[used..];
        }

        return true;
    }

    private static void AddNumber(ref Output output, long value, int bias)
    {
        for (var k = Base; ; k += Base)
        {
            var t = Math.Clamp(k - bias, TMin, TMax);
            if (value < t)
                break;
            output.Add(Digit((int)(t + (value - t) % (Base - t))));
            value = (value - t) / (Base - t);
        }

        output.Add(Digit((int)value));
    }

    private static bool TryReadNumber(ReadOnlySpan<char> text, ref int position, int bias, out long value)
    {
        value = 0;
        long weight = 1;
        for (var k = Base; position < text.Length; k += Base)
        {
            var digit = text[position++] switch
            {
                >= 'a' and <= 'z' and var c => c - 'a',
                >= '0' and <= '9' and var c => c - '0' + 26,
                _ => -1,
            };
            if (digit < 0)
                return false;
            value += digit * weight;
            if (value > int.MaxValue)
                return false;
            var t = Math.Clamp(k - bias, TMin, TMax);
            if (digit < t)
                return true;
            weight *= Base - t;
            if (weight > int.MaxValue)
                return false;
        }

        return false;
    }

    private static char Digit(int value) => (char)(value < 26 ? 'a' + value : '0' + value - 26);

    private static int Adapt(long delta, int count, bool first)
    {
        delta = first ? delta / Damp : delta / 2;
        delta += delta / count;
        var k = 0;
        for (; delta > (Base - TMin) * TMax / 2; k += Base)
            delta /= Base - TMin;
        return (int)(k + (Base - TMin + 1) * delta / (delta + Skew));
    }

    /// <summary>Counts on past the end, so that a result too long is seen once, at the end.</summary>
    private ref struct Output(Span<char> destination)
    {
        private readonly Span<char> _destination = destination;

        public int Count { get; private set; }

        public readonly bool Overflowed => Count > _destination.Length;

        public void Add(char c)
        {
            if (Count < _destination.Length)
                _destination[Count] = c;
            Count++;
        }
    }
}
