using System.Diagnostics;

namespace MtaStsHost.Testing;

/// <summary>A folder of a test's own, gone when the test ends.</summary>
public sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mtastshost-test-");

    public string Path => _folder.FullName;

    /// <summary>The absolute path of a name in the folder.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes over the file in place, as an editor does; makes its folders.</summary>
    public string Write(string name, string text)
    {
        var path = MakeParent(name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <inheritdoc cref="Write(string, string)"/>
    public string Write(string name, byte[] bytes)
    {
        var path = MakeParent(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Writes another file and renames it over the old one, as careful programs do.</summary>
    public string Replace(string name, string text)
    {
        var path = MakeParent(name);
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    /// <summary>Makes a symlink, or switches one in a single step as Kubernetes does.</summary>
    /// <param name="target">As it is to stand in the link; relative to the link's folder.</param>
    public void Link(string name, string target)
    {
        var path = MakeParent(name);
        File.CreateSymbolicLink(path + ".tmp", target);
        // File.Move wants a file at the link's end; Kubernetes switches links to folders.
        using var move = Process.Start("mv", ["-fT", path + ".tmp", path]);
        move.WaitForExit();
        if (move.ExitCode != 0) throw new IOException($"can't switch {name}");
    }

    public void Delete(string name) => File.Delete(this[name]);

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The test took it away itself.
        }
    }

    private string MakeParent(string name)
    {
        var path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }
}
