using System.ComponentModel;
using Microsoft.Extensions.Options;

namespace MtaStsHost.Configuration;

internal sealed class SerilogOptions
{
    [Description("The least severe level that is logged.")]
    [OrValueOf(nameof(MinimumLevelOptions.Default))]
    [ValidateObjectMembers]
    public MinimumLevelOptions MinimumLevel { get; } = new();

    [Description("`text` or `json` (compact JSON, one event per line).")]
    [Choice("text", "json")]
    public string Format { get; set; } = "text";
}

internal sealed class MinimumLevelOptions
{
    [Description("`Verbose`, `Debug`, `Information`, `Warning`, `Error` or `Fatal`.")]
    [Choice("Verbose", "Debug", "Information", "Warning", "Error", "Fatal")]
    public string Default { get; set; } = "Information";

    [Description("The level of one source; `Microsoft.AspNetCore` has `Warning`.")]
    [EntryName("SOURCE")]
    [Choice("Verbose", "Debug", "Information", "Warning", "Error", "Fatal")]
    public Dictionary<string, string> Override { get; } = [];
}
