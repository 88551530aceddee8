using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Certificates;

/// <summary>A file system of a few megabytes in memory, which can be filled to the last byte. Needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    private string Filler => Path.Combine(_folder, "filler");

    public static async Task<SmallDisk> MountAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        // SQLite's log alone grows to 4 MB before it begins at its start again.
        var (status, output) = await Tools.RunAsync(Tools.Require("mount"), "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", folder);
        if (status != 0) Tools.Missing($"no small disk can be mounted ({output.Trim()}); run the tests as root");
        return new SmallDisk(folder);
    }

    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in (int[])[64 * 1024, 4096, 1])
        {
            try
            {
                while (true) file.Write(new byte[size]);
            }
            catch (IOException)
            {
                // Full for pieces of that size.
            }
        }
    }

    public void MakeRoom() => File.Delete(Filler);

    public async ValueTask DisposeAsync() => await Tools.RunAsync(Tools.Require("umount"), "-l", _folder);
}
