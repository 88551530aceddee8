using System.Text.Json;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

public sealed class ValidateTests
{
    private const string Pinned = """
        {
          "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:1" } } },
          "MtaSts": { "Domains": {
            "a.example": { "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": 604800 },
            "b.example": { "Mode": "Testing", "Mx": [ "mx1.example.org", "*.example.net" ], "MaxAge": 86400 },
            "c.example": { "Mode": "none", "MaxAge": 86400 }
          } }
        }
        """;

    [Fact]
    public async Task The_pinned_ids_come_out_as_json()
    {
        using var installation = new HostInstallation(Pinned);

        var result = await installation.RunAsync("validate", "--json");

        using var json = JsonDocument.Parse(result.Output);
        var domains = json.RootElement.GetProperty("domains").EnumerateArray().ToList();
        Assert.Equal(
            ["ddcfc28c0c2a59db89ddc447d331ecff", "a64e1b9669ec9cb04a9ada902f7f5bfe", "67b2e486a9f7a6161699c05594bf71cf"],
            domains.Select(domain => domain.GetProperty("id").GetString()));
        Assert.Equal("v=STSv1; id=ddcfc28c0c2a59db89ddc447d331ecff;", domains[0].GetProperty("txt").GetProperty("value").GetString());
        Assert.Equal("testing", domains[1].GetProperty("policy").GetProperty("mode").GetString());
        Assert.Equal(86400, domains[2].GetProperty("policy").GetProperty("maxAge").GetInt32());
        Assert.True(json.RootElement.GetProperty("valid").GetBoolean());
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task A_pipe_gets_lines_with_tabs_and_no_escape_sequences()
    {
        using var installation = new HostInstallation(Pinned);

        var result = await installation.RunAsync("validate");

        Assert.Equal(
            """
            domain	mode	max_age	mx	id
            a.example	enforce	604800	mail.example.com	ddcfc28c0c2a59db89ddc447d331ecff
            b.example	testing	86400	mx1.example.org *.example.net	a64e1b9669ec9cb04a9ada902f7f5bfe
            c.example	none	86400		67b2e486a9f7a6161699c05594bf71cf

            """,
            result.Output);
    }

    [Fact]
    public async Task At_the_end_it_names_what_it_read()
    {
        using var installation = new HostInstallation(Pinned);
        installation.Folder.Write("own/own.json", """{ "MtaSts": { "PublicHost": "sts.example.net" } }""");
        installation.Folder.Write("own/domains.d/d.json", """{ "Domains": { "d.example": { "Mode": "none", "MaxAge": 86400 } } }""");
        var start = new HostStart
        {
            Arguments = ["validate"],
            Environment = new Dictionary<string, string?>
            {
                ["MTASTSHOST_CONFIG"] = installation.Folder["own/own.json"],
                ["MtaSts__EnforceGate"] = "Off",
                ["Traefik__CertResolver"] = "",
            },
        };

        var result = await installation.RunAsync(start);
        var json = await installation.RunAsync(start with { Arguments = ["validate", "--json"] });

        string[] files = [installation.SettingsPath, installation.Folder["own/own.json"], installation.Folder["own/domains.d/d.json"]];
        Assert.Equal(
            [.. files.Select(file => $"note: read {file}"),
                "note: environment variables set Checks:Enabled, MtaSts:EnforceGate, and take precedence over files"],
            result.ErrorLines);
        Assert.Contains("\nd.example\tnone\t", result.Output, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(json.Output);
        Assert.Equal(files, document.RootElement.GetProperty("files").EnumerateArray().Select(file => file.GetString()));
    }

    [Fact]
    public async Task A_terminal_gets_a_table_in_colour_only_where_wanted()
    {
        var script = Tools.Require("script");
        using var installation = new HostInstallation(Pinned);
        var command = string.Join(' ', installation.Command) + " validate";

        var (_, table) = await Tools.RunAsync("env", "TERM=xterm-256color", script, "-qec", $"stty cols 120; {command}", "/dev/null");
        var (_, plain) = await Tools.RunAsync("env", "TERM=xterm-256color",
            "NO_COLOR=1", script, "-qec", $"stty cols 120; {command}", "/dev/null");

        Assert.Contains("─", table, StringComparison.Ordinal);
        Assert.Contains("ddcfc28c0c2a59db89ddc447d331ecff", table, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[3", plain, StringComparison.Ordinal);
        var (_, narrow) = await Tools.RunAsync("env", "TERM=xterm-256color", script, "-qec", $"stty cols 60; {command}", "/dev/null");
        Assert.Contains("mx1.example.org *.example.net", narrow, StringComparison.Ordinal); // whole, where a table would break it
    }

    [Fact]
    public async Task Errors_are_json_too_and_the_exit_code_is_78()
    {
        using var installation = new HostInstallation(
            "{\n\"MtaSts\": { \"Domains\": {\n\"a.example\": { \"Mode\": \"enforced\", \"MaxAge\": 60, \"Mx\": [\"mx.a.example\"] } } } }");

        var result = await installation.RunAsync("validate", "--json");

        using var json = JsonDocument.Parse(result.Output);
        var error = json.RootElement.GetProperty("errors")[0];
        Assert.Equal("MtaSts:Domains:a.example:Mode", error.GetProperty("path").GetString());
        Assert.Equal("appsettings.json", error.GetProperty("file").GetString());
        Assert.Equal(3, error.GetProperty("line").GetInt32());
        Assert.False(json.RootElement.GetProperty("valid").GetBoolean());
        Assert.Equal("MtaSts:Domains:a.example:MaxAge", json.RootElement.GetProperty("warnings")[0].GetProperty("path").GetString());
        Assert.Contains(
            "error: MtaSts:Domains:a.example:Mode (appsettings.json:3): 'enforced' is not a mode; use none, testing or enforce\n",
            result.Error, StringComparison.Ordinal);
        Assert.Equal(78, result.ExitCode);
    }

    [Fact]
    public async Task Null_takes_a_domain_out_and_a_shorter_list_over_a_longer_one_is_warned_of()
    {
        using var installation = new HostInstallation(Pinned);
        installation.Folder.Write("over.json",
            """{ "MtaSts": { "Domains": { "a.example": null, "b.example": { "Mx": [ "new.example.org" ] } } } }""");

        var result = await installation.RunAsync("validate", "--config", "over.json");

        Assert.DoesNotContain("a.example", result.Output, StringComparison.Ordinal);
        Assert.Contains("b.example\ttesting\t86400\tnew.example.org *.example.net\t", result.Output, StringComparison.Ordinal);
        Assert.StartsWith(
            "warning: MtaSts:Domains:b.example:Mx (over.json:1): lists merge entry by entry, so '*.example.net' and what follows stays",
            result.ErrorLines[0], StringComparison.Ordinal);
        Assert.All(result.ErrorLines[1..], line => Assert.StartsWith("note: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hosts_without_a_certificate_are_warned_of()
    {
        using var installation = new HostInstallation(Pinned);

        var result = await installation.RunAsync("validate", "--Kestrel:Endpoints:Https:Url=https://127.0.0.1:1443");

        Assert.Equal(
            ["warning: Tls:Certificates: no certificate covers 3 of 3 policy hosts, such as mta-sts.a.example; add theirs, or set "
            + "Acme:AcceptTermsOfService to true to have them ordered; until then their handshakes are refused, "
            + "unless a certificate that was ordered before is in the store"],
            result.ErrorLines.Where(line => !line.StartsWith("note: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_environment_of_the_command_line_picks_its_file()
    {
        using var installation = new HostInstallation(Pinned);
        installation.Folder.Write("app/appsettings.Staging.json", """{ "MtaSts": { "Domains": { "c.example": { "MaxAge": 86401 } } } }""");

        var result = await installation.RunAsync("validate", "--environment=Staging");

        Assert.Contains("c.example\tnone\t86401\t", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_thousand_errors_are_all_listed_and_more_are_counted()
    {
        static string Settings(int count) =>
            $$"""{ "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:1" } } }, "MtaSts": { "Defaults": { "MaxAge": 604800 """
                + $$"""}, "Domains": { """
                + $$"""{{string.Join(",\n", Enumerable.Range(0, count).Select(i => $"\"d{i}.example\": {{ \"Mode\": \"wrong\" }}"))}} } """
                + $$"""} }""";
        using var installation = new HostInstallation(Settings(10_000));

        var all = await installation.RunAsync("validate");
        installation.Write(Settings(10_007));
        var more = await installation.RunAsync("validate");

        Assert.Equal(10_000, all.ErrorLines.Count(line => line.StartsWith("error: MtaSts:Domains:d", StringComparison.Ordinal)));
        Assert.Equal(10_000, all.ErrorLines.Length);
        Assert.Equal(78, all.ExitCode);
        Assert.Equal(10_001, more.ErrorLines.Length);
        Assert.Equal("… and 7 more errors", more.ErrorLines[^1]);
    }
}
