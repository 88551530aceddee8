using System.Collections.Concurrent;
using MtaStsHost.Configuration;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>Detects that a <c>TrustedRootsFile</c> has new content under its old name.</summary>
internal sealed class RootsFiles(TimeProvider time)
{
    /// <summary>Many orders at once need the file only once.</summary>
    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (string Hash, long ReadAt)> _known = new(StringComparer.Ordinal);

    /// <summary>Of the content, so that it is the same after a restart or another mount.</summary>
    /// <param name="file">Absolute; <c>null</c>: the system's roots.</param>
    /// <returns>Also for a file that can't be read; loading the roots says why.</returns>
    public string HashOf(string? file)
    {
        if (file is null) return "";
        if (_known.TryGetValue(file, out var known) && time.GetElapsedTime(known.ReadAt) < s_life) return known.Hash;
        var hash = Read(file);
        _known[file] = (hash, time.GetTimestamp());
        return hash;
    }

    private static string Read(string file)
    {
        try
        {
            return Convert.ToHexStringLower(SHA256.HashData(BoundedFile.Read(file, PemRoots.MaxBytes)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "unreadable";
        }
    }
}
