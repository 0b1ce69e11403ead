# Completions of hallpass for bash: the program itself names the candidates.
_hallpass() {
    # Bash takes a word apart at signs such as = and :, as in --zone=x or file:x. Here it is put together again.
    local rest="$COMP_LINE" breaks="${COMP_WORDBREAKS//[^=:]/}" current="" word reply i
    local words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        if ((i == COMP_CWORD)) && [[ -n $2 ]]; then
            word="$2"
        fi
        if ((i > 0)) && [[ -n $word && $rest == "$word"* ]]; then
            current+="$word"
            words[${#words[@]} - 1]="$current"
        else
            rest="${rest#"${rest%%[![:space:]]*}"}"
            current="$word"
            words+=("$current")
        fi
        rest="${rest#"$word"}"
    done
    local prefix=""
    if [[ -n $breaks ]]; then
        prefix="${current%"${current##*[$breaks]}"}"
    fi
    COMPREPLY=()
    while IFS= read -r reply; do
        if [[ -n $reply ]]; then
            COMPREPLY+=("${reply#"$prefix"}")
        fi
    done < <(
        HALLPASS_COMPLETE=bash _CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX=$((${#words[@]} - 1)) \
            hallpass -- "${words[@]}" 2>/dev/null
        echo
    )
    if ((${#COMPREPLY[@]} == 0)); then
        return
    fi
    reply="${COMPREPLY[0]}"
    if [[ -e $reply ]]; then
        compopt -o filenames 2>/dev/null
    elif ((${#COMPREPLY[@]} == 1)) && [[ $reply == *[=:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o nosort -F _hallpass hallpass 2>/dev/null || complete -F _hallpass hallpass
