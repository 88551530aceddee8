namespace MtaStsHost.IntegrationTests.Field;

/// <summary>What breaks in the field, one domain for each, and some that are sound.</summary>
internal static class FieldDomains
{
    private const string Error = "error";
    private const string Warning = "warning";
    private const string Unknown = "unknown";

    private const string AtElsewhere = $"mta-sts A {FieldDomain.ElsewhereAddress}";
    private const string AnyTxt = "_mta-sts TXT \"v=STSv1; id=20260101;\"";

    private const string Publish = "publish _mta-sts.{domain}. TXT \"v=STSv1; id={id};\"";

    private const string PolicyFirst =
        "first serve a policy at https://mta-sts.{domain}/.well-known/mta-sts.txt; then publish _mta-sts.{domain}. TXT";

    private static readonly FieldDomain[] s_sound =
    [
        new("sound") { Zone = FieldZone.Signed, Expected = [("dnssec", "info", "_mta-sts.{domain} is protected by DNSSEC", "")] },
        // RFC 8461 §8.2.
        new("delegated") { Txt = "_mta-sts CNAME _mta-sts.customer1.provider.example.", Host = "mta-sts CNAME customer1.provider.example.",
            Expected = [("dnssec", "info", "_mta-sts.{domain} is not protected by DNSSEC", "")] },
        // Too much for a UDP answer, so the resolver sends the SPF check to TCP.
        new("large") { More = string.Join('\n', Enumerable.Range(0, 60)
            .Select(i => $"@ TXT \"verification-{i}={new string('a', 150)}\"")) },
        // Ready to be raised.
        new("short")
        {
            Settings = """{ "Mode": "enforce", "Mx": [ "mail.{domain}" ], "MaxAge": 86400 }""",
            Expected = [("max-age-short", "info", "max_age is 86400 s", "raise max_age to 1209600 or more")],
        },
    ];

    private static readonly FieldDomain[] s_txt =
    [
        new("notxt") { Txt = "", Expected = [("txt-missing", Error, "_mta-sts.{domain} has no MTA-STS record", Publish)] },
        new("twotxt")
        {
            Txt = "_mta-sts TXT \"v=STSv1; id={id};\"\n_mta-sts TXT \"v=STSv1; id=1;\"",
            Expected = [("txt-multiple", Error, "_mta-sts.{domain} has 2 MTA-STS records", Publish + ", and no other record there")],
        },
        new("version") { Txt = "_mta-sts TXT \"v=STS1; id={id};\"", Expected = [("txt-invalid", Error, "has \"v=STS1; id=", Publish)] },
        new("hyphen") { Txt = "_mta-sts TXT \"v=STSv1; id=2026-01-02;\"",
            Expected = [("txt-invalid", Error, "has \"v=STSv1; id=2026-01-02;\": ", Publish)] },
        new("apex")
        {
            Txt = "@ TXT \"v=STSv1; id={id};\"",
            Expected =
            [
                ("txt-missing", Error, "_mta-sts.{domain} has no MTA-STS record", Publish),
                ("txt-at-apex", Error, "{domain} itself has \"v=STSv1; id={id};\"", "move it to _mta-sts.{domain}"),
            ],
        },
    ];

    private static readonly FieldDomain[] s_host =
    [
        new("nohost") { Settings = null, Txt = AnyTxt, Host = "",
            Expected = [("host-missing", Error, "mta-sts.{domain} has no address in DNS", "publish mta-sts.{domain}. CNAME")] },
        new("nocertificate") { HasNoCertificate = true,
            Expected = [("host-tls", Error, "mta-sts.{domain} aborted the TLS handshake without an alert",
            "give the server a certificate for this name")] },
        Elsewhere("wrongname", "return 404;", ("host-certificate", Error, "is for www.{domain}", "install a certificate for this name"))
            with { ElsewhereName = "www.wrongname.example" },
        Elsewhere("expired", "return 404;", ("host-certificate", Error, "expired", "renew the certificate"))
            with { IsElsewhereExpired = true },
        Elsewhere("redirect", "return 301 https://www.example.com$request_uri;",
            ("policy-redirect", Error, "301", "answer with the policy itself")),
        Elsewhere("notfound", "return 404;", ("policy-status", Error, "404",
            "serve the policy at /.well-known/mta-sts.txt with status 200")),
        Elsewhere("html", "default_type text/html; return 200 '<!DOCTYPE html>';",
            ("policy-content-type", Error, "text/html", "send Content-Type: text/plain")),
        Elsewhere("filtered", "return 403;", ("policy-status", Error, "403",
            "remove the bot filter, rate limit or access rule in front of the policy")),
        new("brokenipv6")
        {
            Host = $"mta-sts A {FieldDomain.HostAddress}\nmta-sts AAAA {FieldDomain.DeadAddress6}",
            Expected = [("host-unreachable", Warning,
                "can't be reached (2001:db8::dead port 443: connection refused); other addresses of mta-sts.{domain} work",
                "remove that address from DNS")],
        },
    ];

