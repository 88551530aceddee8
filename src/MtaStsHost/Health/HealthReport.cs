using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MtaStsHost.Health;

internal enum HealthState
{
    Healthy,
    Degraded,
    Unhealthy,
}

/// <summary>The answer of <c>/health</c> on the management listener.</summary>
/// <param name="Storage"><c>null</c>: there is no store, since nothing is ordered.</param>
/// <param name="Total">Domains that the filters let through; those of this page are in <paramref name="Domains"/>.</param>
internal sealed record HealthReport(
    HealthState Status, string Version, ConfigurationHealth Configuration, StorageHealth? Storage, int Total, int Page, int PageSize, IAsyncEnumerable<DomainHealth> Domains);

internal sealed record ConfigurationHealth(DateTimeOffset LoadedAt, int Domains, string? LastError);

/// <param name="LastError">What is wrong with the store; <c>null</c>: nothing.</param>
internal sealed record StorageHealth(string? LastError);

internal sealed record DomainHealth(
    string Domain, string Host, HealthState Status, PolicyHealth Policy, string Id, TxtHealth Txt, CertificateHealth Certificate, IReadOnlyList<Problem> Problems);

/// <summary>The answer of <c>/health</c> on a public listener: what the domain's owner could see by DNS and HTTPS anyway.</summary>
internal sealed record PublicHealth(string Domain, string Host, HealthState Status, PolicyHealth Policy, string Id, TxtHealth Txt);

/// <param name="MaxAge">Seconds.</param>
internal sealed record PolicyHealth(string Mode, IReadOnlyList<string> Mx, int MaxAge);

internal sealed record TxtHealth(string Name, string Value);

internal sealed record CertificateHealth(
    string State, string? Source, string? Issuer, DateTimeOffset? NotAfter, DateTimeOffset? RenewAt, DateTimeOffset? NextAttempt, string? LastError);

internal sealed record Problem(string Code, string Message, string Fix);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true,
    Converters = [typeof(UtcSecondsConverter)])]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(PublicHealth))]
internal sealed partial class HealthJson : JsonSerializerContext
{
    /// <summary>Quotes as they are: this is read by people and never put into HTML.</summary>
    public static HealthJson Plain => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
