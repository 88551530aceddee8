using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MtaStsHost.Cli.Certificates;
using MtaStsHost.Configuration;
using MtaStsHost.Management.Health;
using MtaStsHost.Serving;

namespace MtaStsHost.Cli;

/// <summary>What <c>validate --json</c> prints; a domain looks as it does in <c>/health</c>.</summary>
/// <param name="Checks">Of <c>--live</c>, as <c>check --json</c> has them; left out without it.</param>
internal sealed record ValidateResult(
    bool Valid,
    IReadOnlyList<ProblemResult> Errors,
    IReadOnlyList<ProblemResult> Warnings,
    IReadOnlyList<DomainResult> Domains,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<DomainCheckResult>? Checks);

/// <param name="Line">From 1; <c>null</c> where it isn't known.</param>
internal sealed record ProblemResult(string Path, string? File, int? Line, string Message, string Fix)
{
    public static ProblemResult Of(ConfigurationProblem problem) =>
        new(problem.Path, problem.Origin.Source, problem.Origin.Line > 0 ? problem.Origin.Line : null, problem.What, problem.Remedy);
}

internal sealed record DomainResult(string Domain, string Host, PolicyHealth Policy, string Id, TxtHealth Txt)
{
    public static DomainResult Of(ServedPolicy policy) =>
        new(policy.Domain.Value, policy.Host, HealthReporter.PolicyOf(policy), policy.Id.Value, HealthReporter.TxtOf(policy));
}

/// <summary>What <c>records --format json</c> prints.</summary>
internal sealed record RecordsResult(IReadOnlyList<DomainRecordsResult> Domains);

internal sealed record DomainRecordsResult(string Domain, IReadOnlyList<RecordResult> Records, IReadOnlyList<string> Notes);

/// <param name="Ttl">Seconds.</param>
internal sealed record RecordResult(string Name, string Type, int Ttl, string Value);

internal sealed record HealthCheckResult(string Status, string Url);

/// <summary>The shape of a configuration file, as <c>import</c> prints it.</summary>
internal sealed record ImportResult(ImportedMtaSts MtaSts);

internal sealed record ImportedMtaSts(IReadOnlyDictionary<string, ImportedDomain> Domains);

internal sealed record ImportedDomain(string Mode, IReadOnlyList<string> Mx, int MaxAge, string? Id, IReadOnlyList<string>? TlsRpt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true, Converters = [typeof(UtcSecondsConverter)])]
[JsonSerializable(typeof(ValidateResult))]
[JsonSerializable(typeof(RecordsResult))]
[JsonSerializable(typeof(CheckResult))]
[JsonSerializable(typeof(HistoryResult))]
[JsonSerializable(typeof(HealthCheckResult))]
[JsonSerializable(typeof(CertificatesResult))]
[JsonSerializable(typeof(CertificateResult))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>Quotes and ampersands as they are: this JSON goes to terminals and files, never into HTML.</summary>
    public static CliJson Plain =>
        field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImportResult))]
internal sealed partial class ImportJson : JsonSerializerContext
{
    public static ImportJson Plain =>
        field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
