using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests;

/// <summary>The arrows of docs/architecture.md, compared with the types that methods, fields and signatures of each namespace name in the
/// compiled code.</summary>
public sealed partial class ArchitectureTests
{
    private const string Service = "MtaStsHost.";

    /// <summary>Every folder may use them.</summary>
    private static readonly string[] s_leaves = ["Http", "Runtime", "Text"];

    /// <summary>By folder, the last column of the table in docs/architecture.md.</summary>
    private static readonly Dictionary<string, string> s_rows = Row()
        .Matches(File.ReadAllText(Path.Combine(HostBinary.Repository, "docs", "architecture.md")))
        .ToDictionary(match => match.Groups["folder"].Value, match => match.Groups["uses"].Value.Trim('–'));

    private static readonly Dictionary<string, HashSet<string>> s_uses = ReadUses(typeof(MtaStsHostBuilder).Assembly.Location);

    public static TheoryData<string> Folders => [.. s_uses.Keys.Where(name => name.StartsWith(Service, StringComparison.Ordinal))
        .Select(name => name[Service.Length..]).Where(folder => folder.Split('.')[0] != "Cli")];

    [Theory]
    [InlineData(typeof(MtaSts.Policy))]
    [InlineData(typeof(Acme.AcmeClient))]
    [InlineData(typeof(MailRecords.SpfRecord))]
    public void Library_References_AreTheBaseLibraryAlone(Type inIt)
    {
        using var file = new PEReader(File.OpenRead(inIt.Assembly.Location));
        var reader = file.GetMetadataReader();

        Assert.All(
            reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name)),
            name => Assert.True(name.StartsWith("System.", StringComparison.Ordinal)
                && !name.StartsWith("System.CommandLine", StringComparison.Ordinal), name));
    }

    [Fact]
    public void Uses_AreSeenAtAll()
    {
        // If the reader saw nothing, some tests below would pass.
        Assert.Contains("MtaStsHost.Configuration", s_uses["MtaStsHost.Serving"]);
        Assert.Contains("MtaStsHost.Certificates", s_uses["MtaStsHost.Listeners.Tls"]);
        Assert.Contains("MtaStsHost.Network", s_uses["MtaStsHost.Certificates.Issuing.Preflight"]);
        Assert.Contains("Acme", s_uses["MtaStsHost.Certificates.Issuing"]);
        Assert.Contains("MtaStsHost.Serving", s_uses["MtaStsHost.Hosting"]);
        Assert.Contains("System.CommandLine", s_uses["MtaStsHost.Cli"]);
        Assert.Contains("MtaSts", s_uses["MtaStsHost.Serving"]);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Folder_Uses_AreThoseOfItsRow(string folder)
    {
        var used = s_uses[Service + folder].Where(name => name.StartsWith(Service, StringComparison.Ordinal))
            .Select(name => name[Service.Length..]).Except(s_leaves).Where(name => name != folder);

        Assert.Equal(s_rows[folder], string.Join(", ", used.Order(StringComparer.Ordinal).Select(name => $"`{name}`")));
    }

    [Fact]
    public void Acme_IsUsedByCertificatesAndWhatComposesThem()
    {
        // The composition root and the verbs may use anything; no other folder knows how certificates are ordered.
        var users = s_uses.Where(entry => entry.Value.Contains("Acme")).Select(entry => entry.Key);

        Assert.All(users, user => Assert.True(
            user == "MtaStsHost" || user is "MtaStsHost.Configuration" or "MtaStsHost.Listeners.Tls"
                || user.StartsWith("MtaStsHost.Certificates", StringComparison.Ordinal)
                || user.StartsWith("MtaStsHost.Cli", StringComparison.Ordinal), user));
    }

    [Fact]
    public void CommandLineAndConsole_AreUsedByCliAlone()
    {
        var users = s_uses.Where(entry => entry.Value.Any(name => name.StartsWith("System.CommandLine", StringComparison.Ordinal)
            || name.StartsWith("Spectre.", StringComparison.Ordinal)));

        Assert.Equal(["MtaStsHost.Cli", "MtaStsHost.Cli.Certificates"],
            users.Select(entry => entry.Key).Order(StringComparer.Ordinal));
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"^\| `(?<folder>[\w.]+)` \| [^|]+ \| (?<uses>[^|]+) \|$",
        System.Text.RegularExpressions.RegexOptions.Multiline)]
    private static partial System.Text.RegularExpressions.Regex Row();

    /// <summary>The namespaces that each namespace uses.</summary>
    private static Dictionary<string, HashSet<string>> ReadUses(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var reader = file.GetMetadataReader();
        var uses = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            var from = NamespaceOf(reader, handle);
            if (!uses.TryGetValue(from, out var known)) uses[from] = known = new(StringComparer.Ordinal);
            var names = new UsedNamespaces(reader, known);
            names.Add(type.BaseType);
            foreach (var implemented in type.GetInterfaceImplementations()) names.Add(
                reader.GetInterfaceImplementation(implemented).Interface);
            foreach (var field in type.GetFields()) reader.GetFieldDefinition(field).DecodeSignature(names, null);
            foreach (var method in type.GetMethods())
            {
                var definition = reader.GetMethodDefinition(method);
                definition.DecodeSignature(names, null);
                if (definition.RelativeVirtualAddress == 0) continue;
                var body = file.GetMethodBody(definition.RelativeVirtualAddress);
                if (!body.LocalSignature.IsNil) reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(names, null);
                foreach (var token in Tokens(reader, body.GetILBytes()!)) names.Add(token);
            }
        }

        return uses;
    }

    private static string NamespaceOf(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } outer ? NamespaceOf(reader, outer) : reader.GetString(type.Namespace);
    }

    /// <summary>The metadata tokens in a method's instructions.</summary>
    private static IEnumerable<EntityHandle> Tokens(MetadataReader reader, byte[] il)
    {
        for (var at = 0; at < il.Length;)
        {
            var code = il[at] == 0xfe ? (ILOpCode)(0xfe00 | il[at + 1]) : (ILOpCode)il[at];
            at += il[at] == 0xfe ? 2 : 1;
            var size = OperandSize(code, il, at);
            if (size == 4 && TakesToken(code))
            {
                var token = BitConverter.ToInt32(il, at);
                if (token >> 24 is 0x01 or 0x02 or 0x04 or 0x06 or 0x0a
                    or 0x1b or 0x2b) yield return (EntityHandle)System.Reflection.Metadata.Ecma335.MetadataTokens.Handle(token);
            }

            at += size;
        }
    }

    private static bool TakesToken(ILOpCode code) => code
        is ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj or ILOpCode.Jmp or ILOpCode.Ldftn or ILOpCode.Ldvirtftn or ILOpCode.Ldtoken
        or ILOpCode.Ldfld or ILOpCode.Ldflda or ILOpCode.Stfld or ILOpCode.Ldsfld or ILOpCode.Ldsflda or ILOpCode.Stsfld
        or ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Box or ILOpCode.Unbox or ILOpCode.Unbox_any or ILOpCode.Newarr
        or ILOpCode.Ldelem or ILOpCode.Stelem or ILOpCode.Ldelema or ILOpCode.Ldobj or ILOpCode.Stobj or ILOpCode.Cpobj or ILOpCode.Initobj
        or ILOpCode.Constrained or ILOpCode.Sizeof or ILOpCode.Mkrefany or ILOpCode.Refanyval;

    private static int OperandSize(ILOpCode code, byte[] il, int at) => code switch
    {
        ILOpCode.Switch => 4 + (4 * BitConverter.ToInt32(il, at)),
        ILOpCode.Ldc_i8 or ILOpCode.Ldc_r8 => 8,
        ILOpCode.Ldc_i4 or ILOpCode.Ldc_r4 or ILOpCode.Ldstr or ILOpCode.Calli => 4,
        ILOpCode.Ldc_i4_s or ILOpCode.Ldarg_s or ILOpCode.Ldarga_s or ILOpCode.Starg_s
            or ILOpCode.Ldloc_s or ILOpCode.Ldloca_s or ILOpCode.Stloc_s or ILOpCode.Unaligned => 1,
        ILOpCode.Ldarg or ILOpCode.Ldarga or ILOpCode.Starg or ILOpCode.Ldloc or ILOpCode.Ldloca or ILOpCode.Stloc => 2,
        _ when TakesToken(code) => 4,
        _ when code.IsBranch() => code.GetBranchOperandSize(),
        _ => 0,
    };

    /// <summary>Collects the namespaces of the types that signatures and tokens name.</summary>
    private sealed class UsedNamespaces(MetadataReader reader, HashSet<string> names) : ISignatureTypeProvider<int, object?>
    {
        public void Add(EntityHandle handle)
        {
            if (handle.IsNil) return;
            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    names.Add(NamespaceOf(reader, (TypeDefinitionHandle)handle));
                    break;
                case HandleKind.TypeReference:
                    var type = reader.GetTypeReference((TypeReferenceHandle)handle);
                    if (type.ResolutionScope.Kind == HandleKind.TypeReference) Add(type.ResolutionScope);
                    else names.Add(reader.GetString(type.Namespace));
                    break;
                case HandleKind.TypeSpecification:
                    reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                    break;
                case HandleKind.MethodDefinition:
                    Add(reader.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.FieldDefinition:
                    Add(reader.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.MemberReference:
                    var member = reader.GetMemberReference((MemberReferenceHandle)handle);
                    Add(member.Parent);
                    if (member.GetKind() == MemberReferenceKind.Method) member.DecodeMethodSignature(this, null);
                    else member.DecodeFieldSignature(this, null);
                    break;
                case HandleKind.MethodSpecification:
                    var method = reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                    Add(method.Method);
                    method.DecodeSignature(this, null);
                    break;
                default:
                    throw new InvalidOperationException($"{handle.Kind}");
            }
        }

        public int GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Added(handle);

        public int GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Added(handle);

        public int GetTypeFromSpecification(MetadataReader reader, object? genericContext,
            TypeSpecificationHandle handle, byte rawTypeKind) => Added(handle);

        public int GetArrayType(int elementType, ArrayShape shape) => 0;

        public int GetByReferenceType(int elementType) => 0;

        public int GetFunctionPointerType(MethodSignature<int> signature) => 0;

        public int GetGenericInstantiation(int genericType, System.Collections.Immutable.ImmutableArray<int> typeArguments) => 0;

        public int GetGenericMethodParameter(object? genericContext, int index) => 0;

        public int GetGenericTypeParameter(object? genericContext, int index) => 0;

        public int GetModifiedType(int modifier, int unmodifiedType, bool isRequired) => 0;

        public int GetPinnedType(int elementType) => 0;

        public int GetPointerType(int elementType) => 0;

        public int GetPrimitiveType(PrimitiveTypeCode typeCode) => 0;

        public int GetSZArrayType(int elementType) => 0;

        private int Added(EntityHandle handle)
        {
            Add(handle);
            return 0;
        }
    }
}
