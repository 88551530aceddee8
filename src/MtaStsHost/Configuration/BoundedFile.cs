namespace MtaStsHost.Configuration;

/// <summary>Reads whole files up to a limit: a path may name a device that never ends.</summary>
internal static class BoundedFile
{
    /// <exception cref="IOException">The file is larger than that, or can't be read.</exception>
    public static byte[] Read(string path, int maxBytes)
    {
        using var stream = File.OpenRead(path);
        if (stream.CanSeek && stream.Length > maxBytes) throw TooLarge(maxBytes);
        using var bytes = new MemoryStream(stream.CanSeek ? (int)stream.Length : 0);
        var buffer = new byte[64 * 1024];
        while (stream.Read(buffer) is > 0 and var read)
        {
            if (bytes.Length + read > maxBytes) throw TooLarge(maxBytes);
            bytes.Write(buffer, 0, read);
        }

        return bytes.Length == bytes.Capacity ? bytes.GetBuffer() : bytes.ToArray();
    }

    private static IOException TooLarge(int maxBytes) => new($"it has more than {maxBytes} bytes");
}
