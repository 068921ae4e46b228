# fish completion for mmids. Load it with: mmids completion fish | source
# or put it into ~/.config/fish/completions/mmids.fish
complete -c mmids -n __fish_use_subcommand -f -a check -d 'Read a configuration and show every mistake in it'
complete -c mmids -n __fish_use_subcommand -f -a plan -d 'Show what would change if the running server applied a configuration'
complete -c mmids -n __fish_use_subcommand -f -a health -d 'Ask the running server whether it can take streams'
complete -c mmids -n __fish_use_subcommand -f -a version -d 'Print version, commit and Go version'
complete -c mmids -n __fish_use_subcommand -f -a completion -d 'Print a completion script'
complete -c mmids -n __fish_use_subcommand -f -a help -d 'Show how to use the program'
complete -c mmids -n __fish_use_subcommand -l config -r -d 'Configuration file'
complete -c mmids -n __fish_use_subcommand -l version -d 'Print the version'
complete -c mmids -n '__fish_seen_subcommand_from plan health' -l api -x -d 'HTTP API of the server'
complete -c mmids -n '__fish_seen_subcommand_from plan health' -l token-file -r -d 'Token of the HTTP API'
complete -c mmids -n '__fish_seen_subcommand_from plan' -l json -d 'Print JSON'
complete -c mmids -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'
