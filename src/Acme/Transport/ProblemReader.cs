using System.Collections.Frozen;

namespace Acme;

/// <summary>
/// Problem documents: RFC 8555 §6.7. A member of the wrong type is ignored, as RFC 9457 §3.1 requires: the rest may say that the request is
/// to be repeated, or only tomorrow.
/// </summary>
internal static class ProblemReader
{
    private const int MaxSubproblems = 200;

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = AcmeJsonContext.Default.Options.MaxDepth };

    private static readonly FrozenDictionary<string, AcmeErrorType> s_errorTypes = Enum.GetValues<AcmeErrorType>()
        .ToFrozenDictionary(static type => $"{AcmeProblem.Namespace}{char.ToLowerInvariant(type.ToString()[0])}{type.ToString()[1..]}");

    /// <summary>Null for a body that is not a JSON object.</summary>
    public static AcmeProblem? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return Read(JsonElement.Parse(json, s_options));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Null for anything but an object.</summary>
    public static AcmeProblem? Read(JsonElement problem) =>
        problem.ValueKind == JsonValueKind.Object ? ReadObject(problem, nested: false) : null;

    private static AcmeProblem ReadObject(JsonElement problem, bool nested)
    {
        var type = Text(problem, "type");
        return new AcmeProblem
        {
            Type = AcmeProblem.Clean(type) is { Length: > 0 } text ? text : "about:blank",
            ErrorType = s_errorTypes.GetValueOrDefault(type ?? ""),
            Title = AcmeProblem.Clean(Text(problem, "title")),
            Detail = AcmeProblem.Clean(Text(problem, "detail")),
            Status = Member(problem, "status", JsonValueKind.Number) is { } number && number.TryGetInt32(out var status) ? status : null,
            Instance = AcmeProblem.Clean(Text(problem, "instance")),
            Identifier = Member(problem, "identifier", JsonValueKind.Object) is { } identifier && Text(identifier, "value") is { } value
                ? new Identifier(AcmeProblem.Clean(Text(identifier, "type")) ?? "", AcmeProblem.Clean(value)!)
                : null,
            // RFC 8555 §6.7.1: subproblems have no subproblems.
            Subproblems = nested || Member(problem, "subproblems", JsonValueKind.Array) is not { } subproblems
                ? []
                : [.. subproblems.EnumerateArray().Where(static one => one.ValueKind == JsonValueKind.Object).Take(MaxSubproblems)
                    .Select(static one => ReadObject(one, nested: true))],
        };
    }

    private static string? Text(JsonElement parent, string name) =>
        ReadOrNull(() => Member(parent, name, JsonValueKind.String)?.GetString());

    private static JsonElement? Member(JsonElement parent, string name, JsonValueKind kind) =>
        ReadOrNull<JsonElement?>(() => parent.TryGetProperty(name, out var member) && member.ValueKind == kind ? member : null);

    /// <summary>A name or text with half of a surrogate pair, or that is not UTF-8, is only found when it is read.</summary>
    private static T? ReadOrNull<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }
}
