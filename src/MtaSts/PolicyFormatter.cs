namespace MtaSts;

/// <summary>Writes a policy as the text that senders read. RFC 8461 §3.2.</summary>
public static class PolicyFormatter
{
    /// <summary>
    /// The body to serve: <c>version</c>, <c>mode</c>, the <c>mx</c> fields in the policy's order, <c>max_age</c>, in ASCII, each line
    /// ending with CRLF. RFC 8461 §3.2. May be longer than <see cref="Policy.MaxBodyBytes"/>, where some senders stop reading.
    /// </summary>
    public static byte[] Format(Policy policy) => Format(policy, policy.Mx, "\r\n");

    /// <summary>
    /// The text that <see cref="PolicyId.Compute"/> hashes: lines end with LF, and <c>mx</c> lines are sorted by byte order, so that their
    /// order in a configuration doesn't matter.
    /// </summary>
    /// <returns>The text, ASCII.</returns>
    public static byte[] FormatCanonical(Policy policy) =>
        Format(policy, policy.Mx.OrderBy(static pattern => pattern.Value, StringComparer.Ordinal), "\n");

    private static byte[] Format(Policy policy, IEnumerable<MxPattern> mx, string lineEnd)
    {
        var text = new StringBuilder("version: STSv1").Append(lineEnd)
            .Append("mode: ").Append(PolicyModes.ToText(policy.Mode)).Append(lineEnd);
        foreach (var pattern in mx)
            text.Append("mx: ").Append(pattern.Value).Append(lineEnd);
        text.Append(CultureInfo.InvariantCulture, $"max_age: {policy.MaxAge}").Append(lineEnd);
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
