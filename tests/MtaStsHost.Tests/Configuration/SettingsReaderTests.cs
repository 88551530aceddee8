using MtaStsHost.Configuration;

namespace MtaStsHost.Tests.Configuration;

public sealed class SettingsReaderTests
{
    private readonly ConfigurationTree _tree = new();
    private readonly ProblemList _problems = new();

    private SettingsReader Reader => new(_tree, _problems);

    [Theory]
    [InlineData("true", true, 0)]
    [InlineData("False", false, 0)]
    [InlineData("yes", true, 1)]
    [InlineData("1", true, 1)]
    [InlineData("", true, 0)]
    public void Bool_Text_IsTrueOrFalseOrAnError(string text, bool expected, int errors)
    {
        Set("A:B", text);

        Assert.Equal((expected, errors), (Reader.Bool("a:b", otherwise: true), _problems.Errors.Count));
    }

    [Theory]
    [InlineData("5", 5, 0)]
    [InlineData("1", 1, 0)]
    [InlineData("10", 10, 0)]
    [InlineData("0", 7, 1)]
    [InlineData("11", 7, 1)]
    [InlineData("5.0", 7, 1)]
    [InlineData("x", 7, 1)]
    [InlineData("99999999999", 7, 1)]
    public void Int_Text_IsWithinItsRangeOrAnError(string text, int expected, int errors)
    {
        Set("A:B", text);

        Assert.Equal((expected, errors), (Reader.Int("A:B", otherwise: 7, min: 1, max: 10), _problems.Errors.Count));
    }

    [Theory]
    [InlineData("JSON", "json", 0)]
    [InlineData("text", "text", 0)]
    [InlineData("xml", "text", 1)]
    public void Choice_Text_IsOneOfTheWords(string text, string expected, int errors)
    {
        Set("A:B", text);

        Assert.Equal((expected, errors), (Reader.Choice("A:B", "text", "text", "json"), _problems.Errors.Count));
    }

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
    public void FullPath_RelativePath_StartsAtTheLayersFolder()
    {
        Set("A:B", "../x.pem");

        Assert.Equal("/etc/x.pem", Reader.FullPath("A:B"));
    }

    [Fact]
    public void FullPath_NullCharacter_IsAnError()
    {
        Set("A:B", "a\0b");

        Assert.Null(Reader.FullPath("A:B"));
        Assert.Equal("error: A:B (f.json:1): 'a\\u0000b' is no path; write the path of a file", Assert.Single(_problems.Errors).ToString());
    }

    private static ConfigurationLayer Layer { get; } = new("f.json", "/etc/host");

    private void Set(string path, string text) => _tree.Values[path] = new SettingValue(text, SettingKind.Text, Layer, 1);
}
