using MtaStsHost.Runtime;

namespace MtaStsHost.Configuration;

/// <summary>Reads whole regular files up to a limit: opening a named pipe, or reading a device, may never end.</summary>
internal static class BoundedFile
{
    /// <exception cref="IOException">The file is larger than that, is not a regular one, or can't be read.</exception>
    public static byte[] Read(string path, int maxBytes)
    {
        // A folder has an error of its own.
        if (File.Exists(path) && !FileKind.IsRegular(path)) throw new IOException("it is not a regular file; name one");
        // Another process may write to it or replace it meanwhile; the next look sees that.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
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
