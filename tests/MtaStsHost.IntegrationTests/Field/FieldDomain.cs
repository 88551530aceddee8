
namespace MtaStsHost.IntegrationTests.Field;

/// <summary>
/// A domain under <c>example.</c>, sound but for what is set. <c>{domain}</c> stands for its name and <c>{id}</c> for the id of its policy
/// in the
/// host; zone lines are relative to it.
/// </summary>
internal sealed record FieldDomain(string Label)
{
    /// <summary>The native host, with a certificate for each domain of it that isn't <see cref="HasNoCertificate"/>.</summary>
    public const string HostAddress = "192.0.2.10";

    /// <inheritdoc cref="HostAddress"/>
    public const string HostAddress6 = "2001:db8::10";

    /// <summary>The web server of other people.</summary>
    public const string ElsewhereAddress = "192.0.2.20";

    /// <summary>Nothing listens there.</summary>
    public const string DeadAddress6 = "2001:db8::dead";

    public string Domain => Label + ".example";

    public string PolicyHost => "mta-sts." + Domain;

    /// <summary>The domain's section in the host; null: it isn't configured there.</summary>
    public string? Settings { get; init; } = """{ "Mode": "enforce", "Mx": [ "mail.{domain}" ], "MaxAge": 1209600 }""";

    /// <summary>What the host served before, and since when it has served what it serves; none: it began a moment ago.</summary>
    public IReadOnlyList<FieldPast> Past { get; init; } = [];

    /// <summary>The host has no certificate for it.</summary>
    public bool HasNoCertificate { get; init; }

    public string Txt { get; init; } = "_mta-sts TXT \"v=STSv1; id={id};\"";

    /// <summary>Where the policy host is.</summary>
    public string Host { get; init; } = $"mta-sts A {HostAddress}\nmta-sts AAAA {HostAddress6}";

    public string Mail { get; init; } = $"@ MX 10 mail\nmail A {FieldMail.Good}\nmail AAAA {FieldMail.Good6}";

    public string Rest { get; init; } = """
        @ TXT "v=spf1 mx -all"
        _dmarc TXT "v=DMARC1; p=reject"
        _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@{domain}"
        default._domainkey TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        """;

    public string More { get; init; } = "";

    /// <summary>Where the policy host is elsewhere: what answers there, in nginx's words.</summary>
    public string? Elsewhere { get; init; }

    /// <summary>The name of the certificate there; the policy host's own by default.</summary>
    public string? ElsewhereName { get; init; }

    public bool IsElsewhereExpired { get; init; }

    /// <summary>The name servers don't work as they should: the zone is delegated, and this is its name server or what is done to
    /// it.</summary>
    public FieldZone Zone { get; init; }

    /// <summary>The code, its severity, and a part of the message and of the remedy. Nothing else may be found above <c>info</c>.</summary>
    public IReadOnlyList<(string Code, string Severity, string Seen, string Fix)> Expected { get; init; } = [];

    public IEnumerable<string> ZoneLines(string id) =>
        string.Join('\n', Txt, Host, Mail, Rest, More).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => Fill(line, id));

    public string Fill(string text, string id) => text.Replace("{domain}", Domain, StringComparison.Ordinal)
        .Replace("{id}", id, StringComparison.Ordinal);

    // What a test is called.
    public override string ToString() => Domain;
}

/// <summary>A policy of the past.</summary>
/// <param name="Settings">As in <see cref="FieldDomain.Settings"/>; <c>null</c>: those of today.</param>
/// <param name="From">In days before the field is built.</param>
/// <param name="To"><c>null</c>: it is active.</param>
internal sealed record FieldPast(string? Settings, double From, double? To);

/// <summary>How the zone of a domain is published.</summary>
internal enum FieldZone
{
    /// <summary>In that of <c>example.</c></summary>
    Shared,

    /// <summary>Its own, signed, and the resolver knows the key.</summary>
    Signed,

    /// <summary>The same, with signatures that have run out.</summary>
    BadlySigned,

    /// <summary>Delegated to a server that knows nothing of it.</summary>
    Lame,

    /// <summary>Not there.</summary>
    Missing,
}

/// <summary>The mail servers, one Postfix with a service at each address.</summary>
internal static class FieldMail
{
    public const string Good = "192.0.2.25";
    public const string Good6 = "2001:db8::25";
    public const string OtherName = "192.0.2.26";
    public const string Expired = "192.0.2.27";
    public const string Plain = "192.0.2.28";
    public const string NoCertificate = "192.0.2.29";

    /// <summary>Nothing listens there.</summary>
    public const string Dead = "192.0.2.30";
}
