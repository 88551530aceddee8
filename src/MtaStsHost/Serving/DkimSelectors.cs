using System.Buffers;
using System.Collections.Immutable;
using MtaStsHost.Configuration;

namespace MtaStsHost.Serving;

/// <summary>A domain's <c>Dkim:Selectors</c>.</summary>
internal static class DkimSelectors
{
    /// <summary>That many are looked at: each costs the check a question, and nobody signs with more.</summary>
    public const int MaxCount = 32;

    private const int MaxLabel = 63;

    /// <summary>What <c>._domainkey.</c> and the shortest domain leave of a name's 253 characters.</summary>
    private const int MaxLength = 253 - 15;

    /// <summary>RFC 6376 §3.1, and the underscore, which is seen in the field.</summary>
    private static readonly SearchValues<char> s_characters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    /// <returns><c>null</c>: not set.</returns>
    public static ImmutableArray<string>? Read(string path, List<SettingValue?>? settings, ProblemList problems)
    {
        if (settings is null) return null;
        var selectors = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; i < settings.Count; i++)
        {
            if (settings[i] is not { Kind: SettingKind.Text } setting) continue;
            var text = setting.Text!;
            if (Fault(text) is { } fault)
                problems.Error($"{path}:Dkim:Selectors:{i}", setting.Origin,
                    $"{ProblemList.Quote(text)} is not a DKIM selector: it {fault}",
                    "write what stands before ._domainkey, such as selector1 (RFC 6376 §3.1)");
            else if (!selectors.Contains(text, StringComparer.OrdinalIgnoreCase)) selectors.Add(text);
        }

        if (selectors.Count > MaxCount)
            problems.Error($"{path}:Dkim:Selectors", settings.OfType<SettingValue>().First().Origin,
                $"has {selectors.Count} selectors, and {MaxCount} at most are looked at", "list those that mail is signed with");
        return selectors.DrainToImmutable();
    }

    /// <returns>What is wrong, to go after the selector; <c>null</c>: nothing.</returns>
    private static string? Fault(string text)
    {
        if (text.Contains("_domainkey", StringComparison.OrdinalIgnoreCase)) return "has _domainkey in it";
        if (text.Length > MaxLength) return $"has more than {MaxLength} characters";
        foreach (var label in text.Split('.'))
        {
            if (label.Length is 0 or > MaxLabel) return $"has a label that is empty or longer than {MaxLabel} characters";
            if (label.AsSpan().ContainsAnyExcept(s_characters)) return "has a character that is no letter, digit, hyphen or dot";
            if (label[0] == '-' || label[^1] == '-') return "has a label that begins or ends with a hyphen";
        }

        return null;
    }
}
