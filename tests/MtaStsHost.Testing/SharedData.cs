namespace MtaStsHost.Testing;

/// <summary>
/// Data that tests need and the repository does not contain: the folder <c>data</c> in the one that <c>MTASTSHOST_SHARED</c> names.
/// Where it is not set, these tests are skipped, in CI too: a fork has no such folder.
/// </summary>
public static class SharedData
{
    /// <summary>The full path of a file in that folder.</summary>
    public static string Require(string name)
    {
        var folder = Environment.GetEnvironmentVariable("MTASTSHOST_SHARED");
        Assert.SkipWhen(string.IsNullOrEmpty(folder),
            $"MTASTSHOST_SHARED is not set; this test needs data/{name} from the folder that it names");
        var file = Path.GetFullPath(Path.Combine(HostBinary.Repository, folder!, "data", name));
        Assert.True(File.Exists(file), $"expected data/{name} in the folder that MTASTSHOST_SHARED names; {file} does not exist");
        return file;
    }
}
