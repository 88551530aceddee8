using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// <summary>Identifiers as subject alternative names. RFC 8555 §7.4, RFC 8738 §3.</summary>
internal static class SubjectNames
{
    public static X509Extension Build(IEnumerable<Identifier> identifiers)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var identifier in identifiers)
        {
            switch (identifier.Type)
            {
                case Identifier.DnsType:
                    builder.AddDnsName(identifier.Value);
                    break;
                case Identifier.IpType when IPAddress.TryParse(identifier.Value, out var address):
                    builder.AddIpAddress(address);
                    break;
                default:
                    throw new ArgumentException(
                        $"A certificate can't have the identifier {identifier.Type} {identifier.Value}.", nameof(identifiers));
            }
        }

        return builder.Build();
    }

    public static bool Covers(X509Certificate2 certificate, IEnumerable<Identifier> identifiers)
    {
        try
        {
            var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList();
            var dns = names.SelectMany(static one => one.EnumerateDnsNames()).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var ip = names.SelectMany(static one => one.EnumerateIPAddresses()).ToHashSet();
            return identifiers.All(one => one.Type switch
            {
                Identifier.DnsType => dns.Contains(one.Value),
                Identifier.IpType => IPAddress.TryParse(one.Value, out var address) && ip.Contains(address),
                _ => false,
            });
        }
        catch (CryptographicException)
        {
            return false; // names that can't be read
        }
    }
}
