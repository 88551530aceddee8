using System.Reflection;
using MtaStsHost.Checks.Catalogue;

namespace MtaStsHost.Tests.Checks;

/// <summary>All descriptors of the catalogue, in its order.</summary>
internal static class FindingCatalogue
{
    /// <param name="IsVariant">A failed fetch in a situation that makes it less severe.</param>
    internal sealed record Entry(Type Group, FindingDescriptor Descriptor, bool IsVariant);

    public static readonly IReadOnlyList<Entry> Entries =
    [
        .. typeof(FindingDescriptor).Assembly.GetTypes().Where(type => type.Namespace == typeof(FindingDescriptor).Namespace)
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .SelectMany(field => field.GetValue(null) switch
            {
                FindingDescriptor one => [new(field.DeclaringType!, one, false)],
                FetchFailure all => new[] { all.Fails, all.FailsInPart, all.FailsBefore, all.FailsUnwanted }
                    .Select(each => new Entry(field.DeclaringType!, each, each != all.Fails)),
                _ => Enumerable.Empty<Entry>(),
            }),
    ];

    public static IEnumerable<FindingDescriptor> All => Entries.Select(entry => entry.Descriptor);
}
