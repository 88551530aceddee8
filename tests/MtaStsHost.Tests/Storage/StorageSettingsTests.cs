using MtaStsHost.Configuration;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Storage;

public sealed class StorageSettingsTests : IDisposable
{
    private readonly ConfigurationFixture _configuration = new("{}");

    public void Dispose() => _configuration.Dispose();

    [Fact]
    public void Read_NotSet_IsBesideAppsettings() => Assert.Equal(_configuration.Folder["data/mtastshost.db"], Read("{}")!.Path);

    [Theory]
    [InlineData("Data Source=store/x.db", "store/x.db")]
    [InlineData("DataSource=x.db", "x.db")]
    [InlineData("Filename=x.db", "x.db")]
    public void Read_Relative_StartsAtTheFileOfTheSetting(string connection, string path)
    {
        _configuration.Folder.Write("other/more.json", $$"""{ "Storage": { "ConnectionString": "{{connection}}" } }""");
        _configuration.ConfigFiles.Add(_configuration.Folder["other/more.json"]);

        Assert.Equal(_configuration.Folder["other/" + path], Read("{}")!.Path);
    }

    [Fact]
    public void Read_Absolute_IsThat() => Assert.Equal("/var/lib/x.db", Read("""{ "Storage": { "Provider": "sqlite", "ConnectionString": "Data Source=/var/lib/x.db" } }""")!.Path);

    [Theory]
    [InlineData("""{ "Storage": { "Provider": "Oracle" } }""", "Storage:Provider")]
    [InlineData("""{ "Storage": { "ConnectionString": "Data Source=:memory:" } }""", "is no file that could keep anything")]
    [InlineData("""{ "Storage": { "ConnectionString": "Data Source=file:x?mode=memory" } }""", "is no file that could keep anything")]
    [InlineData("""{ "Storage": { "ConnectionString": "Data Source=" } }""", "is no file that could keep anything")]
    [InlineData("""{ "Storage": { "ConnectionString": "Data Source=x.db;Mode=Memory" } }""", "'Mode' can't be set here")]
    [InlineData("""{ "Storage": { "ConnectionString": "Data Source=x.db;Password=secret" } }""", "'Password' can't be set here")]
    [InlineData("""{ "Storage": { "ConnectionString": "Data Source=folder/" } }""", "is a folder")]
    [InlineData("""{ "Storage": { "ConnectionString": "x.db" } }""", "is no connection string")]
    [InlineData("""{ "Storage": { "ConnectionString": "Host=db.example" } }""", "is no connection string")]
    public void Read_WhatCantBe_IsAnErrorWithItsRemedy(string settings, string error)
    {
        Assert.Null(Read(settings, out var problems));
        var problem = Assert.Single(problems.Errors).ToString();
        Assert.Contains(error, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    private StorageSettings? Read(string settings) => Read(settings, out _);

    private StorageSettings? Read(string settings, out ProblemList problems)
    {
        _configuration.Folder.Write("appsettings.json", settings);
        problems = new ProblemList();
        var result = StorageSettings.Read(new SettingsReader(_configuration.Load().Tree, problems));
        return problems.HasErrors ? null : result;
    }
}
