using MtaStsHost.Cli;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Cli;

/// <summary>Compares the man page with the verbs and options. With <c>MTASTSHOST_WRITE_REFERENCE=1</c>, as eng/write-reference sets it,
/// writes it instead.</summary>
public sealed class ManPageTests
{
    private static readonly string s_file = Path.Combine(HostBinary.Repository, "deploy", "man", "MtaStsHost.1");

    private static string Expected => ManPage.Of(CommandLine.CreateRoot(new CliContext([], null)));

    [Fact]
    public void Page_InTheRepository_IsThatOfTheVerbs()
    {
        if (Environment.GetEnvironmentVariable("MTASTSHOST_WRITE_REFERENCE") == "1") File.WriteAllText(s_file, Expected);
        else Assert.Equal(Expected, File.ReadAllText(s_file));
    }

    /// <summary>A line that begins with a dot is a macro, and one that begins with a quote is too.</summary>
    [Fact]
    public void Page_EveryLine_IsTextOrAKnownMacro() => Assert.All(Expected.Split('\n'), line => Assert.Matches(
        @"^$|^[^.']|^\.\\""|^\.(TH|SH|SS|TP|PP|B|I|nf|fi)( |$)", line));
}
