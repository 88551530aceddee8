using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>A configuration file of <c>deploy</c>, as people copy it.</summary>
internal static class Example
{
    /// <summary>Its text for this machine: other addresses, ports and paths, and nothing else.</summary>
    /// <param name="file">Below <c>deploy</c>.</param>
    /// <param name="changes">In this order; each must be there, or the test would be about another file than it seems.</param>
    public static string Read(string file, params IReadOnlyList<(string From, string To)> changes)
    {
        var text = File.ReadAllText(Path.Combine(HostBinary.Repository, "deploy", file));
        foreach (var (from, to) in changes)
        {
            if (!text.Contains(from, StringComparison.Ordinal)) throw new InvalidOperationException(
                $"deploy/{file} has no '{from}'");
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        return text;
    }
}
