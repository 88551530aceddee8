using System.Text;
using System.Text.Json;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;
using MtaStsHost.Testing;
using MtaStsHost.Text;

namespace MtaStsHost.Tests.Logging;

public sealed class HostLoggingTests
{
    /// <summary>What Kestrel lets through in a header: escape sequences, C1 controls, bidirectional overrides, line separators.</summary>
    private const string Hostile = "Evil/1.0 \u001b[2J\u0007\t\u007f\u009b31m\u0085\u202e\u2066\u2028\ufeff end";

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task Write_HostileUserAgent_IsNeverRaw(string format)
    {
        await using var app = await StartAsync($$""" "Serilog": { "Format": "{{format}}" } """);

        foreach (var host in new[] { "mta-sts.example.com", "other.example" })
            await RawHttp.SendAsync(app.Http,
                $"GET {PolicyEndpoint.Path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {Hostile}\r\nConnection: close\r\n\r\n");
        await Eventually.IsTrueAsync(() => app.Log.Lines.Count(line => line.Contains("Evil/1.0", StringComparison.Ordinal)) == 2,
            "both lines");

        foreach (var line in app.Log.Lines) Assert.True(Printable.IsPrintable(line), Printable.Text(line, 2000));
    }

    [Fact]
    public async Task Write_Json_IsOneObjectALine()
    {
        await using var app = await StartAsync(""" "Serilog": { "Format": "json" } """);

        await RawHttp.SendAsync(app.Http,
            $"GET {PolicyEndpoint.Path} HTTP/1.1\r\nHost: mta-sts.example.com\r\nUser-Agent: \"quoted\\\" Sender\r\nConnection: "
            + $"close\r\n\r\n");
        using var json = JsonDocument.Parse(await app.Log.LineAsync("Sender"));

        Assert.Equal("example.com", json.RootElement.GetProperty("Domain").GetString());
        Assert.Equal(200, json.RootElement.GetProperty("Status").GetInt32());
        Assert.Equal("127.0.0.1", json.RootElement.GetProperty("Sender").GetString());
        Assert.Equal("\"quoted\\\" Sender", json.RootElement.GetProperty("UserAgent").GetString());
        Assert.All(app.Log.Lines, line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public async Task Start_Log_SaysWhatIsServedWhere()
    {
        await using var app = await StartAsync(""" "AllowedHosts": "*" """);

        var line = await app.Log.LineAsync("ready");

        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INF MtaStsHost [0-9.]+\S* is ready; policies: 1; listeners: ", line);
        Assert.Contains(app.Http.Authority, line, StringComparison.Ordinal);
        await app.Log.LineAsync("Policy of example.com is served, id=ddcfc28c0c2a59db89ddc447d331ecff");
        Assert.DoesNotContain(Environment.UserName + "@", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Level_RaisedByReload_IsInForce()
    {
        await using var app = await StartAsync(""" "Serilog": { "MinimumLevel": { "Default": "Information" } } """);
        await FetchAsync(app, "Loud/1.0");
        await app.Log.LineAsync("Loud/1.0");

        await app.RewriteAsync(Json.WithDomains($$"""{ "example.com": {{Json.Good}} }""",
            """ "Serilog": { "MinimumLevel": "Warning" } """));
        await FetchAsync(app, "Quiet/1.0");
        await app.RewriteAsync(Json.WithDomains($$"""{ "example.com": {{Json.Good}} }""",
            """ "Serilog": { "MinimumLevel": { "Default": "Information" } } """));
        await FetchAsync(app, "Again/1.0");

        await app.Log.LineAsync("Again/1.0");
        Assert.DoesNotContain("Quiet/1.0", app.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Format_ChangedByReload_AsksForARestart()
    {
        await using var app = await StartAsync(""" "Serilog": { "Format": "text" } """);

        await app.RewriteAsync(Json.WithDomains($$"""{ "example.com": {{Json.Good}} }""", """ "Serilog": { "Format": "json" } """));

        await app.Log.LineAsync(" WRN The log's format, new log sources and another store take effect after a restart");
    }

    [Theory]
    [InlineData(""" "Serilog": { "MinimumLevel": "Loud" } """, "Serilog:MinimumLevel (appsettings.json:1): 'Loud' is not known here")]
    [InlineData(""" "Serilog": { "MinimumLevel": { "Default": "5" } } """,
        "Serilog:MinimumLevel:Default (appsettings.json:1): '5' is not known here")]
    [InlineData(""" "Serilog": { "MinimumLevel": { "Override": { "A": "x" } } } """,
        "Serilog:MinimumLevel:Override:A (appsettings.json:1): 'x' is not known here")]
    [InlineData(""" "Serilog": { "Format": "xml" } """, "Serilog:Format (appsettings.json:1): 'xml' is not known here; use text or json")]
    public void Read_NoLevelOrFormat_IsAnError(string section, string error)
    {
        using var configuration = new ConfigurationFixture(Json.With("{}", section));

        Assert.StartsWith("error: " + error, Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_ThatFails_LosesLinesAndCountsThem()
    {
        using var output = new FailingStream();
        var logging = new MtaStsHost.Logging.HostLogging(new LogSettings(false,
            new Dictionary<string, Serilog.Events.LogEventLevel> { [""] = Serilog.Events.LogEventLevel.Information }), output);
        await using (logging.Logger)
        {
            output.Fails = true;
            logging.Logger.Information("lost");
            await Eventually.IsTrueAsync(() => output.Failures > 0, "the write fails");
            output.Fails = false;
            logging.Logger.Information("kept");
            await Eventually.IsTrueAsync(() => output.Text.Contains("kept", StringComparison.Ordinal), "the next write succeeds");
        }

        Assert.StartsWith("1 log lines were lost", output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(" lost\n", output.Text, StringComparison.Ordinal);
    }

    private static Task<AppFixture> StartAsync(string more) =>
        AppFixture.StartAsync(Json.WithDomains($$"""{ "example.com": {{Json.Good}} }""", more));

    private static Task<string> FetchAsync(AppFixture app, string userAgent) =>
        RawHttp.SendAsync(app.Http,
            $"GET {PolicyEndpoint.Path} HTTP/1.1\r\nHost: mta-sts.example.com\r\nUser-Agent: {userAgent}\r\nConnection: close\r\n\r\n");

    private sealed class FailingStream : MemoryStream
    {
        public volatile bool Fails;
        public volatile int Failures;

        public string Text => Encoding.UTF8.GetString(ToArray());

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Fails)
            {
                Failures++;
                throw new IOException("No space left on device");
            }

            base.Write(buffer, offset, count);
        }
    }
}
