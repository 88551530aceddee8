using CsCheck;

namespace MtaSts.Tests;

/// <summary>Policies for tests, written short.</summary>
internal static class Policies
{
    /// <summary>Any valid policy.</summary>
    public static readonly Gen<Policy> Any = Gen.Select(
        Gen.Enum<PolicyMode>(),
        Gen.Select(Gen.Bool, Gen.OneOf("mail", "mx1", "xn--bcher-kva", "a-b"), Gen.Int[0, 9], static (wildcard, label, number) =>
            Mx($"{(wildcard ? "*." : "")}{label}.example{number}.net")).Array[0, 8],
        Gen.Int[0, Policy.MaxMaxAge],
        static (mode, mx, maxAge) => new Policy(mx.Length == 0 ? PolicyMode.None : mode, mx, maxAge));

    public static MxPattern Mx(string text) =>
        MxPattern.TryParse(text, out var pattern, out var error) ? pattern : throw new ArgumentException(error, nameof(text));

    public static Policy Make(PolicyMode mode, int maxAge, params string[] mx) => new(mode, mx.Select(Mx), maxAge);
}
