using System.ComponentModel.DataAnnotations;

namespace MtaStsHost.Configuration;

/// <summary>A rule for one text, for each entry of a list, or for each value of a map.</summary>
internal abstract class TextAttribute : ValidationAttribute
{
    /// <summary>What editors can check: a regular expression of ECMA-262; <c>null</c>: nothing.</summary>
    public virtual string? Pattern => null;

    /// <returns>What goes after the quoted value, and after a semicolon the remedy; <c>null</c>: the text is good.</returns>
    public abstract string? Fault(string text);
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
