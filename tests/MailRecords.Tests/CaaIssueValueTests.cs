using CsCheck;

namespace MailRecords.Tests;

public sealed class CaaIssueValueTests
{
    [Theory]
    [InlineData("ca.example", "ca.example")]
    [InlineData(" \tCA.Example \t", "ca.example")]
    [InlineData("localhost", "localhost")]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    [InlineData("ca.example;", "ca.example")]
    [InlineData("ca.example ; \t", "ca.example")]
    [InlineData("", "")]
    [InlineData(";", "")]
    [InlineData(" ; ", "")]
    [InlineData("; policy=ev", "; policy=ev")]
    [InlineData("ca.example; account=230123", "ca.example; account=230123")]
    [InlineData("ca.example;a=;b = c=d ;\te-1=%21/:?", "ca.example; a=; b=c=d; e-1=%21/:?")]
    [InlineData("ca.example; a=1; a=2", "ca.example; a=1; a=2")]
    public void TryParse_Good_IsRead(string text, string expected)
    {
        Assert.True(CaaIssueValue.TryParse(text, out var value));
        Assert.Equal(expected, value.ToString());
    }

    [Theory]
    [InlineData("ca.example.")]
    [InlineData(".ca.example")]
    [InlineData("ca..example")]
    [InlineData("-ca.example")]
    [InlineData("ca-.example")]
    [InlineData("ca_x.example")]
    [InlineData("ca.example other.example")]
    [InlineData("b\u00fccher.example")]
    [InlineData("%%%%%")]
    [InlineData("ca.example;;")]
    [InlineData("ca.example; a=1;")]
    [InlineData("ca.example; a")]
    [InlineData("ca.example; =1")]
    [InlineData("ca.example; a_b=1")]
    [InlineData("ca.example; -a=1")]
    [InlineData("ca.example; a=b c")]
    [InlineData("ca.example; a=\u00fc")]
    [InlineData("ca.example; a=\u007f")]
    [InlineData("ca.example\n")]
    [InlineData("ca.example\0")]
    public void TryParse_Malformed_IsRefused(string text) => Assert.False(CaaIssueValue.TryParse(text, out _));

    [Fact]
    public void TryParse_WhatTheGrammarMakes_IsReadPartByPart()
    {
        var word = Gen.String[Gen.Char["abcxyzABC0189"], 1, 8];
        var label = Gen.Select(word, word, (a, b) => $"{a}--{b}");
        var space = Gen.String[Gen.Char[" \t"], 0, 2];
        var content = Gen.String[Gen.Char['!', '~'].Where(c => c != ';'), 0, 12];
        var parameter = Gen.Select(label, content);
        Gen.Select(label.Array[0, 4], parameter.Array[0, 4], space).Sample((labels, parameters, ws) =>
        {
            var name = string.Join('.', labels);
            var text = string.Concat(parameters.Select(p => $";{ws}{p.Item1}{ws}={ws}{p.Item2}{ws}").Prepend($"{ws}{name}{ws}"));
            return CaaIssueValue.TryParse(text, out var value)
                && value.Issuer.Equals(name, StringComparison.OrdinalIgnoreCase) && !value.Issuer.Any(char.IsAsciiLetterUpper)
                && value.Parameters.SequenceEqual(parameters.Select(p => new KeyValuePair<string, string>(p.Item1, p.Item2)));
        });
    }
}
