using System.ComponentModel.DataAnnotations;

namespace MtaStsHost.Configuration;

/// <summary>
/// Validates one text, each entry of a list, or each value of a map. The message of a failure is <c>MEMBER: what; remedy</c>; several are
/// separated by <see cref="Separator"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal abstract class TextAttribute : ValidationAttribute
{
    public const char Separator = '\u001E';

    /// <summary>What editors can check: a regular expression of ECMA-262; <c>null</c>: nothing.</summary>
    public virtual string? Pattern => null;

    /// <summary>How an entry of a list or map is called in messages. A key may contain anything.</summary>
    public static string Member(string name, object key) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}[{key}]").Replace(Separator, ' ');

    /// <returns>What goes after the quoted value, and after a semicolon the remedy; <c>null</c>: the text is good.</returns>
    public abstract string? Fault(string text);

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var name = validationContext.DisplayName;
        var faults = value switch
        {
            string text => One(name, text),
            List<string> list => list.SelectMany((text, i) => One(Member(name, i), text)),
            Dictionary<string, string> map => map.SelectMany(entry => One(Member(name, entry.Key), entry.Value)),
            _ => [],
        };
        var message = string.Join(Separator, faults);
        return message.Length == 0 ? ValidationResult.Success : new ValidationResult(message);
    }

    private IEnumerable<string> One(string name, string text) => Fault(text) is { } fault ? [$"{name}: {fault}"] : [];
}

/// <summary>One of a few words, compared without regard to case; the binder spells it as it is written here.</summary>
internal sealed class ChoiceAttribute(params string[] words) : TextAttribute
{
    public IReadOnlyList<string> Words { get; } = words;

    public override string? Fault(string text) => Words.Contains(text) ? null
        : Words.Count == 1 ? $"is not known here; use {Words[0]}"
        : $"is not known here; use {string.Join(", ", Words.SkipLast(1))} or {Words[^1]}";

    public string Spell(string text) => Words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? text;
}

/// <summary>The value must not be shown.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute
{
    /// <summary>A part of it may be secret, such as a password in a connection string.</summary>
    public bool IsPartly { get; set; }
}

/// <summary>A list that may also be written as one value.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOrMoreAttribute : Attribute;

/// <summary>A section that may also be written as the value of one of its keys.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OrValueOfAttribute(string key) : Attribute
{
    public string Key { get; } = key;
}

/// <summary>How the documentation calls the keys of a map.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EntryNameAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
