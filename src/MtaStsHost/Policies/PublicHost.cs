using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using MtaSts;
using MtaStsHost.Configuration;

namespace MtaStsHost.Policies;

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
            if (TryParseAddress(text, out var address)) addresses.Add(address);
            else if (!DomainName.TryParse(text, out var parsed, out var error))
                settings.Problems.Error(path, value.Origin, $"{ProblemList.Quote(text)} is neither a host name nor an address: it {error}", "write a name such as sts.example.net, or addresses");
            else if (name is not null)
                settings.Problems.Error(path, value.Origin, "is a second name, and a CNAME has one", "keep one name, or write addresses");
            else name = parsed;
        }

        if (name is not null && addresses.Count > 0)
            settings.Problems.Error(Path, entries[0].Value.Origin, "has a name and addresses, and a name with a CNAME can't have addresses (RFC 1034 §3.6.2)", "keep the name or the addresses");
        return name is null && addresses.Count == 0 ? null : new PublicHost(name, addresses.DrainToImmutable());
    }

    /// <summary>An address as people write it. IPAddress also reads "1", "0x7f.1" and "010.0.0.1" (8.0.0.1); nobody means those.</summary>
    public static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 ? !text.ContainsAny(['%', '[']) : address.ToString() == text);
}
