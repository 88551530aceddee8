using System.CommandLine;
using MtaStsHost.Management.Health;
using MtaStsHost.Storage;

namespace MtaStsHost.Cli.Certificates;

/// <summary><c>certificates list</c>: prints the certificates in the store.</summary>
internal static class CertificatesListCommand
{
    public static Command Create(CliContext context)
    {
        var sort = new Option<string>("--sort") { Description = "The order of the hosts.", DefaultValueFactory = _ => "host" };
        sort.AcceptOnlyFromAmong("host", "expiry", "state");
        var json = CliOptions.Json();
        var command = new Verb("list", "Prints each policy host with its certificate and renewal time.",
            "MtaStsHost certificates list",
            "MtaStsHost certificates list --sort expiry --json") { sort, json };
        command.SetAction((parsed, cancellation) => CertificateStore.UseAsync(
            context, parsed, (store, _) => RunAsync(store, parsed.GetValue(sort)!, parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(IStore store, string sort, bool json, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var all = Sorted((await store.ListAsync(null, cancellationToken)).Select(record => CertificateResult.Of(record, now)), sort)
            .ToList();
        if (json) CliOutput.Json(new CertificatesResult(all));
        else CliOutput.Table(["host", "state", "issuer", "ends", "renewed at", "next attempt", "last error"], all.Select(Row));
        return ExitCode.Good;
    }

    private static IEnumerable<CertificateResult> Sorted(IEnumerable<CertificateResult> all, string sort) => sort switch
    {
        // What needs attention comes first.
        "expiry" => all.OrderBy(one => one.NotAfter ?? DateTimeOffset.MinValue).ThenBy(one => one.Host, StringComparer.Ordinal),
        "state" => all.OrderBy(one => one.State, StringComparer.Ordinal).ThenBy(one => one.Host, StringComparer.Ordinal),
        _ => all.OrderBy(one => one.Host, StringComparer.Ordinal),
    };

    private static string[] Row(CertificateResult one) =>
        [one.Host, one.State, one.Issuer ?? "-", Text(one.NotAfter), Text(one.RenewAt), Text(one.NextAttempt), one.LastError ?? "-"];

    private static string Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture)
        ?? "-";
}

/// <summary>What <c>certificates list --json</c> prints.</summary>
internal sealed record CertificatesResult(IReadOnlyList<CertificateResult> Certificates);

/// <summary>One certificate, as <c>certificates list --json</c> and <c>certificates renew --json</c> print it.</summary>
/// <param name="State">As in <c>/health</c>, or <c>revoked</c>, <c>unused</c> (the host is no longer configured), or <c>unreadable</c> (its
/// row in the store is damaged).</param>
internal sealed record CertificateResult(
    string Host, string State, string? Issuer,
    DateTimeOffset? NotBefore, DateTimeOffset? NotAfter, DateTimeOffset? ObtainedAt, DateTimeOffset? RenewAt, DateTimeOffset? NextAttempt,
    string? LastError, DateTimeOffset? RevokedAt, string? DirectoryUrl)
{
    public static CertificateResult Of(CertificateRecord record, DateTimeOffset now)
    {
        var certificate = record.Certificate;
        return new CertificateResult(
            record.Host, StateOf(record, now), certificate?.Issuer,
            certificate?.NotBefore, certificate?.NotAfter, certificate?.ObtainedAt, record.RenewAt,
            record.Failure is null && certificate is not null ? null : CertificateAssessor.NextAttempt(record.DueAt, now),
            record.Damage ?? record.Failure?.Message,
            certificate?.RevokedAt, certificate?.DirectoryUrl);
    }

    private static string StateOf(CertificateRecord record, DateTimeOffset now) => record.Certificate switch
    {
        _ when record.Damage is not null => "unreadable",
        _ when record.DueAt is null => "unused",
        null => record.Failure is null ? "pending" : "failed",
        { RevokedAt: not null } => "revoked",
        var certificate => CertificateAssessor.StateOf(
            certificate.NotBefore, certificate.NotAfter, now, record.RenewAt, record.Failure is not null),
    };
}
