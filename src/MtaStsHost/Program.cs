return await MtaStsHost.Cli.CommandLine.RunAsync(args);

/// <summary>The entry point; public for the tests' WebApplicationFactory.</summary>
public partial class Program;
