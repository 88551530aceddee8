using System.Text;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Text;

namespace Fuzz.Targets;

internal sealed class ConfigurationTarget : FuzzTarget
{
    public override string Name => "configuration";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Encoding.UTF8.GetBytes("""
            { "MtaSts": { "Defaults": { "Mode": "testing", "MaxAge": 604800 }, "Domains": {
                "example.com": { "Mx": [ "mail.example.com", "*.example.net" ], "TlsRpt": [ "mailto:a@example.com" ] },
                "b.example": { "Mode": "none" } } },
              "Kestrel": { "Endpoints": { "Http": { "Url": "http://*:8080" } } } }
            """),
    ];

    public override IReadOnlyList<byte[]> Tokens { get; } =
        [[.. "\"Mode\":"u8], [.. "\"Id\":\"a\","u8], [.. "null"u8], [.. "[]"u8], [.. "{}"u8],
            [.. "\"enforce\""u8], [.. "{"u8], [.. "]"u8], [.. ",\"x\":1"u8], [.. "\\u0000"u8], [.. "\\ud800"u8], [.. "/*"u8]];

    public override bool Run(ReadOnlySpan<byte> input)
    {
        var (problems, tree) = (new ProblemList(), new ConfigurationTree());
        var layer = new ConfigurationLayer("fuzz.json", "/");
        JsonLayerReader.Read(layer, input, included: false, problems);
        tree.Add(layer, problems);
        SettingsSchema.Check(tree, problems);
        var settings = ServiceConfiguration.Load(new LoadedConfiguration(tree, problems, ConfigurationInputs.None, 0),
            null, TimeProvider.System);
        Require(settings is null == problems.HasErrors, "no settings without an error, no error with settings");
        Require(problems.Errors.All(error => Printable.IsPrintable(error.ToString())), "every message is one printable line");
        foreach (var policy in settings?.Policies.All ?? [])
            Require(MtaSts.PolicyParser.TryParse(policy.Body.Span, out var read, out _)
                && read == policy.Policy, "what is served reads back as it was meant");
        return settings is not null;
    }
}
