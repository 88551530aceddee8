using System.Text;
using CsCheck;

namespace MtaSts.Tests;

public sealed class PolicyFormatterTests
{
    [Fact]
    public void Format_Policy_IsTheBodyToTheByte() => Assert.Equal(
        "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n",
        Encoding.Latin1.GetString(PolicyFormatter.Format(Policies.Make(PolicyMode.Enforce, 604800, "mail.example.com", "*.example.net"))));

    [Fact]
    public void Format_ModeNone_KeepsMx()
    {
        Assert.Equal(
            "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n",
            Encoding.Latin1.GetString(PolicyFormatter.Format(Policies.Make(PolicyMode.None, 86400))));
        Assert.Contains("mx: a.example\r\n",
            Encoding.Latin1.GetString(PolicyFormatter.Format(Policies.Make(PolicyMode.None, 1, "a.example"))), StringComparison.Ordinal);
    }

    [Fact]
    public void FormatCanonical_Policy_SortsByByteAndEndsLinesWithLf() => Assert.Equal(
        "version: STSv1\nmode: testing\nmx: *.z.example\nmx: 1.example\nmx: a-b.example\nmx: a.example\nmx: ab.example\nmax_age: 0\n",
        Encoding.Latin1.GetString(PolicyFormatter.FormatCanonical(
            Policies.Make(PolicyMode.Testing, 0, "ab.example", "a.example", "a-b.example", "*.z.example", "1.example"))));

    [Fact]
    public void Format_AnyPolicy_ReadsBackAsTheSame() => Policies.Any.Sample(static policy =>
        PolicyParser.TryParse(PolicyFormatter.Format(policy), out var again, out _) && again.Equals(policy)
        && PolicyParser.TryParse(PolicyFormatter.FormatCanonical(policy), out _, out _));
}
