namespace MtaSts;

/// <summary>Where and why a body is not a policy.</summary>
/// <param name="Line">The line, from 1. A missing field is reported after the last line, an error of the whole body at 1.</param>
/// <param name="Column">The byte within the line, from 1.</param>
/// <param name="Kind">The broken rule.</param>
/// <param name="Message">One line; never repeats the body.</param>
public sealed record PolicyParseError(int Line, int Column, PolicyParseErrorKind Kind, string Message)
{
    /// <summary>The message with its position: <c>line 2, column 7: expected the mode none, testing or enforce</c>.</summary>
    /// <returns>One line.</returns>
    public override string ToString() => $"line {Line}, column {Column}: {Message}";
}
