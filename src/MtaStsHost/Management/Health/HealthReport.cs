using System.Text.Encodings.Web;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;

namespace MtaStsHost.Management.Health;

internal enum HealthState
{
    Healthy,
    Degraded,
    Unhealthy,
}

/// <summary>The answer of <c>/health</c> on the management listener.</summary>
/// <param name="Total">Domains that match the filters; <paramref name="Domains"/> has those of this page.</param>
internal sealed record HealthReport(
    HealthState Status, string Version, string Runtime, string? OpenSsl, ConfigurationHealth Configuration,
        StorageHealth Storage, IReadOnlyList<LoopHealth> Background, int Total, int Page, int PageSize,
        IAsyncEnumerable<DomainHealth> Domains);

internal sealed record ConfigurationHealth(DateTimeOffset LoadedAt, int Domains, string? LastError);

/// <param name="DamagedRows">Rows that can't be read or written although the store works.</param>
internal sealed record StorageHealth(int DamagedRows, string? LastError);

/// <param name="Name">Of a loop that works in the background.</param>
internal sealed record LoopHealth(string Name, string? LastError);

/// <param name="LastChecked"><c>null</c>: not yet, or Checks:Enabled is false.</param>
/// <param name="History">Only if one domain is requested, like <paramref name="Retirement"/>.</param>
internal sealed record DomainHealth(
    string Domain, string Host, HealthState Status, PolicyHealth Policy,
        string Id, TxtHealth Txt, CertificateHealth Certificate, IReadOnlyList<Problem> Problems, DateTimeOffset? LastChecked,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<PastPolicyHealth>? History = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RetirementHealth? Retirement = null);

/// <summary>A policy that was or is served.</summary>
/// <param name="LastServed">Noted once a minute while it is served.</param>
/// <param name="CachedUntil">When the last copy that a sender may hold expires, if it is not served from now on.</param>
internal sealed record PastPolicyHealth(
    string Id, string Mode, int MaxAge, IReadOnlyList<string> Mx, DateTimeOffset FirstServed,
        DateTimeOffset LastServed, DateTimeOffset? LastFetched, bool InForce, DateTimeOffset CachedUntil)
{
    public static PastPolicyHealth Of(StoredPolicy policy, DateTimeOffset now) => new(
        policy.Key.Id, policy.Mode, policy.MaxAge, [.. Transitions.Retirement.Parse(policy)?.Mx.Select(mx => mx.Value) ?? []],
        policy.FirstServed, policy.LastServed, policy.LastFetched, policy.IsInForce, Transitions.Retirement.Expires(policy, now));
}

/// <param name="State"><c>active</c>, <c>retiring</c>, <c>removed</c> or <c>safe-to-remove</c>.</param>
/// <param name="SafeToRemoveAt">In mode none: from when no sender holds a binding policy. <c>null</c>: in another mode, or it was always in
/// mode none.</param>
internal sealed record RetirementHealth(string State, DateTimeOffset? SafeToRemoveAt)
{
    public static RetirementHealth Of(DomainHistory history, ServedPolicy? served) => history.StateOf(served) switch
    {
        RetirementState.Retiring => new("retiring", history.BoundUntil),
        // What is kept in memory decides.
        RetirementState.Removed => new("removed", served?.RetiredUntil ?? history.BoundUntil),
        RetirementState.SafeToRemove => new("safe-to-remove", history.FreeSince),
        _ => new("active", null),
    };
}

/// <summary>The answer of <c>/health</c> on a public listener: what anyone could see through DNS and HTTPS anyway.</summary>
internal sealed record PublicHealth(string Domain, string Host, HealthState Status, PolicyHealth Policy, string Id, TxtHealth Txt);

internal sealed record PolicyHealth(string Mode, IReadOnlyList<string> Mx, int MaxAge);

internal sealed record TxtHealth(string Name, string Value);

internal sealed record CertificateHealth(
    string State, string? Source = null, string? Issuer = null, DateTimeOffset? NotAfter = null,
        DateTimeOffset? RenewAt = null, DateTimeOffset? NextAttempt = null, string? LastError = null);

/// <param name="Severity"><c>error</c> or <c>warning</c>.</param>
internal sealed record Problem(string Code, string Severity, string Message, string Fix);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true,
    Converters = [typeof(UtcSecondsConverter)])]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(PublicHealth))]
internal sealed partial class HealthJson : JsonSerializerContext
{
    /// <summary>Does not escape quotes, since this is read by people and never part of HTML.</summary>
    public static HealthJson Plain =>
        field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
