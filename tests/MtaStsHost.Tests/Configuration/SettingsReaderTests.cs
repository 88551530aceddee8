using MtaStsHost.Configuration;

namespace MtaStsHost.Tests.Configuration;

public sealed class SettingsReaderTests
{
    private readonly ConfigurationTree _tree = new();
    private readonly ProblemList _problems = new();

    private SettingsReader Reader => new(_tree, _problems);

    [Fact]
    public void List_Entries_AreInTheOrderOfTheirNumbers()
    {
        foreach (var index in new[] { "10", "2", "x", "-1" }) Set("A:B:" + index, index);
        Set("A:B:3:C", "no entry");
        _tree.Values["A:B:4"] = new SettingValue(null, SettingKind.Null, Layer, 1);

        Assert.Equal(["2", "10"], Reader.List("a:b").Select(entry => entry.Value.Text));
    }

    [Fact]
    public void Sections_Names_AreEachOnceInTheOrderOfTheirNumbers()
    {
        foreach (var path in new[] { "A:10:X", "A:2:X", "A:2:Y", "AB:1:X" }) Set(path, "x");

        Assert.Equal(["a:2", "a:10"], Reader.Sections("a"));
    }

    [Fact]
    public void Bind_RelativePath_StartsAtTheLayersFolder()
    {
        Set("Checks:TrustedRootsFile", "../x.pem");

        Assert.Equal("/etc/x.pem", Reader.Bind("Checks", new CheckOptionsValidator()).TrustedRootsFile);
    }

    [Fact]
    public void Bind_ListWithGaps_ReportsThePathThatWasWritten()
    {
        Set("Dns:Resolvers:2", "192.0.2.53");
        Set("Dns:Resolvers:7", "nowhere");

        Assert.Equal(["192.0.2.53", "nowhere"], Reader.Bind("Dns", new DnsOptionsValidator()).Resolvers);
        Assert.StartsWith("error: Dns:Resolvers:7 (f.json:1): 'nowhere' is not an address; ",
            Assert.Single(_problems.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bind_SectionListWithGaps_ReportsThePathThatWasWritten()
    {
        Set("Tls:Certificates:3:KeyPath", "x.pem");

        Reader.Bind("Tls", new TlsOptionsValidator());

        Assert.Equal("error: Tls:Certificates:3:Path (f.json:1): is not set; name the file with the certificate and its chain",
            Assert.Single(_problems.Errors).ToString());
    }

    [Theory]
    [InlineData("Serilog:MinimumLevel", "loud")]
    [InlineData("Serilog:MinimumLevel:Default", "loud")]
    [InlineData("Serilog:MinimumLevel:Override:a: b.c", "loud")]
    [InlineData("Serilog:Format", "xml")]
    [InlineData("Serilog:MinimumLevel:Override:a\u001Eb", "loud")]
    public void Bind_BadWord_IsReportedWhereItIs(string path, string text)
    {
        Set(path, text);

        Reader.Bind("Serilog", new SerilogOptionsValidator());

        Assert.Equal((path, $"'{text}' is not known here"), (Assert.Single(_problems.Errors).Path, _problems.Errors[0].What));
    }

    [Fact]
    public void Bind_ValueInsteadOfASection_IsThatOfItsKey()
    {
        Set("Serilog:MinimumLevel", "debug");

        Assert.Equal("Debug", Reader.Bind("Serilog", new SerilogOptionsValidator()).MinimumLevel.Default);
    }

    private static ConfigurationLayer Layer { get; } = new("f.json", "/etc/host");

    private void Set(string path, string text) => _tree.Values[path] = new SettingValue(text, SettingKind.Text, Layer, 1);
}
