using MtaStsHost.Configuration;
using MtaStsHost.Testing;
using MtaStsHost.Text;

namespace MtaStsHost.Tests.Configuration;

public sealed class ConfigurationLoaderTests : IDisposable
{
    private readonly ConfigurationFixture _configuration = new();

    private TempFolder Folder => _configuration.Folder;

    public void Dispose() => _configuration.Dispose();

    public static TheoryData<string> SinglePaths =>
        [.. SettingsReference.All.Where(setting => setting.Property.Kind == OptionKind.Value).Select(setting => setting.Path)
            .Where(path => !path.Contains(":N:", StringComparison.Ordinal)
                && !path.StartsWith("MtaSts:Domains:", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(SinglePaths))]
    public void Load_EverySetting_CanComeFromTheEnvironment(string path)
    {
        _configuration.Environment[path.Replace(":", "__", StringComparison.Ordinal)] = "variable";

        Assert.Equal("variable", _configuration.Loader().LoadWithoutIncludes().Values[path].Text);
    }

    [Fact]
    public void Load_Layers_LaterOnesWinKeyByKey()
    {
        Main(
            """{ "Domains": { "a.example": { "Mode": "none", "MaxAge": 1, "Id": "main", "Mx": """
                + """[ "one.example", "two.example", "three.example" ], "TlsRpt": [ "mailto:main@a.example" ], "Dkim": { "Selectors": """
                + """[ "s1", "s2" ] } } } }""");
        Folder.Write("appsettings.Staging.json",
            """{ "MtaSts": { "Domains": { "A.EXAMPLE": { "MaxAge": 2, "Mx": [ "environment.example" ] } } } }""");
        // null takes away, as in ASP.NET Core
        Folder.Write("first.json", """{ "MtaSts": { "Domains": { "a.example": { "MaxAge": 3, "Mx": [ null, "first.example" ] } } } }""");
        Folder.Write("second.json", """{ "MtaSts": { "Domains": { "a.example": { "MaxAge": 4 } } } }""");
        _configuration.ConfigFiles.Add("first.json");
        _configuration.ConfigFiles.Add("second.json");
        _configuration.Environment["ASPNETCORE_ENVIRONMENT"] = "Staging";
        _configuration.Environment["MtaSts__Domains__a.example__Mx__3"] = "variable.example";
        _configuration.Environment["MtaSts__Domains__a.example__Dkim__Selectors__1"] = "s3";
        _configuration.Environment["MTASTS__DOMAINS__A.EXAMPLE__MODE"] = "testing";
        _configuration.CommandLine.Add(new("MtaSts:Domains:a.example:Mode", "enforce"));

        var policy = Assert.Single(_configuration.ReadGood().Policies.All);

        Assert.Equal("Enforce 4 main first.example,three.example,variable.example mailto:main@a.example s1,s3",
            $"{policy.Policy.Mode} {policy.Policy.MaxAge} {policy.Id} {string.Join(',', policy.Policy.Mx)} "
                + $"{string.Join(',', policy.TlsRpt)} {string.Join(',', policy.DkimSelectors)}");
    }

    [Theory]
    [InlineData("ASPNETCORE_ENVIRONMENT", "Staging", 2)]
    [InlineData("DOTNET_ENVIRONMENT", "Staging", 2)]
    [InlineData(null, null, 3)] // Production, as in ASP.NET Core
    [InlineData("ASPNETCORE_ENVIRONMENT", "../Staging", 1)]
    [InlineData("ASPNETCORE_ENVIRONMENT", "", 1)]
    public void Load_Environment_NamesTheSecondFile(string? variable, string? value, int maxAge)
    {
        Main("""{ "Domains": { "a.example": { "Mode": "none", "MaxAge": 1 } } }""");
        Folder.Write("appsettings.Staging.json", """{ "MtaSts": { "Domains": { "a.example": { "MaxAge": 2 } } } }""");
        Folder.Write("appsettings.Production.json", """{ "MtaSts": { "Domains": { "a.example": { "MaxAge": 3 } } } }""");
        if (variable is not null) _configuration.Environment[variable] = value;

        Assert.Equal(maxAge, _configuration.ReadGood().Policies.All[0].Policy.MaxAge);
    }

    [Fact]
    public void Load_DomainOfTheEnvironmentAlone_IsServed()
    {
        Main("{}");
        _configuration.Environment["MtaSts__Domains__a.example__Mode"] = "enforce";
        _configuration.Environment["MtaSts__Domains__a.example__Mx__0"] = "mail.a.example";
        _configuration.Environment["MtaSts__Defaults__MaxAge"] = "86400";
        _configuration.Environment["SomethingElse__Domains__b.example__Mode"] = "enforce";
        _configuration.Environment["MtaStsHost"] = "x";

        Assert.Equal("version: STSv1\r\nmode: enforce\r\nmx: mail.a.example\r\nmax_age: 86400\r\n",
            System.Text.Encoding.ASCII.GetString(Assert.Single(_configuration.ReadGood().Policies.All).Body.Span));
    }

    [Fact]
    public void Load_ErrorOfEnvironmentOrCommandLine_NamesItInTheFilesPlace()
    {
        Main($$"""{ "Domains": { "a.example": {{Json.Good}} } }""");
        _configuration.Environment["MtaSts__Domains__a.example__Mode"] = "x";
        _configuration.Environment["MtaSts__Domains__a.example__Mx"] = "mail.a.example";
        _configuration.Environment["MtaSts__Domains__a.example__Mode2"] = "x";
        _configuration.Environment["MtaSts__Domains__b.example"] = "enforce";
        _configuration.Environment["MtaSts__Includ__0"] = "x";
        _configuration.CommandLine.Add(new("MtaSts:Defaults:MaxAge", "x"));
        _configuration.CommandLine.Add(new("Storage:Provder", "x"));

        Assert.Equal(
            [
                "MtaSts:Defaults:MaxAge (command line): 'x' is not a number of seconds from 0 to 31557600 (RFC 8461 §3.2)",
                "MtaSts:Domains:a.example:Mode (environment): 'x' is not a mode",
                "MtaSts:Domains:a.example:Mode2 (environment): 'Mode2' is not a setting",
                "MtaSts:Domains:a.example:Mx (environment): must be a list",
                "MtaSts:Domains:b.example (environment): must be an object",
                "MtaSts:Includ (environment): 'Includ' is not a setting",
                "Storage:Provder (command line): 'Provder' is not a setting",
            ],
            _configuration.Errors().Where(error => !error.Contains("b.example:", StringComparison.Ordinal))
                .Select(error => error["error: ".Length..].Split("; ")[0])
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Load_MainFileMissing_IsAnErrorUnlessConfigNamesAnother()
    {
        Assert.Equal([$"error: appsettings.json: the file can't be read; it is neither in {Folder.Path} nor at "
                + "/etc/mtastshost/appsettings.json; write it, or name a file with --config"],
            _configuration.Errors().Where(error => error.Contains("json", StringComparison.Ordinal)));

        Folder.Write("sub/own.json", Json.WithDomain(Json.Good));
        _configuration.ConfigFiles.Add("sub/own.json");

        Assert.Single(_configuration.ReadGood().Policies.All);
    }

    [Fact]
    public void Load_WithoutInclude_ReadsTheFoldersNextToEachFile()
    {
        Main("""{ "PublicHost": "sts.example.net" }""");
        Folder.Write("own/own.json", """{ "MtaSts": { "Include": null } }""");
        _configuration.ConfigFiles.Add("own/own.json");
        foreach (var (file, domain) in (ReadOnlySpan<(string, string)>)[("domains.d/a.json", "a.example"),
            ("own/domains.d/b.json", "b.example"), ("own/domains.d/sub/c.json", "c.example"), ("other/domains.d/d.json", "d.example")])
            Folder.Write(file, $$"""{ "Domains": { "{{domain}}": {{Json.Good}} } }""");

        Assert.Equal(["a.example", "b.example"], _configuration.ReadGood().Policies.All.Select(policy => policy.Domain.Value));
    }

    [Theory]
    [InlineData("[]", false)]
    [InlineData("[ \"more/*.json\" ]", false)]
    [InlineData("null", true)]
    public void Load_Include_ReplacesTheDefault(string include, bool isDefault)
    {
        Main($$"""{ "Domains": { "a.example": {{Json.Good}} }, "Include": {{include}} }""");
        Folder.Write("domains.d/b.json", $$"""{ "Domains": { "b.example": {{Json.Good}} } }""");

        Assert.Equal(isDefault ? 2 : 1, _configuration.ReadGood().Policies.All.Length);
    }

    [Fact]
    public void Load_ConfigFileMissing_IsAnErrorInTheOperatorsWords()
    {
        Main("{}");
        _configuration.ConfigFiles.Add("sub/../none.json");

        Assert.Equal(["error: sub/../none.json: the file can't be read; there is no such file; check the path"], _configuration.Errors());
    }

    [Fact]
    public void Load_ConfigFile_IsRelativeToTheWorkingDirectory()
    {
        using var elsewhere = new TempFolder();
        Main("{}");
        elsewhere.Write("own.json", $$"""{ "MtaSts": { "Domains": { "a.example": {{Json.Good}} } } }""");
        _configuration.WorkingDirectory = elsewhere.Path;
        _configuration.ConfigFiles.Add("own.json");

        Assert.Single(_configuration.ReadGood().Policies.All);
    }

    [Fact]
    public void Load_FolderInAFilesPlace_IsAnError()
    {
        Main("{}");
        Directory.CreateDirectory(Folder["own.json"]);
        _configuration.ConfigFiles.Add("own.json");

        Assert.Equal(
            ["error: own.json: the file can't be read; it is a folder, or this user may not read it; check its path and permissions"],
            _configuration.Errors());
    }

    [Fact]
    public void Load_EveryBadFile_IsReported()
    {
        Main("""{ "Include": [ "bad.json", "domains.d/*.json" ] }""");
        Folder.Write("bad.json", "{");
        Folder.Write("domains.d/1.json", "");
        Folder.Write("domains.d/2.json", [0xff]);
        Folder.Write("domains.d/3.json", "[]");

        Assert.Equal(["bad.json:1", "domains.d/1.json", "domains.d/2.json:1", "domains.d/3.json:1"],
            _configuration.Errors().Select(error => error.Split(": ")[1]));
    }

    [Fact]
    public void Load_Include_IsRelativeToTheFileThatItStandsIn()
    {
        using var elsewhere = new TempFolder();
        Main("""{ "Include": [ "domains.d/*.json" ] }""");
        Folder.Write("domains.d/a.json", $$"""{ "Domains": { "a.example": {{Json.Good}} } }""");
        elsewhere.Write("own/own.json", """{ "MtaSts": { "Include": { "1": "more/b.json" } } }""");
        elsewhere.Write("own/more/b.json", $$"""{ "MtaSts": { "Domains": { "b.example": {{Json.Good}} } } }""");
        elsewhere.Write("work/c.json", $$"""{ "Domains": { "c.example": {{Json.Good}} } }""");
        _configuration.WorkingDirectory = elsewhere["work"];
        _configuration.ConfigFiles.Add("../own/own.json");
        _configuration.Environment["MtaSts__Include__2"] = "c.json";
        _configuration.CommandLine.Add(new("MtaSts:Include:3",
            elsewhere.Write("absolute/d.json", $$"""{ "Domains": { "d.example": {{Json.Good}} } }""")));

        Assert.Equal(["a.example", "b.example", "c.example", "d.example"],
            _configuration.ReadGood().Policies.All.Select(policy => policy.Domain.Value));
    }

    [Theory]
    [InlineData("missing.json", "missing.json")]
    [InlineData("none/missing.json", "none/missing.json")]
    public void Load_IncludedFileMissing_IsAnError(string include, string name)
    {
        Main($$"""{ "Include": [ "{{include}}" ] }""");

        Assert.Equal([$"error: {name}: the file can't be read; there is no such file; check the path"], _configuration.Errors());
    }

    [Theory]
    [InlineData("none.d/*.json")]
    [InlineData("*.none")]
    [InlineData("a/**/*.json")]
    public void Load_IncludeWithoutMatch_IsFine(string include)
    {
        Main($$"""{ "Include": [ "{{include}}" ] }""");

        Assert.Empty(_configuration.Errors());
    }

    [Theory]
    [InlineData("\\u0000")]
    [InlineData("a\\u0000b/*.json")]
    [InlineData("a\\u0000b/c.json")]
    [InlineData("\\n")]
    [InlineData("../../../../../../../../../../../../../../../../../no/such/file")]
    [InlineData("~/*.json")]
    [InlineData("[a].json")]
    [InlineData("/")]
    [InlineData(".")]
    [InlineData("./")]
    [InlineData("**")]
    [InlineData("a/**b/*.json")]
    [InlineData("../**/..")]
    public void Load_OddInclude_NeverThrows(string include)
    {
        Main($$"""{ "Include": [ "{{include}}" ] }""");

        var errors = _configuration.Errors();

        Assert.All(errors, error => Assert.True(Printable.IsPrintable(error)));
        if (include.Contains("u0000", StringComparison.Ordinal)
            || include == "../**/..") Assert.StartsWith("error: MtaSts:Include:0 (appsettings.json:1): ",
            Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_DomainInTwoFiles_IsAnErrorThatNamesBoth()
    {
        Main($$"""{ "Domains": { "a.example": {{Json.Good}} }, "Include": [ "*.inc" ] }""");
        Folder.Write("1.inc", $$"""{ "Domains": { "b.example": {{Json.Good}} } }""");
        Folder.Write("2.inc", "{ \"Domains\": {\n\"B.example\": {},\n\"A.example\": {} } }");

        Assert.Equal(
            [
                "error: MtaSts:Domains:B.example (2.inc:2): the domain is also in 1.inc:1; keep it in one file",
                "error: MtaSts:Domains:A.example (2.inc:3): the domain is also in appsettings.json:1; keep it in one file",
            ],
            _configuration.Errors());
    }

    [Fact]
    public void Load_FileMatchedTwice_IsReadOnce()
    {
        Main($$"""{ "Include": [ "domains.d/*.json", "domains.d/a.json", "**/*.json" ] }""");
        Folder.Write("domains.d/a.json", $$"""{ "Domains": { "a.example": {{Json.Good}} } }""");

        Assert.Single(_configuration.ReadGood().Policies.All);
    }

    [Fact]
    public void Load_DefaultsOfAnIncludedFile_HoldForItsDomainsAlone()
    {
        Main(
            """{ "Defaults": { "Mode": "testing", "MaxAge": 100000, "Mx": [ "mx.example.net" ] }, "Domains": { "main.example": {} """
                + """}, "Include": [ "*.inc" ] }""");
        Folder.Write("1.inc",
            """{ "Defaults": { "Mode": "enforce", "Mx": [ "mx.one.example" ] }, "Domains": { "one.example": {}, "own.example": """
                + """{ "Mode": "none", "Mx": [ "mx.own.example" ] } } }""");
        Folder.Write("2.inc", """{ "Domains": { "two.example": {} } }""");

        Assert.Equal(
            [
                "main.example Testing 100000 mx.example.net", "one.example Enforce 100000 mx.one.example",
                "own.example None 100000 mx.own.example", "two.example Testing 100000 mx.example.net",
            ],
            _configuration.ReadGood().Policies.All.Select(policy =>
                $"{policy.Domain} {policy.Policy.Mode} {policy.Policy.MaxAge} {string.Join(',', policy.Policy.Mx)}"));
    }

    [Fact]
    public void Load_EnvironmentOverADomainOfAnIncludedFile_ChangesThatDomainAlone()
    {
        Main("""{ "Include": [ "1.inc" ] }""");
        Folder.Write("1.inc",
            """{ "Defaults": { "Mode": "enforce", "MaxAge": 100000, "Mx": [ "mx.one.example" ], "TlsRpt": """
                + """[ "mailto:r@one.example" ], "Dkim": { "Selectors": [ "s1" ] } }, "Domains": { "a.example": {}, "b.example": {} } }""");
        _configuration.Environment["MtaSts__Domains__a.example__Mode"] = "testing";
        _configuration.Environment["MtaSts__Domains__a.example__Mx__0"] = "mx.two.example";
        _configuration.CommandLine.Add(new("MtaSts:Domains:a.example:TlsRpt:1", "mailto:s@one.example"));
        _configuration.Environment["MtaSts__Domains__a.example__Dkim__Selectors__1"] = "s2";

        Assert.Equal(
            [
                "a.example Testing 100000 mx.two.example mailto:r@one.example,mailto:s@one.example s1,s2",
                "b.example Enforce 100000 mx.one.example mailto:r@one.example s1",
            ],
            _configuration.ReadGood().Policies.All.Select(policy =>
                $"{policy.Domain} {policy.Policy.Mode} {policy.Policy.MaxAge} {string.Join(',', policy.Policy.Mx)} "
                + $"{string.Join(',', policy.TlsRpt)} {string.Join(',', policy.DkimSelectors)}"));
    }

    [Theory]
    [InlineData("""{ "Tls": { "Certificates": [] } }""",
        "error: Tls (1.inc:1): an included file holds Domains and Defaults only; move it to appsettings.json")]
    [InlineData("""{ "MtaSts": { "Include": [ "2.inc" ] } }""",
        "error: MtaSts:Include (1.inc:1): an included file holds Domains and Defaults only; move it to appsettings.json")]
    [InlineData("""{ "Include": [ "2.inc", "3.inc" ] }""",
        "error: Include (1.inc:1): an included file holds Domains and Defaults only; move it to appsettings.json")]
    [InlineData("""{ "MtaSts": { "Domain": { "a.example": { "Mode": "none", "MaxAge": 1 } } } }""",
        "error: MtaSts:Domain (1.inc:1): 'Domain' is not a setting; did you mean Domains?")]
    [InlineData("""{ "Domian": { "a.example": { "Mode": "none", "MaxAge": 1 } } }""",
        "error: Domian (1.inc:1): 'Domian' is not a setting; did you mean Domains?")]
    public void Load_OtherSettingInAnIncludedFile_IsAnError(string json, string error)
    {
        Main("""{ "Include": [ "1.inc" ] }""");
        Folder.Write("1.inc", json);

        Assert.Equal([error], _configuration.Errors());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "MtaSts": {} }""")]
    [InlineData("""{ "Domains": {} }""")]
    [InlineData("""{ "Domains": null, "Defaults": null }""")]
    public void Load_IncludedFileWithoutDomains_IsFine(string json)
    {
        Main("""{ "Include": [ "1.inc" ] }""");
        Folder.Write("1.inc", json);

        Assert.Empty(_configuration.Errors());
    }

    [Fact]
    public void Load_TlsPaths_AreRelativeToTheFileThatTheyStandIn()
    {
        using var elsewhere = new TempFolder();
        Folder.Write("appsettings.json", Json.With("{}", """ "Tls": { "Certificates": [ { "Path": "certs/a.pem" } ] } """));
        elsewhere.Write("own/own.json", """{ "Tls": { "Certificates": [ null, { "Path": "b.pem", "KeyPath": "../b.key" } ] } }""");
        _configuration.WorkingDirectory = elsewhere["work"];
        _configuration.ConfigFiles.Add(elsewhere["own/own.json"]);
        _configuration.Environment["Tls__Certificates__2__Path"] = "c.pem";
        _configuration.CommandLine.Add(new("Tls:Certificates:3:Path", "/d.pem"));

        var errors = string.Join('\n', _configuration.Errors());

        foreach (var path in new[] { Folder["certs/a.pem"], elsewhere["own/b.pem"], elsewhere["work/c.pem"], "/d.pem" })
            Assert.Contains($"{path} can't be read", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\\u001b[2J")]
    [InlineData("\\r\\nerror: forged")]
    [InlineData("\\u202e\\u2066")]
    [InlineData("\\u0085\\u009b")]
    [InlineData("\\u2028")]
    [InlineData("\\u0000")]
    [InlineData("\\udb40\\udc41")]
    public void Load_ControlCharacters_AreNeverRawInMessages(string text)
    {
        Folder.Write($"sub/{System.Text.Json.JsonSerializer.Deserialize<string>($"\"{text}\"")!.Replace("\0", "")}.inc", "{");
        Folder.Write("appsettings.json", $$"""
            { "Kestrel": { "Endpoints": { "x{{text}}": { "Url": "{{text}}", "Protocols": "{{text}}" }, "y{{text}}": {}, "Http": { "Url": "http://127.0.0.1:0" } } },
              "MtaSts": { "Domains": {
                  "{{text}}": { "Mode": "{{text}}", "Mx": [ "{{text}}" ], "MaxAge": "{{text}}", "Id": "{{text}}", "TlsRpt": [ "{{text}}" ], "x{{text}}": 1 },
                  "mta-sts.{{text}}": {} },
                "Defaults": { "Id": "{{text}}", "{{text}}": [] }, "x{{text}}": 1, "x{{text}}": 1,
                "Include": [ "{{text}}", "sub/*.inc" ], "PublicHost": [ "{{text}}" ] },
              "Tls": { "Certificates": [ { "Path": "{{text}}", "KeyPath": "{{text}}" } ] },
              "Acme": { "AcceptTermsOfService": "{{text}}", "x{{text}}": 1 },
              "Dns": { "Resolvers": [ "{{text}}" ] },
              "ForwardedHeaders": { "KnownNetworks": [ "{{text}}" ], "x{{text}}": 1 },
              "Serilog": { "MinimumLevel": { "Default": "{{text}}", "Override": { "x{{text}}": "{{text}}" } }, "Format": "{{text}}", "y{{text}}": 1 } }
            """);
        _configuration.Environment["Acme__" + System.Text.Json.JsonSerializer.Deserialize<string>($"\"{text}\"")] = "x";

        var problems = _configuration.Errors().Concat(_configuration.Warnings()).ToList();

        Assert.True(problems.Count > 20, string.Join('\n', problems));
        Assert.All(problems, problem => Assert.True(Printable.IsPrintable(problem), Printable.Text(problem, 1000)));
    }

    [Fact]
    public void Load_DamagedFiles_NeverThrowsAndServesOnlyPoliciesThatSendersRead()
    {
        var random = new Random(8461);
        var main = System.Text.Encoding.UTF8.GetBytes(Json.With(
            $$"""{ "Defaults": { "Mode": "testing", "MaxAge": 100000 }, "Domains": { "a.example": {{Json.Good}} }, "Include": """
                + $$"""[ "*.inc", "sub/**/b.inc" ], "PublicHost": "sts.example.net" }""",
            """ "Tls": { "Certificates": [ { "Path": "none.pem" } ] }, "Dns": { "Resolvers": [ "192.0.2.53" ] } """)
                .Replace(""" { "Path": "none.pem" } """, "", StringComparison.Ordinal));
        var included = System.Text.Encoding.UTF8.GetBytes(
            $$"""{ "Defaults": { "Mx": [ "mx.example.net" ] }, "Domains": { "b.example": {{Json.Good}}, "c.example": {} } }""");
        var served = 0;
        for (var i = 0; i < 2000; i++)
        {
            Folder.Write("appsettings.json", i % 2 == 0 ? Damage(main) : main);
            Folder.Write("sub/b.inc", Damage(included));

            var (settings, loaded) = _configuration.Read();

            Assert.All(loaded.Problems.Errors.Concat(loaded.Problems.Warnings),
                problem => Assert.True(Printable.IsPrintable(problem.ToString())));
            Assert.Equal(settings is null, loaded.Problems.HasErrors);
            foreach (var policy in settings?.Policies.All ?? [])
            {
                Assert.True(MtaSts.PolicyParser.TryParse(policy.Body.Span, out var read, out var error), error?.ToString());
                Assert.Equal(policy.Policy, read);
                served++;
            }
        }

        Assert.True(served > 100, $"{served} policies");

        byte[] Damage(byte[] bytes)
        {
            var damaged = bytes.ToArray();
            for (var edits = random.Next(1, 3); edits > 0; edits--) damaged[random.Next(damaged.Length)] =
                (byte)(random.Next(4) == 0 ? random.Next(256) : "\"{}[],:*./\0 aE9"[random.Next(14)]);
            return damaged;
        }
    }

    [Fact]
    public void LoadWithoutIncludes_BrokenIncludedFile_GivesTheRest()
    {
        Main("""{ "Include": [ "1.inc" ], "PublicHost": "a.example" }""");
        Folder.Write("1.inc", "{");
        _configuration.CommandLine.Add(new("MtaSts:PublicHost", "b.example"));

        Assert.Equal("b.example", _configuration.Loader().LoadWithoutIncludes().Values["MtaSts:PublicHost"].Text);
    }

    private void Main(string mtaSts) => Folder.Write("appsettings.json", Json.With(mtaSts));
}
