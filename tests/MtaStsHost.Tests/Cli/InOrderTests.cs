using MtaStsHost.Cli;

namespace MtaStsHost.Tests.Cli;

public sealed class InOrderTests
{
    [Theory]
    [InlineData("0123", "0 1 2 3")] // what each of them brings on
    [InlineData("3210", "- - - 0123")]
    [InlineData("1023", "- 01 2 3")]
    [InlineData("0231", "0 - - 123")]
    public void Add_AnyOrder_PassesOnWhatHasAllBeforeIt(string added, string passedOn)
    {
        var passed = "";
        var order = new InOrder<char>(item => passed += item);
        var steps = new List<string>();
        foreach (var item in added)
        {
            passed = "";
            order.Add(item - '0', item);
            steps.Add(passed.Length == 0 ? "-" : passed);
        }

        Assert.Equal(passedOn, string.Join(' ', steps));
    }
}
