using System.Collections.Immutable;
using System.Net;
using MtaSts;

namespace MtaStsHost.Configuration;

/// <summary>What <c>mta-sts.&lt;domain&gt;</c> should point at: a name, for a CNAME, or addresses.</summary>
internal sealed record PublicHost(DomainName? Name, ImmutableArray<IPAddress> Addresses)
{
    private const string Path = "MtaSts:PublicHost";

    public static PublicHost? Read(SettingsReader settings)
    {
        DomainName? name = null;
        var addresses = ImmutableArray.CreateBuilder<IPAddress>();
        var entries = settings.Find(Path) is { } single ? [(Path, single)] : settings.List(Path);
        foreach (var (path, value) in entries)
        {
            var text = value.Text!;
            if (AddressText.TryParse(text, out var address)) addresses.Add(address);
            else if (!DomainName.TryParse(text, out var parsed, out var error))
                settings.Problems.Error(path, value.Origin, $"{ProblemList.Quote(text)} is neither a host name nor an address: it {error}",
                    "write a name such as sts.example.net, or addresses");
            else if (name is not null)
                settings.Problems.Error(path, value.Origin, "is a second name, and a CNAME has one", "keep one name, or write addresses");
            else name = parsed;
        }

        if (name is not null && addresses.Count > 0)
            settings.Problems.Error(Path, entries[0].Value.Origin,
                "has a name and addresses, and a name with a CNAME can't have addresses (RFC 1034 §3.6.2)",
                "keep the name or the addresses");
        return name is null && addresses.Count == 0 ? null : new PublicHost(name, addresses.DrainToImmutable());
    }
}