    private static readonly FieldDomain[] s_drift =
    [
        new("stale") { Txt = "_mta-sts TXT \"v=STSv1; id=20200101;\"",
            Expected = [("txt-id-stale", Error, "has the id 20200101, and the served policy has {id}", Publish)] },
        new("cached")
        {
            Host = AtElsewhere,
            Elsewhere = @"default_type text/plain; return 200 'version: STSv1\nmode: testing\nmx: old.cached.example\nmax_age: 86400\n';",
            Expected = [("policy-differs", Error, "mode testing, max_age 86400, mx old.{domain}", "a caching proxy, an old server")],
        },
        new("moved")
        {
            Mail = $"@ MX 10 mail2\nmail2 A {FieldMail.Good}",
            Expected =
            [
                ("mx-not-covered", Error, "doesn't name mail2.{domain}", "add to the domain's Mx: mail2.{domain}"),
                ("mail-refused", Error, "mail2.{domain} (not in the policy)", "serve the policy in mode testing"),
            ],
        },
    ];

    private static readonly FieldDomain[] s_mx =
    [
        new("pattern")
        {
            Settings = """{ "Mode": "enforce", "Mx": [ "*.mx.{domain}" ], "MaxAge": 1209600 }""",
            Mail = $"@ MX 10 mail.site1.mx\nmail.site1.mx A {FieldMail.Good}",
            Expected =
            [
                ("mx-not-covered", Error, "doesn't name mail.site1.mx.{domain}", "add to the domain's Mx: *.site1.mx.{domain}"),
                ("mail-refused", Error, "mail.site1.mx.{domain} (not in the policy)", "serve the policy in mode testing"),
            ],
        },
        new("backup")
        {
            Settings = """{ "Mode": "enforce", "Mx": [ "mail.{domain}", "backup.{domain}" ], "MaxAge": 1209600 }""",
            More = $"@ MX 20 backup\nbackup A {FieldMail.Dead}",
            Expected = [("mx-unreachable", Warning, "backup.{domain} (192.0.2.30) refuses connections", "remove the address from DNS")],
        },
        Mx("plain", FieldMail.Plain, ("mx-no-starttls", Error, "mail.{domain} (192.0.2.28) doesn't offer STARTTLS",
            "enable STARTTLS there, with a certificate for mail.{domain}")),
        Mx("othername", FieldMail.OtherName, ("mx-certificate", Error,
            "for another name (mail.provider.example)", "get a certificate with the DNS name mail.{domain}")),
        Mx("outdated", FieldMail.Expired, ("mx-certificate", Error, "has expired or is not valid yet",
            "renew the certificate, and make the server load it")),
        Mx("anonymous", FieldMail.NoCertificate,
            ("mx-tls", Error, "aborts the TLS handshake", "openssl s_client -starttls smtp -servername mail.{domain}")),
    ];

    private static readonly FieldDomain[] s_life =
    [
        new("stuck")
        {
            Settings = """{ "Mode": "testing", "Mx": [ "mail.{domain}" ], "MaxAge": 1209600 }""",
            Past = [new(null, 40, null)],
            Expected = [("testing-too-long", "info", "in mode testing since", "set Mode to enforce")],
        },
        new("long")
        {
            Settings = """{ "Mode": "enforce", "Mx": [ "mail.{domain}" ], "MaxAge": 31557599 }""",
            Expected = [("max-age-long", "info", "max_age is 31557599 s", "a max_age between 1209600")],
        },
        new("sameid")
        {
            Settings = """{ "Mode": "enforce", "Mx": [ "mail.{domain}", "mail2.{domain}" ], "MaxAge": 1209600, "Id": "20260101" }""",
            Past = [new("""{ "Mode": "enforce", "Mx": [ "mail.{domain}" ], "MaxAge": 1209600, "Id": "20260101" }""", 20, 1),
                new(null, 1, null)],
            Expected = [("id-not-changed", Error, "20260101", "Id")],
        },
        // mail2 came into DNS as soon as it was in the policy.
        new("hasty")
        {
            Settings = """{ "Mode": "enforce", "Mx": [ "mail.{domain}", "mail2.{domain}" ], "MaxAge": 1209600 }""",
            Past = [new("""{ "Mode": "enforce", "Mx": [ "mail.{domain}" ], "MaxAge": 1209600 }""", 20, 1), new(null, 1, null)],
            More = $"@ MX 20 mail2\nmail2 A {FieldMail.Good}",
            Expected = [("mx-cached-policy", Error, "mail2.{domain}", "remove mail2.{domain} from the MX records until")],
        },
        new("removed")
        {
            Settings = null,
            Past = [new("""{ "Mode": "enforce", "Mx": [ "mail.{domain}" ], "MaxAge": 1209600 }""", 20, 1)],
            Expected =
            [
                ("not-safe-to-remove", Warning, "{domain} is not configured any more, ",
                    "leave mta-sts.{domain} in DNS until"),
                // since the host has started
                ("txt-id-stale", Warning, "has the id 1, and the policy that is served since", "publish _mta-sts.{domain}. TXT"),
            ],
        },
        new("retiring")
        {
            Settings = """{ "Mode": "none", "Mx": [ "mail.{domain}" ], "MaxAge": 86400 }""",
            Past = [new("""{ "Mode": "enforce", "Mx": [ "mail.{domain}" ], "MaxAge": 1209600 }""", 20, 1), new(null, 1, null)],
            Expected = [("not-safe-to-remove", "info", "{domain} is in mode none and must stay until",
                "leave {domain} in the configuration")],
        },
        new("retired")
        {
            Settings = """{ "Mode": "none", "Mx": [ "mail.{domain}" ], "MaxAge": 86400 }""",
            Past = [new("""{ "Mode": "enforce", "Mx": [ "mail.{domain}" ], "MaxAge": 604800 }""", 20, 10), new(null, 10, null)],
            Expected = [("safe-to-remove", "info", "{domain} is safe to remove since",
                "remove _mta-sts.{domain} and mta-sts.{domain} from DNS")],
        },
    ];

