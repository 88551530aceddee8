using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>An nginx of a test's own.</summary>
internal static class Nginx
{
    private static readonly string[] s_kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

    /// <summary>So that no user needs to write into the system's folders.</summary>
    public static string TemporaryFolders(TempFolder folder) =>
        string.Concat(s_kinds.Select(kind => $"{kind}_temp_path {folder[$"nginx/{kind}"]};\n"));

    /// <param name="blocks">What stands beside <c>events</c>.</param>
    /// <param name="modules">What stands before all.</param>
    public static string[] Arguments(TempFolder folder, string blocks, string modules = "")
    {
        // Its workers must get into the test's folder, which is the test's user's alone.
        var user = Environment.UserName == "root" ? "user root;\n" : "";
        var text = $"{modules}{user}daemon off;\nworker_processes 1;\npid {folder["nginx/pid"]};\nerror_log stderr;\nevents {{ "
            + $"}}\n{blocks}";
        return ["-p", folder["nginx"], "-e", "stderr", "-c", folder.Write("nginx/nginx.conf", text)];
    }
}
