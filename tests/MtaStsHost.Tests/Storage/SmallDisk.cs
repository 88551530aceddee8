using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Storage;

/// <summary>A disk of 1 MB, which root can make: its end is easily reached.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    public string this[string name] => Path.Combine(_folder, name);

    public static async Task<SmallDisk> MountAsync(string folder)
    {
        var mount = Tools.Require("mount");
        Directory.CreateDirectory(folder);
        var (status, output) = await Tools.RunAsync(mount, "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", folder);
        if (status != 0) Tools.Missing($"can't mount a small disk ({output.Trim()}); run the tests as root");
        return new SmallDisk(folder);
    }

    /// <summary>Leaves no room. Returns the file to delete for some.</summary>
    public string Fill()
    {
        var path = this["ballast"];
        using var file = File.Create(path, bufferSize: 1);
        var block = new byte[4096];
        try
        {
            while (true) file.Write(block);
        }
        catch (IOException)
        {
            return path;
        }
    }

    public async ValueTask DisposeAsync() => await Tools.RunAsync(Tools.Require("umount"), "-l", _folder);
}
