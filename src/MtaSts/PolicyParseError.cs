namespace MtaSts;

/// <summary>Where and why a body is no policy.</summary>
/// <param name="Line">The line, from 1. What is missing is missing after the last line; a fault of the whole body is at 1.</param>
/// <param name="Column">The byte in the line, from 1.</param>
/// <param name="Kind">Which rule is broken.</param>
/// <param name="Message">One line for people; without anything out of the body, so without its control characters.</param>
public sealed record PolicyParseError(int Line, int Column, PolicyParseErrorKind Kind, string Message)
{
    /// <summary>The message with its place, such as <c>line 2, column 7: the mode is none of none, testing, enforce</c>.</summary>
    /// <returns>One line.</returns>
    public override string ToString() => $"line {Line}, column {Column}: {Message}";
}
