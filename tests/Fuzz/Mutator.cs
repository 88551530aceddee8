namespace Fuzz;

/// <summary>Changes an input a little: bits, bytes, pieces of another input, words of the grammar, length bombs.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> tokens)
{
    private const int MaxLength = 80_000;

    public byte[] Mutate(byte[] input, byte[] other)
    {
        var bytes = new List<byte>(input);
        for (var rounds = 1 + random.Next(4); rounds > 0; rounds--)
            MutateOnce(bytes, other);
        if (bytes.Count > MaxLength)
            bytes.RemoveRange(MaxLength, bytes.Count - MaxLength);
        return [.. bytes];
    }

    private void MutateOnce(List<byte> bytes, byte[] other)
    {
        var at = random.Next(bytes.Count + 1);
        var inside = bytes.Count > 0 ? random.Next(bytes.Count) : -1;
        switch (random.Next(9))
        {
            case 0 when inside >= 0:
                bytes[inside] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when inside >= 0:
                bytes[inside] = (byte)random.Next(256);
                break;
            case 2:
                bytes.Insert(at, (byte)random.Next(256));
                break;
            case 3 when inside >= 0:
                bytes.RemoveRange(inside, 1 + random.Next(Math.Min(8, bytes.Count - inside)));
                break;
            case 4 when inside >= 0:
                var piece = bytes.GetRange(inside, 1 + random.Next(bytes.Count - inside));
                if (bytes.Count < MaxLength)
                    bytes.InsertRange(at, piece);
                break;
            case 5 when other.Length > 0:
                var from = random.Next(other.Length);
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other[from..]);
                break;
            case 6 when random.Next(50) == 0:
                var fill = inside >= 0 ? bytes[inside] : (byte)'a';
                bytes.InsertRange(at, Enumerable.Repeat(fill, 1 << random.Next(17)));
                break;
            default:
                bytes.InsertRange(at, tokens[random.Next(tokens.Count)]);
                break;
        }
    }
}
