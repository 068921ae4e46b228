#compdef mmids
# zsh completion for mmids. Put it into a directory of $fpath under the name _mmids, or load it with:
# source <(mmids completion zsh)
_mmids() {
	local context state line
	_arguments -C \
		'--config[configuration file]:file:_files' \
		'(-)--version[print the version]' \
		'(-)--help[show how to use the program]' \
		'1:command:->command' \
		'*::argument:->argument'
	case $state in
	command)
		local -a commands=(
			'check:read a configuration and show every mistake in it'
			'plan:show what would change if the running server applied a configuration'
			'health:ask the running server whether it can take streams'
			'version:print version, commit and Go version'
			'completion:print a completion script'
			'help:show how to use the program'
		)
		_describe command commands
		;;
	argument)
		case $line[1] in
		check) _files ;;
		plan | health)
			_arguments \
				'--api[HTTP API of the server]:URL:' \
				'--token-file[token of the HTTP API]:file:_files' \
				'--json[print JSON]' \
				'*:configuration:_files'
			;;
		completion) _values shell bash zsh fish ;;
		esac
		;;
	esac
}
if [ "$funcstack[1]" = _mmids ]; then
	_mmids "$@"
else
	compdef _mmids mmids
fi
