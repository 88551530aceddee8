using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

/// <summary>The shells' completion, in bash as its user has it.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly HostInstallation _host = new("{ }");

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("MtaStsHost val", "validate")]
    [InlineData("MtaStsHost certificates re", "renew revoke")]
    [InlineData("MtaStsHost validate --fail-on un", "unknown")]
    [InlineData("MtaStsHost import --for", "--force")]
    [InlineData("MtaStsHost records --config ", "")] // a file: the shell's own completion
    public async Task Bash_completes_verbs_and_options(string line, string expected)
    {
        _host.Folder.Write("MtaStsHost", $"#!/bin/sh\nexec {string.Join(' ', _host.Command)} \"$@\"\n");
        const string Script = """
            chmod 755 MtaStsHost; PATH=$PWD:$PATH
            source <(MtaStsHost completion bash)
            COMP_LINE=$0 COMP_POINT=${#0} COMP_WORDS=($0)
            [ "${0% }" = "$0" ] || COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _mtastshost
            echo "${COMPREPLY[*]}"
            """;

        var (status, output) = await Tools.RunAsync("env", "-C", _host.Folder.Path, "bash", "-c", Script, line);

        Assert.Equal((0, expected + "\n"), (status, output));
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _mtastshost MtaStsHost")]
    [InlineData("zsh", "compdef _mtastshost MtaStsHost")]
    [InlineData("fish", "complete -c MtaStsHost -a '(__mtastshost_complete)'")]
    public async Task Each_shell_has_its_script(string shell, string line)
    {
        var result = await _host.RunAsync("completion", shell);

        Assert.Equal(0, result.ExitCode);
        Assert.EndsWith($"\n{line}\n", result.Output, StringComparison.Ordinal);
    }
}
