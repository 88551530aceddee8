using MtaSts;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Serving;

public sealed class PolicySnapshotBuilderTests
{
    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("EXAMPLE.Com", "example.com")]
    [InlineData("example.com.", "example.com")]
    [InlineData("Bücher.example", "xn--bcher-kva.example")]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    [InlineData("XN--BCHER-KVA.example.", "xn--bcher-kva.example")]
    [InlineData("例え.テスト", "xn--r8jz45g.xn--zckzah")]
    [InlineData("a-b.1.co", "a-b.1.co")]
    [InlineData("mta-stsx.example.com", "mta-stsx.example.com")]
    [InlineData("smtp.mta-sts.example.com", "smtp.mta-sts.example.com")]
    public void Build_DomainName_IsNormalised(string key, string expected)
    {
        using var configuration = new ConfigurationFixture(Json.WithDomains($$"""{ "{{key}}": {{Json.Good}} }"""));

        var policy = Assert.Single(configuration.ReadGood().Policies.All);

        Assert.Equal(expected, policy.Domain.Value);
        Assert.Equal("mta-sts." + expected, policy.Host);
        Assert.Equal("_mta-sts." + expected, policy.TxtName);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(".", "has no label")]
    [InlineData("com", "has a single label")]
    [InlineData("localhost", "has a single label")]
    [InlineData("example..com", "has an empty label")]
    [InlineData(".example.com", "has an empty label")]
    [InlineData("example.com..", "has an empty label")]
    [InlineData("exa mple.com", "has a space")]
    [InlineData("_dmarc.example.com", "has an underscore")]
    [InlineData("*.example.com", "has an asterisk")]
    [InlineData("user@example.com", "has an @")]
    [InlineData("https://example.com", "has a colon")]
    [InlineData("-a.example.com", "starts or ends with a hyphen")]
    [InlineData("a-.example.com", "starts or ends with a hyphen")]
    [InlineData("xn--99999999.example", "not valid Punycode")]
    [InlineData("192.0.2.1", "is an IP address")]
    [InlineData("2001:db8::1", "is an IP address")]
    [InlineData("example.123", "has a last label that is all digits")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", "has a label of 64 characters")]
    [InlineData("mta-sts.example.com", "is the name of the policy host or record, not of the mail domain; write 'example.com'")]
    [InlineData("MTA-STS.example.com", "is the name of the policy host or record, not of the mail domain; write 'example.com'")]
    [InlineData("_mta-sts.example.com", "is the name of the policy host or record, not of the mail domain; write 'example.com'")]
    [InlineData("_Mta-Sts.example.com", "is the name of the policy host or record, not of the mail domain; write 'example.com'")]
    public void Build_NoDomainName_IsAnError(string key, string reason)
    {
        using var configuration = new ConfigurationFixture(Json.WithDomains($$"""
            {
              "{{key}}": {{Json.Good}} }
            """));

        var error = Assert.Single(configuration.Errors());

        Assert.StartsWith($"error: MtaSts:Domains:{key} (appsettings.json:2): '{key}' ", error, StringComparison.Ordinal);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(244, true)] // _mta-sts. and 244 characters make the 253 that a name in DNS may have
    [InlineData(245, false)]
    public void Build_LongName_MustLeaveRoomForRecordAndHost(int length, bool good)
    {
        var name = string.Join('.', Enumerable.Repeat(new string('a', 49), 5))[..(length - 3)].TrimEnd('.');
        name = name.PadRight(length - 3, 'b') + ".de";
        Assert.Equal(length, name.Length);
        using var configuration = new ConfigurationFixture(Json.WithDomains($$"""{ "{{name}}": {{Json.Good}} }"""));

        var errors = configuration.Errors();

        if (good) Assert.Empty(errors);
        else Assert.Contains("is too long", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.com", "example.com.")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    public void Build_TwoKeysOfOneDomain_AreAnErrorThatNamesBothPlaces(string first, string second)
    {
        using var configuration = new ConfigurationFixture(Json.WithDomains($$"""
            {
              "{{first}}": {{Json.Good}},
              "{{second}}": {{Json.Good}} }
            """));

        var error = Assert.Single(configuration.Errors());

        Assert.StartsWith($"error: MtaSts:Domains:{second} (appsettings.json:3): ", error, StringComparison.Ordinal);
        Assert.Contains("appsettings.json:2", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mail.example.com", "mail.example.com")]
    [InlineData("MAIL.Example.COM.", "mail.example.com")]
    [InlineData("*.example.net", "*.example.net")]
    [InlineData("*.Bücher.example", "*.xn--bcher-kva.example")]
    public void Build_Mx_IsNormalised(string mx, string expected)
    {
        using var configuration =
            new ConfigurationFixture(Json.WithDomain($$"""{ "Mode": "enforce", "MaxAge": 604800, "Mx": [ "{{mx}}" ] }"""));

        Assert.Equal([expected], configuration.ReadGood().Policies.All[0].Policy.Mx.Select(pattern => pattern.Value));
    }

    [Theory]
    [InlineData("mail.*.example.com")]
    [InlineData("m*.example.com")]
    [InlineData("*m.example.com")]
    [InlineData("*.*.example.com")]
    [InlineData("mail.example.*")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("*.com")]
    [InlineData("")]
    [InlineData("192.0.2.1")]
    [InlineData("[192.0.2.1]")]
    [InlineData(".example.com")]
    [InlineData("mail")]
    [InlineData("mail.example.com:25")]
    [InlineData("10 mail.example.com")]
    public void Build_NoMx_IsAnErrorAtItsLine(string mx)
    {
        using var configuration = new ConfigurationFixture(Json.WithDomain($$"""
            { "Mode": "enforce", "MaxAge": 604800, "Mx": [ "good.example.com",
              "{{mx}}" ] }
            """));

        var error = Assert.Single(configuration.Errors());

        Assert.StartsWith($"error: MtaSts:Domains:example.com:Mx:1 (appsettings.json:2): '{mx}' is not an mx: it ",
            error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none", PolicyMode.None)]
    [InlineData("testing", PolicyMode.Testing)]
    [InlineData("enforce", PolicyMode.Enforce)]
    [InlineData("Enforce", PolicyMode.Enforce)]
    [InlineData("TESTING", PolicyMode.Testing)]
    [InlineData("nOnE", PolicyMode.None)]
    public void Build_Mode_IsReadInAnyCaseAndServedInLower(string text, PolicyMode mode)
    {
        using var configuration =
            new ConfigurationFixture(Json.WithDomain($$"""{ "Mode": "{{text}}", "MaxAge": 604800, "Mx": [ "mail.example.com" ] }"""));

        var policy = configuration.ReadGood().Policies.All[0];

        Assert.Equal(mode, policy.Policy.Mode);
        Assert.Contains($"\r\nmode: {text.ToLowerInvariant()}\r\n", System.Text.Encoding.ASCII.GetString(policy.Body.Span),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"enforced\"", "'enforced' is not a mode; use none, testing or enforce")]
    [InlineData("\"\"", "'' is not a mode; use none, testing or enforce")]
    [InlineData("\" enforce\"", "' enforce' is not a mode; use none, testing or enforce")]
    [InlineData("\"report\"", "'report' is not a mode; use none, testing or enforce")]
    [InlineData("2", "'2' is not a mode; use none, testing or enforce")]
    [InlineData("true", "'true' is not a mode; use none, testing or enforce")]
    public void Build_NoMode_IsTheErrorOfTheSpecification(string mode, string text)
    {
        using var configuration = new ConfigurationFixture(Json.WithDomain($$"""
            {
              "Mx": [ "mail.example.com" ],
              "Mode": {{mode}},
              "MaxAge": 604800 }
            """));

        Assert.Equal([$"error: MtaSts:Domains:example.com:Mode (appsettings.json:3): {text}"], configuration.Errors());
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("\"86400\"", 86_400)]
    [InlineData("31557600", 31_557_600)]
    public void Build_MaxAge_IsReadFromNumberOrText(string json, int seconds)
    {
        using var configuration =
            new ConfigurationFixture(Json.WithDomain($$"""{ "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": {{json}} }"""));

        Assert.Equal(seconds, configuration.ReadGood().Policies.All[0].Policy.MaxAge);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("31557601")]
    [InlineData("2147483648")]
    [InlineData("99999999999999999999999")]
    [InlineData("1e5")]
    [InlineData("86400.0")]
    [InlineData("\"\"")]
    [InlineData("\" 86400\"")]
    [InlineData("\"+86400\"")]
    [InlineData("\"1 week\"")]
    [InlineData("\"٣\"")]
    [InlineData("true")]
    public void Build_NoMaxAge_IsAnError(string json)
    {
        using var configuration = new ConfigurationFixture(Json.WithDomain($$"""
            { "Mode": "enforce", "Mx": [ "mail.example.com" ],
              "MaxAge": {{json}} }
            """));

        var error = Assert.Single(configuration.Errors());

        Assert.StartsWith($"error: MtaSts:Domains:example.com:MaxAge (appsettings.json:2): '{json.Trim('"')}' is not a number of seconds",
            error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(86_399, true)]
    [InlineData(86_400, false)]
    [InlineData(31_557_599, false)]
    [InlineData(31_557_600, true)]
    public void Build_MaxAgeThatSomeSendersIgnore_IsAWarning(int seconds, bool warned)
    {
        using var configuration =
            new ConfigurationFixture(Json.WithDomain($$"""{ "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": {{seconds}} }"""));

        Assert.Empty(configuration.Errors());
        Assert.Equal(warned, configuration.Warnings()
            .Any(warning => warning.StartsWith("warning: MtaSts:Domains:example.com:MaxAge (appsettings.json:1): ",
            StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("20260102T030405")]
    [InlineData("abcdefghijklmnopqrstuvwxyzABCDEF")]
    public void Build_Id_ReplacesTheComputedOne(string id)
    {
        using var configuration = new ConfigurationFixture(
            Json.WithDomain($$"""{ "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": 604800, "Id": "{{id}}" }"""));

        var policy = configuration.ReadGood().Policies.All[0];

        Assert.Equal(id, policy.Id.Value);
        Assert.Equal($"v=STSv1; id={id};", policy.TxtValue);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("2026-01-02")]
    [InlineData("abc;")]
    [InlineData("é")]
    [InlineData("abcdefghijklmnopqrstuvwxyzABCDEFG")]
    public void Build_NoId_IsAnError(string id)
    {
        using var configuration = new ConfigurationFixture(
            Json.WithDomain($$"""{ "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": 604800, "Id": "{{id}}" }"""));

        Assert.StartsWith($"error: MtaSts:Domains:example.com:Id (appsettings.json:1): '{id}' is not a policy id",
            Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_TlsRpt_TakesMailtoAndHttps()
    {
        using var configuration = new ConfigurationFixture(Json.WithDomain(
            """{ "Mode": "none", "MaxAge": 604800, "TlsRpt": [ "mailto:reports@example.com", "https://reports.example.com/v1" ] }"""));

        Assert.Equal(["mailto:reports@example.com", "https://reports.example.com/v1"], configuration.ReadGood().Policies.All[0].TlsRpt);
    }

    [Theory]
    [InlineData("reports@example.com")]
    [InlineData("http://reports.example.com/")]
    [InlineData("mailto:")]
    [InlineData("https://")]
    [InlineData("")]
    public void Build_NoTlsRpt_IsAnError(string uri)
    {
        using var configuration = new ConfigurationFixture(Json.WithDomain(
            $$"""{ "Mode": "none", "MaxAge": 604800, "TlsRpt": [ "mailto:good@example.com", "{{uri}}" ] }"""));

        Assert.StartsWith($"error: MtaSts:Domains:example.com:TlsRpt:1 (appsettings.json:1): '{uri}' is not an address for reports",
            Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("selector1", null)]
    [InlineData("a.B-1._s", null)]
    [InlineData("", "has a label that is empty")]
    [InlineData("a..b", "has a label that is empty")]
    [InlineData("a b", "has a character that is not a letter, a digit, a hyphen or a dot")]
    [InlineData("sélecteur", "has a character that is not a letter, a digit, a hyphen or a dot")]
    [InlineData("-a", "begins or ends with a hyphen")]
    [InlineData("s1._domainkey", "contains _domainkey")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "has a label that is empty or longer than 63 characters")]
    public void Build_DkimSelector_IsTakenOrAnError(string selector, string? what)
    {
        using var configuration = new ConfigurationFixture(Json.WithDomain(
            $$"""{ "Mode": "none", "MaxAge": 604800, "Dkim": { "Selectors": [ "first", "{{selector}}", "FIRST" ] } }"""));

        if (what is null) Assert.Equal(["first", selector], configuration.ReadGood().Policies.All[0].DkimSelectors);
        else Assert.Matches(
            $"^error: MtaSts:Domains:example.com:Dkim:Selectors:1 \\(appsettings.json:1\\): '.*' is not a DKIM selector: it .*{what}",
            Assert.Single(configuration.Errors()));
    }

    [Fact]
    public void Build_MoreDkimSelectorsThanAreLookedAt_IsAnError()
    {
        var selectors = string.Join(',', Enumerable.Range(0, 33).Select(i => $"\"s{i}\""));
        using var configuration = new ConfigurationFixture(
            Json.WithDomain($$"""{ "Mode": "none", "MaxAge": 604800, "Dkim": { "Selectors": [ {{selectors}} ] } }"""));

        Assert.StartsWith(
            "error: MtaSts:Domains:example.com:Dkim:Selectors (appsettings.json:1): has 33 selectors, but at most 32 are checked",
            Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Mx": [ "mail.example.com" ], "MaxAge": 604800 }""", "Mode", "is not set")]
    [InlineData("""{ "Mx": [ "mail.example.com" ], "MaxAge": 604800, "Mode": null }""", "Mode", "is not set")]
    [InlineData("""{ "Mode": "enforce", "Mx": [ "mail.example.com" ] }""", "MaxAge", "is not set")]
    [InlineData("""{ "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": null }""", "MaxAge", "is not set")]
    [InlineData("""{ "Mode": "enforce", "MaxAge": 604800 }""", "Mx", "mode enforce needs at least one mx")]
    [InlineData("""{ "Mode": "testing", "MaxAge": 604800, "Mx": [] }""", "Mx", "mode testing needs at least one mx")]
    [InlineData("""{ "Mode": "testing", "MaxAge": 604800, "Mx": null }""", "Mx", "mode testing needs at least one mx")]
    [InlineData("""{ "Mode": "enforce", "MaxAge": 604800, "Mx": [ null ] }""", "Mx", "mode enforce needs at least one mx")]
    public void Build_MissingSetting_IsAnErrorAtTheDomain(string settings, string key, string what)
    {
        using var configuration = new ConfigurationFixture(Json.WithDomains($$"""
            {
              "example.com": {{settings}} }
            """));

        Assert.StartsWith($"error: MtaSts:Domains:example.com:{key} (appsettings.json:2): {what}",
            Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Mode": "none", "MaxAge": 86400 }""", "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n")]
    [InlineData("""{ "Mode": "none", "MaxAge": 86400, "Mx": [] }""", "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n")]
    [InlineData("""{ "Mode": "none", "MaxAge": 86400, "Mx": [ "a.example" ] }""",
        "version: STSv1\r\nmode: none\r\nmx: a.example\r\nmax_age: 86400\r\n")]
    [InlineData(
        """{ "Mode": "testing", "MaxAge": 1, "Mx": [ "b.example", "*.a.example", "B.example." ] }""",
        "version: STSv1\r\nmode: testing\r\nmx: b.example\r\nmx: *.a.example\r\nmax_age: 1\r\n")]
    public void Build_Policy_GivesTheBodyToTheByte(string settings, string body)
    {
        using var configuration = new ConfigurationFixture(Json.WithDomain(settings));

        Assert.Equal(body, System.Text.Encoding.ASCII.GetString(configuration.ReadGood().Policies.All[0].Body.Span));
    }

    [Theory]
    [InlineData("""{ "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": 604800 }""", "ddcfc28c0c2a59db89ddc447d331ecff")]
    [InlineData("""{ "Mode": "testing", "Mx": [ "mx1.example.org", "*.example.net" ], "MaxAge": 86400 }""",
        "a64e1b9669ec9cb04a9ada902f7f5bfe")]
    [InlineData("""{ "Mode": "testing", "Mx": [ "*.example.net", "mx1.example.org" ], "MaxAge": 86400 }""",
        "a64e1b9669ec9cb04a9ada902f7f5bfe")]
    [InlineData("""{ "Mode": "none", "MaxAge": 86400 }""", "67b2e486a9f7a6161699c05594bf71cf")]
    public void Build_Policy_HasThePinnedId(string settings, string id)
    {
        using var configuration = new ConfigurationFixture(Json.WithDomain(settings));

        Assert.Equal(id, configuration.ReadGood().Policies.All[0].Id.Value);
    }

    [Fact]
    public void Build_Defaults_StandWhereTheDomainSaysNothing()
    {
        using var configuration = new ConfigurationFixture(Json.With("""
            { "Defaults": { "Mode": "testing", "MaxAge": 604800, "Mx": [ "mx.example.net" ], "TlsRpt": [ "mailto:r@example.net" ], "Dkim": { "Selectors": [ "s1" ] } },
              "Domains": {
                "all.example": {},
                "own.example": { "Mode": "enforce", "MaxAge": 1209600, "Mx": [ "own.example.net" ], "TlsRpt": [], "Dkim": { "Selectors": [ "s2" ] } },
                "null.example": { "Mode": null, "MaxAge": null } } }
            """));

        var policies = configuration.ReadGood().Policies.All;

        Assert.Equal(["all.example", "own.example", "null.example"], policies.Select(policy => policy.Domain.Value));
        Assert.Equal(["Testing 604800 mx.example.net mailto:r@example.net s1",
            "Enforce 1209600 own.example.net  s2", "Testing 604800 mx.example.net mailto:r@example.net s1"],
            policies.Select(policy =>
                $"{policy.Policy.Mode} {policy.Policy.MaxAge} {string.Join(',', policy.Policy.Mx)} {string.Join(',', policy.TlsRpt)} "
                + $"{string.Join(',', policy.DkimSelectors)}"));
    }

    [Fact]
    public void Build_BadDefault_IsReportedOnceAndMissingSettingsOfDomainsAllTheSame()
    {
        using var configuration = new ConfigurationFixture(Json.With("""
            { "Defaults": {
                "MaxAge": -1 },
              "Domains": {
                "a.example": { "Mx": [ "mail.example.com" ] },
                "b.example": { "Mode": "enforce" } } }
            """));

        Assert.Equal(
            ["MtaSts:Defaults:MaxAge (appsettings.json:2)", "MtaSts:Domains:a.example:Mode (appsettings.json:4)",
                "MtaSts:Domains:b.example:Mx (appsettings.json:5)"],
            configuration.Errors().Select(error => error.Split(": ")[1]));
    }

    [Fact]
    public void Build_IdInDefaults_IsAWarning()
    {
        using var configuration =
            new ConfigurationFixture(Json.With($$"""{ "Defaults": { "Id": "1" }, "Domains": { "a.example": {{Json.Good}} } }"""));

        Assert.Empty(configuration.Errors());
        Assert.Contains(configuration.Warnings(), warning =>
            warning.StartsWith("warning: MtaSts:Defaults:Id (appsettings.json:1): ", StringComparison.Ordinal));
    }

    [Fact]
    public void Build_EveryError_IsReportedAtOnceWithItsLine()
    {
        using var configuration = new ConfigurationFixture($$"""
            {
              {{Json.Endpoints}},
              "MtaSts": {
                "Defaults": {
                  "Mode": "enforced"
                },
                "Domains": {
                  "one.example": {
                    "Mode": "Enforcing",
                    "Mx": [
                      "mail.one.example",
                      "m*.one.example"
                    ],
                    "MaxAge": -5,
                    "Id": "no!"
                  },
                  "192.0.2.1": { "Mode": "none", "MaxAge": 86400 },
                  "two.example": { "Mode": "none", "MaxAge": 86400, "MaxAgee": 1 }
                }
              },
              "Acme": {
                "EmailAdress": ""
              }
            }
            """);

        Assert.Equal(
            [
                "error: MtaSts:Defaults:Mode (appsettings.json:5): 'enforced' is not a mode; use none, testing or enforce",
                "error: MtaSts:Domains:one.example:Mode (appsettings.json:9): 'Enforcing' is not a mode; use none, testing or enforce",
                "error: MtaSts:Domains:one.example:Mx:1 (appsettings.json:12): 'm*.one.example' is not an mx: it has a wildcard that is "
                    + "not the whole leftmost label; use a host name such as mail.example.com, or *. and a name (RFC 8461 §4.1)",
                "error: MtaSts:Domains:one.example:MaxAge (appsettings.json:14): '-5' is not a number of seconds from 0 to 31557600 (RFC "
                    + "8461 §3.2); use, for example, 604800, a week",
                "error: MtaSts:Domains:one.example:Id (appsettings.json:15): 'no!' is not a policy id: it has a character that is not "
                    + "an ASCII letter or digit; use 1 to 32 letters or digits, or remove it, and it changes by itself (RFC 8461 §3.1)",
                "error: MtaSts:Domains:192.0.2.1 (appsettings.json:17): '192.0.2.1' is not a domain name: it is an IP address; write the "
                    + "mail domain, such as example.com",
                "error: MtaSts:Domains:two.example:MaxAgee (appsettings.json:18): 'MaxAgee' is not a setting; did you mean MaxAge?",
                "error: Acme:EmailAdress (appsettings.json:22): 'EmailAdress' is not a setting; did you mean EmailAddress?",
            ],
            configuration.Errors());
    }

    [Fact]
    public void Build_TenThousandErrors_AreAllListed()
    {
        var domains = string.Join(",\n", Enumerable.Range(0, 10_000)
            .Select(i => $$"""  "d{{i}}.example": { "Mode": "wrong", "Mx": [ "mail.example.com" ], "MaxAge": 604800 }"""));
        using var configuration = new ConfigurationFixture(Json.WithDomains("{\n" + domains + "}"));

        var errors = configuration.Errors();

        Assert.Equal(10_000, errors.Count);
        Assert.Equal(
            "error: MtaSts:Domains:d9999.example:Mode (appsettings.json:10001): 'wrong' is not a mode; use none, testing or enforce",
            errors[^1]);
    }

    [Theory]
    [InlineData(10 * 1024, 0, 0)]
    [InlineData(10 * 1024 + 1, 1, 0)]
    [InlineData(64 * 1024, 1, 0)]
    [InlineData(64 * 1024 + 1, 0, 1)]
    public void Build_LargeBody_IsAWarningThenAnError(int bytes, int warnings, int errors)
    {
        using var configuration =
            new ConfigurationFixture(Json.WithDomain($$"""{ "Mode": "enforce", "MaxAge": 604800, "Mx": [ {{MxOfBody(bytes)}} ] }"""));

        var problems = configuration.Read().Loaded.Problems;

        Assert.Equal((warnings, errors), (problems.Warnings.Count, problems.Errors.Count));
        if (warnings + errors > 0)
            Assert.StartsWith("MtaSts:Domains:example.com:Mx (appsettings.json:1): the policy has " + bytes
                + " bytes", problems.Warnings.Concat(problems.Errors).Single().ToString().Split(": ", 2)[1], StringComparison.Ordinal);
        else
            Assert.Equal(bytes, configuration.ReadGood().Policies.All[0].Body.Length);
    }

    [Theory]
    [InlineData(20_000, "some senders read only 10240")]
    [InlineData(20_001, "some senders (postfix-tlspol) fail at that and hold mail back")]
    public void Build_LargeBody_SaysWhatSendersMakeOfIt(int bytes, string expected)
    {
        using var configuration =
            new ConfigurationFixture(Json.WithDomain($$"""{ "Mode": "enforce", "MaxAge": 604800, "Mx": [ {{MxOfBody(bytes)}} ] }"""));

        Assert.Contains(expected, configuration.Read().Loaded.Problems.Warnings.Single().ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mailto:tls@example.com", 0)]
    [InlineData("mailto:r;x,y@example.com", 1)]
    [InlineData("mailto://a@example.com", 1)]
    public void Build_ReportAddressThatSomeSendersDontAccept_IsAWarning(string uri, int warnings)
    {
        using var configuration = new ConfigurationFixture(Json.WithDomain(
            $$"""{ "Mode": "enforce", "MaxAge": 604800, "Mx": [ "mail.example.com" ], "TlsRpt": [ "{{uri}}" ] }"""));

        var problems = configuration.Read().Loaded.Problems;

        Assert.Equal((warnings, 0), (problems.Warnings.Count, problems.Errors.Count));
        Assert.All(problems.Warnings, warning => Assert.Contains("some senders (mox)", $"{warning}", StringComparison.Ordinal));
    }

    [Fact]
    public void Build_MoreMxThanAnyPolicyHolds_SaysSoOnce()
    {
        var mx = string.Join(", ", Enumerable.Range(0, 20_000).Select(i => $"\"m{i}.example.com\""));
        using var configuration =
            new ConfigurationFixture(Json.WithDomain($$"""{ "Mode": "enforce", "MaxAge": 604800, "Mx": [ {{mx}} ] }"""));

        var errors = configuration.Errors();

        Assert.Equal(2, errors.Count);
        Assert.Equal("error: MtaSts:Domains:example.com:Mx (appsettings.json:1): has more than 10000 entries; list fewer", errors[0]);
        Assert.StartsWith("error: MtaSts:Domains:example.com:Mx (appsettings.json:1): the policy has ",
            errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Build_DomainsOfOnePolicy_ShareItsBytes()
    {
        using var configuration =
            new ConfigurationFixture(Json.WithDomains(
            $$"""{ "a.example": {{Json.Good}}, "b.example": {{Json.Good}}, "c.example": { "Mode": "none", "MaxAge": 604800 } }"""));

        var all = configuration.ReadGood().Policies.All;

        Assert.True(all[0].Body.Equals(all[1].Body));
        Assert.False(all[0].Body.Equals(all[2].Body));
    }

    /// <summary>Patterns that make the body just so long.</summary>
    private static string MxOfBody(int bytes)
    {
        var rest = bytes - "version: STSv1\r\nmode: enforce\r\nmax_age: 604800\r\n".Length;
        var names = new List<string>();
        for (var i = 0; rest > 0; i++)
        {
            // Lines of 106 characters; the last but one is longer where too little would be left for the last.
            var line = rest >= 106 + 40 ? 106 : rest <= 120 ? rest : rest - 40;
            var name = $"m{i}.".PadRight(60, 'a') + ".";
            name = name.PadRight(line - "mx: \r\n".Length - 3, 'b') + ".de";
            names.Add($"\"{name[..(line - 6 - 3)]}.de\"");
            rest -= line;
        }

        return string.Join(", ", names);
    }
}
