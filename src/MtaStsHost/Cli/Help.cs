using System.CommandLine;

namespace MtaStsHost.Cli;

internal static class Help
{
    public static void AddExamples(RootCommand root)
    {
    }
}
