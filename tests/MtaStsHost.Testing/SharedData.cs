namespace MtaStsHost.Testing;

/// <summary>
/// Data for tests alone that lie beside the checkout, in <c>../shared/data</c>, on development and CI machines. Elsewhere the tests that
/// need them are skipped; in CI they fail.
/// </summary>
public static class SharedData
{
    public static string Require(string name)
    {
        var path = Path.GetFullPath(Path.Combine(HostBinary.Repository, "..", "shared", "data", name));
        if (!File.Exists(path)) Tools.Missing($"{path} is not there");
        return path;
    }
}
