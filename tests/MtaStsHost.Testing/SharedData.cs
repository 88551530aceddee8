namespace MtaStsHost.Testing;

/// <summary>
/// Files that tests need and the repository does not contain, in the folder that <c>MTASTSHOST_SHARED</c> names. Where it is not set,
/// these tests are skipped, in CI too: a fork has no such folder.
/// </summary>
public static class SharedData
{
    /// <summary>The full path of a file in that folder.</summary>
    public static string Require(string path)
    {
        var folder = Environment.GetEnvironmentVariable("MTASTSHOST_SHARED");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), $"MTASTSHOST_SHARED is not set; this test needs {path} from the folder that it names");
        var file = Path.GetFullPath(Path.Combine(HostBinary.Repository, folder!, path));
        Assert.True(File.Exists(file), $"expected a file {path} in the folder that MTASTSHOST_SHARED names; {file} does not exist");
        return file;
    }
}
