namespace MtaStsHost.Certificates.Issuing.Preflight;

/// <summary>Why the CA refuses, or probably will, and how to fix it.</summary>
internal sealed record PreflightFinding(string What, string Remedy)
{
    public override string ToString() => $"{What}; {Remedy}";
}
