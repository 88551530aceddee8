namespace MtaStsHost.Configuration;

/// <summary>What <c>mta-sts.&lt;domain&gt;</c> should point to: a name, for a CNAME, or addresses.</summary>
internal sealed record PublicHost(DomainName? Name, ImmutableArray<IPAddress> Addresses)
{
    public static PublicHost? Of(MtaStsOptions options, SettingsReader settings)
    {
        DomainName? name = null;
        var addresses = ImmutableArray.CreateBuilder<IPAddress>();
        foreach (var (i, text) in options.PublicHost.Index())
        {
            if (AddressText.TryParse(text, out var address)) addresses.Add(address);
            else if (!DomainName.TryParse(text, out var parsed, out _)) continue;
            else if (name is null) name = parsed;
            else
                settings.Error(settings.PathOf("MtaSts:PublicHost", i),
                    "is a second name, and a CNAME has one", "keep one name, or write addresses");
        }

        if (name is not null && addresses.Count > 0)
            settings.Error("MtaSts:PublicHost", "has a name and addresses, and a name with a CNAME can't have addresses (RFC 1034 §3.6.2)",
                "keep the name or the addresses");
        return name is null && addresses.Count == 0 ? null : new PublicHost(name, addresses.DrainToImmutable());
    }
}
