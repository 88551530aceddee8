using System.Reflection;
using MtaStsHost.Checks.Catalogue;

namespace MtaStsHost.Tests.Checks;

/// <summary>All descriptors of the catalogue, in its order.</summary>
internal static class FindingCatalogue
{
    public static readonly IReadOnlyList<(Type Group, FindingDescriptor Descriptor)> Entries =
    [
        .. typeof(FindingDescriptor).Assembly.GetTypes().Where(type => type.Namespace == typeof(FindingDescriptor).Namespace)
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static), (type, field) => (type, Value: field.GetValue(null)))
            .SelectMany(entry => entry.Value switch
            {
                FindingDescriptor one => [one],
                FetchFailure all => [all.Fails, all.FailsInPart, all.FailsBefore, all.FailsUnwanted],
                _ => Array.Empty<FindingDescriptor>(),
            }, (entry, descriptor) => (entry.type, descriptor)),
    ];

    public static IEnumerable<FindingDescriptor> All => Entries.Select(entry => entry.Descriptor);
}
