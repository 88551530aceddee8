using System.Globalization;
using System.Text;

namespace MtaSts;

/// <summary>Writes a policy as the text that senders read. RFC 8461 §3.2.</summary>
public static class PolicyFormatter
{
    /// <summary>
    /// The body to serve: <c>version</c>, <c>mode</c>, the <c>mx</c> fields in the policy's order, <c>max_age</c>; every line
    /// ends with CRLF; ASCII. RFC 8461 §3.2. Some senders stop reading at <see cref="Policy.MaxBodyBytes"/>; that is not checked here.
    /// </summary>
    /// <param name="policy">The policy.</param>
    /// <returns>The body.</returns>
    public static byte[] Format(Policy policy) => Format(policy, policy.Mx, "\r\n");

    /// <summary>
    /// The text that <see cref="PolicyId.Compute"/> takes the hash of: the same with LF at the line ends and the <c>mx</c> lines
    /// sorted by byte order, so that the order in a configuration doesn't matter.
    /// </summary>
    /// <param name="policy">The policy.</param>
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
