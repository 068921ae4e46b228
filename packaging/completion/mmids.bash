# bash completion for mmids. Load it with: source <(mmids completion bash)
# or put it where bash-completion looks: /usr/share/bash-completion/completions/mmids
_mmids() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--config | --api | --token-file) ((i++)) ;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case $previous in
	--config | --token-file)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	--api) return ;;
	esac
	case $command in
	'') mapfile -t COMPREPLY < <(compgen -W "check plan health version completion help --config --version --help" -- "$current") ;;
	check) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
	plan | health)
		if [[ $current == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "--api --token-file --json" -- "$current")
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
		fi
		;;
	completion) mapfile -t COMPREPLY < <(compgen -W "bash zsh fish" -- "$current") ;;
	esac
}
complete -o filenames -F _mmids mmids