    private static readonly FieldDomain[] s_dns =
    [
        new("left")
        {
            Settings = null,
            Txt = "_mta-sts CNAME _mta-sts.gone.provider.example.",
            Host = "mta-sts CNAME gone.provider.example.",
            Expected =
            [
                ("txt-missing", Warning, "_mta-sts.{domain} is an alias of _mta-sts.gone.provider.example, which has no MTA-STS record",
                    "remove the CNAME"),
                ("host-missing", Warning, "mta-sts.{domain} is an alias of gone.provider.example, which has no address",
                    "remove the CNAME"),
            ],
        },
        // The customer has gone, the provider no longer serves him, and the alias stays.
        new("abandoned")
        {
            Settings = null,
            Txt = "",
            Host = "mta-sts CNAME customer1.provider.example.",
            Expected = [("txt-missing", Warning, "has no MTA-STS record", PolicyFirst),
                ("host-tls", Warning, "mta-sts.{domain}", "remove mta-sts.{domain} from DNS")],
        },
        new("lame") { Settings = null, Zone = FieldZone.Lame, Expected = NothingKnown },
        new("bogus") { Settings = null, Zone = FieldZone.BadlySigned, Expected = NothingKnown },
        new("loop")
        {
            Settings = null,
            Txt = "_mta-sts CNAME loop1\nloop1 CNAME loop2\nloop2 CNAME _mta-sts",
            Host = "mta-sts CNAME loop1",
            Expected = [("txt-missing", Unknown, "_mta-sts.{domain} could not be looked up", ""),
                ("host-missing", Unknown, "mta-sts.{domain} could not be looked up", "")],
        },
        new("missing")
        {
            Settings = null,
            Zone = FieldZone.Missing,
            Expected =
            [
                ("mx-missing", Error, "{domain} has no MX record and no address", "publish {domain}. MX 10"),
                ("txt-missing", Warning, "_mta-sts.{domain} has no MTA-STS record", PolicyFirst),
                ("spf-missing", Warning, "{domain} has no SPF record", "publish {domain}. TXT"),
                ("dmarc-missing", Warning, "{domain} has no DMARC record", "publish _dmarc.{domain}. TXT"),
            ],
        },
    ];

    public static IReadOnlyList<FieldDomain> All { get; } = [.. s_sound, .. s_txt, .. s_host, .. s_drift, .. s_mx, .. s_life, .. s_dns];

    /// <summary>Where the name servers fail, no fault can be seen.</summary>
    private static (string Code, string Severity, string Seen, string Fix)[] NothingKnown =>
    [
        ("txt-missing", Unknown, "_mta-sts.{domain} could not be looked up",
            "check that the domain's name servers answer and that its DNSSEC signatures are valid"),
        ("host-missing", Unknown, "mta-sts.{domain} could not be looked up",
            "check that the domain's name servers answer and that its DNSSEC signatures are valid"),
        ("mx-missing", Unknown, "the MX records of {domain} could not be looked up", "check that the domain's name servers answer"),
        ("tlsrpt-missing", Unknown, "{domain}", ""),
        ("spf-missing", Unknown, "the SPF record of {domain}", ""),
        ("dmarc-missing", Unknown, "the DMARC record of {domain}", ""),
        ("dkim-invalid", Unknown, "the same is true of 13 more common selectors of {domain}", ""),
    ];

    private static FieldDomain Elsewhere(string label, string answer, (string Code, string Severity, string Seen, string Fix) expected) =>
        new(label) { Settings = null, Txt = AnyTxt, Host = AtElsewhere, Elsewhere = answer, Expected = [expected] };

    private static FieldDomain Mx(string label, string address, (string Code, string Severity, string Seen, string Fix) expected) =>
        new(label) { Mail = $"@ MX 10 mail\nmail A {address}",
            Expected = [expected, ("mail-refused", Error, $"don't deliver to mail.{label}.example;", "serve the policy in mode testing")] };
}
