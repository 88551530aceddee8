using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace MtaStsHost.Configuration;

internal enum OptionKind
{
    Value,
    List,
    Map,
    Section,
    SectionList,
    SectionMap,
}

/// <summary>A property of an options class, and what its attributes say.</summary>
internal sealed class OptionsProperty(PropertyInfo property)
{
    public PropertyInfo Info => property;

    public string Name => property.Name;

    /// <summary>Of a value.</summary>
    public Type Type { get; } = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    public OptionKind Kind { get; } = KindOf(property.PropertyType);

    /// <summary>Of a section, or of the sections in a list or map.</summary>
    public OptionsType? Section => OptionsType.Find(property.PropertyType.IsGenericType
        ? property.PropertyType.GenericTypeArguments[^1] : property.PropertyType);

    // Attributes are read when they are needed: all of them would take a tenth of the time that the service needs to start.
    public SecretAttribute? Secret => property.GetCustomAttribute<SecretAttribute>();

    public bool IsOneOrMore => Kind == OptionKind.List && property.IsDefined(typeof(OneOrMoreAttribute));

    /// <summary>The key whose value may stand for the section.</summary>
    public string? OrValueOf => Kind == OptionKind.Section ? property.GetCustomAttribute<OrValueOfAttribute>()?.Key : null;

    private ValidationAttribute[] Rules => field ??= [.. property.GetCustomAttributes<ValidationAttribute>()];

    public T? Find<T>() where T : class => Array.Find(Rules, rule => rule is T) as T;

    public object? Get(object options) => property.GetValue(options);

    public void Set(object options, object value) => property.SetValue(options, value);

    private static OptionKind KindOf(Type type) =>
        type == typeof(List<string>) ? OptionKind.List
        : type == typeof(Dictionary<string, string>) ? OptionKind.Map
        : OptionsType.Find(type) is not null ? OptionKind.Section
        : !type.IsGenericType || Nullable.GetUnderlyingType(type) is not null ? OptionKind.Value
        : type.GetGenericTypeDefinition() == typeof(List<>) ? OptionKind.SectionList : OptionKind.SectionMap;
}

/// <summary>An options class. All of them are listed here, so that native AOT keeps their properties.</summary>
internal sealed class OptionsType(Func<object> create, Func<OptionsProperty[]> read)
{
    private static readonly FrozenDictionary<Type, OptionsType> s_all = new[]
    {
        Of<RootOptions>(), Of<KestrelOptions>(), Of<EndpointOptions>(), Of<MtaStsOptions>(), Of<DomainOptions>(), Of<DkimOptions>(),
        Of<TlsOptions>(), Of<CertificateOptions>(), Of<AcmeOptions>(), Of<FallbackOptions>(), Of<EabCredentialsOptions>(),
        Of<CheckOptions>(), Of<DnsOptions>(), Of<TraefikOptions>(), Of<StorageOptions>(), Of<KnownProxiesOptions>(),
        Of<SerilogOptions>(), Of<MinimumLevelOptions>(),
    }.ToFrozenDictionary(entry => entry.Type, entry => entry.Options);

    public static OptionsType Root => s_all[typeof(RootOptions)];

    /// <summary>Makes one with the defaults.</summary>
    public Func<object> Create { get; } = create;

    public OptionsProperty[] Properties => field ??= read();

    public static OptionsType? Find(Type type) => s_all.GetValueOrDefault(type);

    public OptionsProperty this[string name] => Properties.Single(property => property.Name == name);

    private static (Type Type, OptionsType Options) Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>()
        where T : class, new() =>
        (typeof(T), new OptionsType(() => new T(),
            () => [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(info => new OptionsProperty(info))]));
}
