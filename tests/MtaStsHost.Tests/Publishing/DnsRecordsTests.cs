using MtaSts;
using MtaStsHost.Publishing;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Publishing;

public sealed class DnsRecordsTests
{
    [Fact]
    public void Of_DomainTooLongForATlsRptRecord_HasNoneAndSaysSo()
    {
        var domain = string.Join('.', new string('a', 63), new string('a', 63), new string('a', 63), new string('b', 47), "test");
        using var configuration = new ConfigurationFixture(Json.WithDomains($$"""
            { "{{domain}}": { "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": 604800, "TlsRpt": [ "mailto:tls@example.com" ] } }
            """));

        var records = DnsRecords.Of(configuration.ReadGood().Policies.All[0], null);

        Assert.All(records.Records, record => Assert.InRange(record.Name.Length, 1, DomainName.MaxLength));
        Assert.Contains(records.Notes,
            note => note.StartsWith("a TLSRPT record would be at a name of 255 characters", StringComparison.Ordinal));
    }
}
