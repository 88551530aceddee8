using CsCheck;

namespace Acme.Tests;

public sealed class LinkHeaderTests
{
    private static readonly Uri s_base = new("https://acme.test/certificate/1");

    [Theory]
    [InlineData("<https://acme.test/c/1>;rel=\"alternate\"", "https://acme.test/c/1")]
    [InlineData("<https://acme.test/c/1>; rel=alternate", "https://acme.test/c/1")]
    [InlineData("<https://acme.test/c/1> ; REL = \"Alternate\" ; title=x", "https://acme.test/c/1")]
    [InlineData("<https://acme.test/c/1>;title=\"a, b; rel=\\\"x\\\"\";rel=\"up alternate\"", "https://acme.test/c/1")]
    [InlineData("</c/1>;rel=\"alternate\", <2>;rel=\"alternate\"", "https://acme.test/c/1 https://acme.test/certificate/2")]
    [InlineData("<https://a.test/?x=1,2;3>;rel=\"alternate\"", "https://a.test/?x=1,2;3")]
    [InlineData("<https://acme.test/directory>;rel=\"index\", <https://acme.test/c/1>;rel=\"alternate\"", "https://acme.test/c/1")]
    [InlineData("<https://acme.test/c/1>;rel=\"up\";rel=\"alternate\"", "")] // the first rel counts
    [InlineData("<https://acme.test/c/1>;rel=\"alternates\"", "")]
    [InlineData("<https://acme.test/c/1>", "")]
    [InlineData("<https://acme.test/c/1>;rel", "")]
    [InlineData("<https://acme.test/c/1>;rel=\"alternate", "")]
    [InlineData("https://acme.test/c/1;rel=\"alternate\"", "")]
    [InlineData("<https://acme.test/c/1;rel=\"alternate\"", "")]
    [InlineData("<>;rel=\"alternate\"", "https://acme.test/certificate/1")]
    [InlineData("<https://acme.test/c/1>;rel=alternate,,<https://acme.test/c/1>;rel=alternate", "https://acme.test/c/1")] // once
    [InlineData("", "")]
    [InlineData(",", "")]
    [InlineData(";", "")]
    [InlineData("<", "")]
    public void Find_Field_GivesTheAlternates(string field, string expected) =>
        Assert.Equal(expected, string.Join(' ', LinkHeader.Find([field], "alternate", s_base)));

    [Fact]
    public void Find_BrokenField_LeavesTheOthers() =>
        Assert.Equal(
            [new Uri("https://acme.test/a"), new Uri("https://acme.test/b")],
            LinkHeader.Find(["<https://acme.test/a>;rel=alternate", "<broken", "<https://acme.test/b>;rel=alternate"],
                "alternate", s_base));

    [Fact]
    public void Find_AnyText_NeverThrowsAndGivesAbsoluteUrls() =>
        Gen.String[Gen.Char["<>;=\", \\relatnh:/."], 0, 80].Sample(static field =>
            LinkHeader.Find([field, field], "alternate", s_base).All(static url => url.IsAbsoluteUri));
}
