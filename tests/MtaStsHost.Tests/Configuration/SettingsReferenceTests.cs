using System.Text.RegularExpressions;
using MtaStsHost.Configuration;
using NJsonSchema;

namespace MtaStsHost.Tests.Configuration;

/// <summary>
/// Compares the files that follow from the options classes with them. With <c>MTASTSHOST_WRITE_REFERENCE=1</c>, as eng/write-reference
/// sets it, writes them instead.
/// </summary>
public sealed partial class SettingsReferenceTests
{
    private const string Heading = "## All settings\n\n";

    private static readonly string s_repository = ConfigurationSources.FindFolder(AppContext.BaseDirectory, "/");
    private static readonly string s_schemaFile = Path.Combine(s_repository, "appsettings.schema.json");

    private static bool Writes => Environment.GetEnvironmentVariable("MTASTSHOST_WRITE_REFERENCE") == "1";

    public static TheoryData<string> Documented =>
    [
        .. Directory.EnumerateFiles(Path.Combine(s_repository, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(s_repository, "README.md"))
            .Where(file => Block().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetRelativePath(s_repository, file)),
    ];

    [Fact]
    public void Table_OfTheReference_IsThatOfTheOptionsClasses()
    {
        var file = Path.Combine(s_repository, "docs", "reference", "configuration.md");
        var text = File.ReadAllText(file);
        var start = text.IndexOf(Heading, StringComparison.Ordinal) + Heading.Length;
        var end = text.IndexOf("\n\n", start, StringComparison.Ordinal) is > 0 and var found ? found + 1 : text.Length;
        if (Writes) File.WriteAllText(file, text[..start] + SettingsReference.Table() + text[end..]);
        else Assert.Equal(SettingsReference.Table(), text[start..end]);
    }

    [Fact]
    public void Schema_InTheRepository_IsThatOfTheOptionsClasses()
    {
        if (Writes) File.WriteAllText(s_schemaFile, SettingsReference.Schema());
        else Assert.Equal(SettingsReference.Schema(), File.ReadAllText(s_schemaFile));
    }

    [Fact]
    public async Task Schema_ShippedFile_NamesItAndIsValid()
    {
        var shipped = await File.ReadAllTextAsync(Path.Combine(s_repository, "appsettings.json"), TestContext.Current.CancellationToken);

        Assert.Contains("\"$schema\": \"./appsettings.schema.json\"", shipped, StringComparison.Ordinal);
        Assert.Empty((await SchemaAsync()).Validate(shipped));
    }

    [Theory]
    [MemberData(nameof(Documented))]
    public async Task Schema_DocumentedConfigurations_AreValid(string page)
    {
        var schema = await SchemaAsync();
        foreach (Match block in Block()
            .Matches(await File.ReadAllTextAsync(Path.Combine(s_repository, page), TestContext.Current.CancellationToken)))
            Assert.Empty(schema.Validate(block.Groups[1].Value));
    }

    [Theory]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mode": "enforced" } } } }""")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mod": "enforce" } } } }""")]
    [InlineData("""{ "MtaSts": { "Defaults": { "MaxAge": 31557601 } } }""")]
    [InlineData("""{ "MtaSts": { "Defaults": { "MaxAge": "a week" } } }""")]
    [InlineData("""{ "MtaSts": { "Defaults": { "Mx": "mail.example.com" } } }""")]
    [InlineData("""{ "MtaSts": { "Defaults": { "Id": "a-b" } } }""")]
    [InlineData("""{ "MtaSts": { "EnforceGate": "Close" } }""")]
    [InlineData("""{ "Acme": { "AcceptTermsOfService": "yes" } }""")]
    [InlineData("""{ "Acme": { "MaxConcurrentOrders": 0 } }""")]
    [InlineData("""{ "Acme": { "AllowedChallengeTypes": [] } }""")]
    [InlineData("""{ "Acme": { "DirectoryUrl": "http://ca.example/" } }""")]
    [InlineData("""{ "Checks": { "Interval": "60" } }""")]
    [InlineData("""{ "Kestrel": { "Endpoints": { "Http": { "Url": "8080" } } } }""")]
    [InlineData("""{ "Kestrel": { "Endpoints": { "Http": { "Urls": "http://*:8080" } } } }""")]
    [InlineData("""{ "Serilog": { "MinimumLevel": "Loud" } }""")]
    public async Task Schema_Mistake_IsFound(string json) => Assert.NotEmpty((await SchemaAsync()).Validate(json));

    [Theory]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": null, "b.example": { "Mode": null, "Dkim": { "Selectors": [ "a" ] } } } } }""")]
    [InlineData("""{ "MtaSts": { "PublicHost": [ "192.0.2.1", "2001:db8::1" ] } }""")]
    [InlineData("""{ "MtaSts": { "PublicHost": "sts.example.net" } }""")]
    [InlineData("""{ "Serilog": { "MinimumLevel": "Debug" }, "Logging": { "LogLevel": {} }, "AllowedHosts": "*" }""")]
    [InlineData("""{ "Serilog": { "MinimumLevel": { "Default": "Debug", "Override": { "Microsoft": "Error" } } } }""")]
    [InlineData("""{ "Checks": { "Interval": "7.00:00:00", "Timeout": "00:00:01.5" } }""")]
    public async Task Schema_GoodConfiguration_IsValid(string json) => Assert.Empty((await SchemaAsync()).Validate(json));

    [Fact]
    public void Domain_Keys_AreAllRead()
    {
        var keys = SettingsReference.All.Select(setting => setting.Path)
            .Where(path => path.StartsWith("MtaSts:Domains:DOMAIN:", StringComparison.Ordinal));
        var settings = new DomainSettings(default);
        var problems = new ProblemList();
        foreach (var key in keys.Select(path => path["MtaSts:Domains:DOMAIN:".Length..]))
            settings.Set("x", key, DomainSettings.TakesList(key) ? "0" : null,
                new SettingValue(key, SettingKind.Text, new ConfigurationLayer("a.json", "/"), 1), problems);

        Assert.Empty(problems.Errors);
        Assert.Equal(["Mode", "MaxAge", "Id", "Mx:0", "TlsRpt:0", "Dkim:Selectors:0"], settings.All.Select(entry => entry.Key));
    }

    private static Task<JsonSchema> SchemaAsync() => JsonSchema.FromJsonAsync(SettingsReference.Schema());

    [GeneratedRegex("(?ms)^```json\n(.*?)^```")]
    private static partial Regex Block();
}
