using System.Collections.Frozen;

namespace Acme;

/// <summary>Problem documents as public types. RFC 8555 §6.7.</summary>
internal static class ProblemReader
{
    private const int MaxSubproblems = 200;

    private static readonly FrozenDictionary<string, AcmeErrorType> s_types = Enum.GetValues<AcmeErrorType>()
        .Where(static type => type != AcmeErrorType.Unknown)
        .ToFrozenDictionary(static type => $"{AcmeProblem.Namespace}{char.ToLowerInvariant(type.ToString()[0])}{type.ToString()[1..]}");

    public static AcmeProblem Read(WireProblem wire) => Read(wire, nested: false);

    private static AcmeProblem Read(WireProblem wire, bool nested) => new()
    {
        Type = AcmeProblem.Clean(wire.Type) is { Length: > 0 } type ? type : "about:blank",
        ErrorType = s_types.GetValueOrDefault(wire.Type ?? ""),
        Title = AcmeProblem.Clean(wire.Title),
        Detail = AcmeProblem.Clean(wire.Detail),
        Status = wire.Status,
        Instance = AcmeProblem.Clean(wire.Instance),
        Identifier = wire.Identifier is { Value: { } value } identifier
            ? new Identifier(AcmeProblem.Clean(identifier.Type) ?? "", AcmeProblem.Clean(value)!)
            : null,
        // RFC 8555 §6.7.1: subproblems have no subproblems.
        Subproblems = nested || wire.Subproblems is null
            ? []
            : [.. wire.Subproblems.OfType<WireProblem>().Take(MaxSubproblems).Select(static sub => Read(sub, nested: true))],
    };
}
