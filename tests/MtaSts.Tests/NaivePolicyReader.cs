using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MtaSts.Tests;

/// <summary>
/// The grammar of RFC 8461 §3.2 once more, as plainly as it can be written, for the parser to be compared with. Bytes stand
/// as Latin-1 characters. It knows nothing of A-labels: tests don't give it any.
/// </summary>
internal static partial class NaivePolicyReader
{
    public static Policy? Read(byte[] body)
    {
        var lines = Encoding.Latin1.GetString(body).Split('\n').ToList();
        if (body.Length is 0 or > 65536)
            return null;
        for (var i = 0; i < lines.Count - 1; i++)
            if (lines[i].EndsWith('\r'))
                lines[i] = lines[i][..^1];
        if (lines[^1].Length == 0)
            lines.RemoveAt(lines.Count - 1);
        var fields = lines.ConvertAll(static line => Field().Match(line));
        if (fields.Any(static field => !field.Success || !IsUtf8(field.Groups[2].Value)))
            return null;
        string? First(string name) => fields.Find(field => field.Groups[1].Value == name)?.Groups[2].Value;
        var all = fields.Where(static field => field.Groups[1].Value == "mx").Select(static field => field.Groups[2].Value).ToList();
        var mx = all.FindAll(static text => Host().IsMatch(text));
        var mode = First("mode") switch { "none" => PolicyMode.None, "testing" => PolicyMode.Testing, "enforce" => PolicyMode.Enforce,
            _ => (PolicyMode?)null };
        var maxAge = First("max_age") is { } text && MaxAge().IsMatch(text) ? long.Parse(text, CultureInfo.InvariantCulture) : -1;
        if (First("version") != "STSv1" || mode is null || maxAge is < 0 or > 31557600
            || all.Exists(static text => !Grammar().IsMatch(text))
            || (mx.Count == 0 && mode != PolicyMode.None))
            return null;
        return new Policy(mode.Value, mx.ConvertAll(Policies.Mx), (int)maxAge);
    }

    private static bool IsUtf8(string latin1)
    {
        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(Encoding.Latin1.GetBytes(latin1));
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    [GeneratedRegex(
        @"\A([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*([\x21-\x7E\x80-\xFF](?:[\x20-\x7E\x80-\xFF]*[\x21-\x7E\x80-\xFF])?)[ \t]*\z")]
    private static partial Regex Field();

    [GeneratedRegex(@"\A(?:\*\.)?(?!-)[a-zA-Z0-9-]+(?<!-)(?:\.(?!-)[a-zA-Z0-9-]+(?<!-))*\z")]
    private static partial Regex Grammar();

    [GeneratedRegex(@"\A[0-9]{1,10}\z")]
    private static partial Regex MaxAge();

    [GeneratedRegex(
        @"\A(?=[a-zA-Z0-9.*-]{1,253}\z)(?:\*\.)?(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+"
            + @"(?![0-9]+\z)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\z")]
    private static partial Regex Host();
}
