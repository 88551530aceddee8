using MtaStsHost.Storage;
using MtaStsHost.Transitions;

namespace MtaStsHost.Tests.Transitions;

public sealed class OtherServicesTests
{
    private const string Me = "/etc/mtastshost on mail, http://*:8461";

    /// <summary>By number: who serves what; what is served here; who else there is; whose number is taken over.</summary>
    [Theory]
    [InlineData("", "", "a", "", null)]
    [InlineData("me=1", "1:a 1:b", "", "", null)] // all of its domains were removed
    [InlineData("me=1", "0:a", "", "", null)] // from before services had numbers
    [InlineData("me=1 other=2", "1:a 2:b 2:c", "a", "2:b,c", null)]
    [InlineData("other=2", "2:b", "a", "2:b", null)]
    [InlineData("other=2", "2:b", "", "2:b", null)]
    [InlineData("other=2", "2:a 2:b", "a b", "", 2L)] // its configuration was moved
    [InlineData("other=2", "2:a 2:b 2:c", "a b", "", 2L)] // and a domain removed
    [InlineData("me=1 other=2", "2:sample 2:b", "sample a", "2:b", null)]
    [InlineData("other=2", "2:a 2:b 2:c", "a", "2:b,c", null)]
    [InlineData("other=2 third=3", "2:a 3:b 3:c", "b c", "2:a", 3L)]
    public void Find_AnyStore_KnowsWhosePoliciesTheyAre(string services, string inForce, string here, string others, long? former)
    {
        var stored = new StoredPolicies([.. Words(inForce, ':').Select(row =>
            new PolicyInForce(new PolicyKey(row.Value, "1", "1"), "enforce", row.Key == "0" ? null : long.Parse(row.Key)))], null)
        {
            Services = Words(services, '=').ToDictionary(
                service => long.Parse(service.Value), service => service.Key == "me" ? Me : service.Key),
        };

        var found = OtherServices.Find(stored, Me, here.Split(' ').Contains);
        Assert.Equal(others, string.Join(' ', found.Select(other => $"{other.Number}:{string.Join(',', other.Domains)}")));
        Assert.Equal(former, OtherServices.Former(stored, Me, found));
    }

    private static IEnumerable<KeyValuePair<string, string>> Words(string text, char separator) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => KeyValuePair.Create(word[..word.IndexOf(separator)], word[(word.IndexOf(separator) + 1)..]));
}
