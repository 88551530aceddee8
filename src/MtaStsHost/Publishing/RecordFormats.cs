using System.Collections.Frozen;

namespace MtaStsHost.Publishing;

/// <summary>The records in the formats of the tools that publish them.</summary>
internal static class RecordFormats
{
    /// <summary>The length of a character-string (RFC 1035 §3.3); a TXT record may have several, which the reader joins.</summary>
    private const int MaxString = 255;

    /// <summary>Writes a domain's records in one format, by the format's name.</summary>
    public static readonly FrozenDictionary<string, Action<StringBuilder, DnsRecords>> ByName =
        new Dictionary<string, Action<StringBuilder, DnsRecords>>
        {
            ["zone"] = Zone, ["dnscontrol"] = DnsControl, ["terraform"] = Terraform,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    public static string Format(string format, IEnumerable<DnsRecords> domains)
    {
        var (text, write) = (new StringBuilder(), ByName[format]);
        foreach (var domain in domains)
        {
            if (text.Length > 0) text.Append('\n');
            write(text, domain);
        }

        return text.ToString();
    }

    private static void Zone(StringBuilder text, DnsRecords domain)
    {
        Heading(text, "; ", domain);
        foreach (var record in domain.Records)
        {
            var value = record.Type switch
            {
                "TXT" => string.Join(' ', record.Value.Chunk(MaxString).Select(chunk => Quote(new string(chunk)))),
                "CNAME" => record.Value + ".",
                _ => record.Value,
            };
            text.Append(CultureInfo.InvariantCulture, $"{record.Name}. {DnsRecord.Ttl} IN {record.Type} {value}\n");
        }
    }

    /// <summary>https://docs.dnscontrol.org: D_EXTEND works for the zone itself and for a domain inside it.</summary>
    private static void DnsControl(StringBuilder text, DnsRecords domain)
    {
        Heading(text, "// ", domain);
        text.Append(CultureInfo.InvariantCulture, $"D_EXTEND({Quote(domain.Policy.Domain.Value)}");
        foreach (var record in domain.Records)
        {
            var value = record.Type == "CNAME" ? record.Value + "." : record.Value;
            text.Append(CultureInfo.InvariantCulture,
                $",\n  {record.Type}({Quote(record.RelativeName)}, {Quote(value)}, TTL({DnsRecord.Ttl}))");
        }

        text.Append("\n);\n");
    }

    /// <summary>Resources of the hashicorp/dns provider, which speaks RFC 2136 and so to any name server.</summary>
    private static void Terraform(StringBuilder text, DnsRecords domain)
    {
        Heading(text, "# ", domain);
        text.Append("# zone: change it if the domain is in its parent's zone\n");
        var zone = Quote(domain.Policy.Domain.Value + ".");
        foreach (var group in domain.Records.GroupBy(record => (record.Name, record.Type)))
        {
            var first = group.First();
            var (kind, attribute, value) = first.Type switch
            {
                "TXT" => ("dns_txt_record_set", "txt", List(group)),
                "CNAME" => ("dns_cname_record", "cname", Quote(first.Value + ".")),
                "A" => ("dns_a_record_set", "addresses", List(group)),
                _ => ("dns_aaaa_record_set", "addresses", List(group)),
            };
            // Names can't collide: only the prefixes have an underscore.
            var resource = first.Name.TrimStart('_').Replace("._", ".", StringComparison.Ordinal).Replace('.', '_');
            if (first.Name.StartsWith(StsRecord.NamePrefix, StringComparison.Ordinal)) resource = "txt_" + resource;
            text.Append(CultureInfo.InvariantCulture,
                $"resource \"{kind}\" \"{resource}\" {{\n  zone = {zone}\n  name = {Quote(first.RelativeName)}\n  {attribute} = "
                + $"{value}\n  ttl = {DnsRecord.Ttl}\n}}\n");
        }

        static string List(IEnumerable<DnsRecord> records) => $"[{string.Join(", ", records.Select(record => Template(record.Value)))}]";

        static string Template(string value) => Quote(value.Replace("${", "$${", StringComparison.Ordinal)
            .Replace("%{", "%%{", StringComparison.Ordinal));
    }

    private static void Heading(StringBuilder text, string comment, DnsRecords domain)
    {
        var policy = domain.Policy.Policy;
        text.Append(CultureInfo.InvariantCulture,
            $"{comment}{domain.Policy.Domain}: mode {PolicyModes.ToText(policy.Mode)}, max_age {policy.MaxAge}\n");
        foreach (var note in domain.Notes) text.Append(comment).Append(note).Append('\n');
    }

    /// <summary>As in zone files (RFC 1035 §5.1), JavaScript and HCL; the values are printable ASCII.</summary>
    private static string Quote(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
