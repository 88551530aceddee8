using System.CommandLine;

namespace MtaStsHost.Cli;

/// <summary>
/// <c>completion</c>: prints a script with which a shell completes verbs and options. The script asks the program itself
/// (<c>[suggest:POSITION]</c>, a directive of the library), so it never differs from the installed version.
/// </summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # Completion of MtaStsHost for bash. In ~/.bashrc: source <(MtaStsHost completion bash)
        _mtastshost() {
            local line=${COMP_LINE#"${COMP_WORDS[0]}"} IFS=$'\n'
            line=${line# }
            local position=$((${#line} - ${#COMP_LINE} + COMP_POINT))
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:$position]" "$line" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _mtastshost MtaStsHost
        """;

    private const string Zsh = """
        #compdef MtaStsHost
        # Completion of MtaStsHost for zsh. In ~/.zshrc, after compinit: source <(MtaStsHost completion zsh)
        _mtastshost() {
            local line="${(j: :)words[2,CURRENT]}"
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            if [[ -n "${found[*]}" ]]; then compadd -a found; else _files; fi
        }
        compdef _mtastshost MtaStsHost
        """;

    private const string Fish = """
        # Completion of MtaStsHost for fish. Once: MtaStsHost completion fish > ~/.config/fish/completions/MtaStsHost.fish
        function __mtastshost_complete
            set -l words (commandline -opc) (commandline -ct)
            set -l line (string join ' ' -- $words[2..-1])
            $words[1] "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c MtaStsHost -a '(__mtastshost_complete)'
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Verb("completion", "Prints a script with which the shell completes verbs and options.",
            "MtaStsHost completion bash",
            "MtaStsHost completion fish") { shell };
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(parsed.GetValue(shell) switch { "zsh" => Zsh, "fish" => Fish, _ => Bash });
            return ExitCode.Good;
        });
        return command;
    }
}
