# shellcheck shell=bash
# The rows of the shared cache: Redis on loopback. benches/run reads this.

engine_port=$(free_port)
redis-server --bind 127.0.0.1 --port "$engine_port" --save "" --appendonly no --dir "$work" >"$work/engine.log" 2>&1 &
proxy_pids+=" $!"
await_port "$engine_port"
HALLPASS_SHARED_CACHE_KEY=$(head -c 32 /dev/urandom | base64)
export HALLPASS_SHARED_CACHE_KEY HALLPASS_SHARED_CACHE_KEY_FROM=env:HALLPASS_SHARED_CACHE_KEY
readonly shared_cache="redis://127.0.0.1:$engine_port/0"

# cold_fleet NAME: how long 32 processes on each of 8 machines take that have nothing yet, and how many requests they make.
cold_fleet() {
    local home jobs=() job before begun
    before=$(requests)
    for home in "$work/fleet-$1"-{1..8}; do
        mkdir -m 700 "$home"
    done
    begun=$(now)
    for _ in {1..32}; do
        for home in "$work/fleet-$1"-{1..8}; do
            HALLPASS_HOME="$home" "$hallpass" token >>"$work/fleet-tokens" 2>>"$work/fleet-errors" &
            jobs+=($!)
        done
    done
    for job in "${jobs[@]}"; do
        wait "$job" || fail "one of the fleet failed: $(head -n 3 "$work/fleet-errors")"
    done
    echo "$((($(now) - begun) / 1000000)) ms, $(($(requests) - before)) request(s)"
}
alone=$(cold_fleet alone)
together=$(HALLPASS_SHARED_CACHE="$shared_cache" cold_fleet together)
! grep 'shared cache' "$work/fleet-errors" >&2 || fail "the shared cache did not serve"
printf '%-34s %10s   %s\n' "8 machines, 32 processes each" "" "$together, without a shared cache $alone"

# Both commands are the same one: before the second the local copy is removed.
mkdir -m 700 "$work/fleet"
export HALLPASS_HOME="$work/fleet" HALLPASS_ISSUER="$issuer" HALLPASS_CLIENT_ID=a HALLPASS_CLIENT_SECRET=b
export HALLPASS_SHARED_CACHE="$shared_cache"
"$hallpass" header | grep -q '^Authorization: Bearer ttt' || fail "hallpass header answered otherwise"
copy=$(grep -rl "tttt" "$work/fleet")
[[ -f $copy ]] || fail "not one copy of the token: $copy"
redis-cli -p "$engine_port" CONFIG RESETSTAT >/dev/null
mapfile -t times < <(paired --prepare "rm -f $work/none" --prepare "rm -f $copy" "$hallpass header" "$hallpass header")
looks=$(redis-cli -p "$engine_port" INFO commandstats | sed -n 's/^cmdstat_eval:calls=\([0-9]*\),.*/\1/p')
((looks >= runs)) || fail "the shared cache was not asked"
row "a hit in the shared cache adds" "$(awk -v a="${times[3]}" 'BEGIN { printf "%.2f", a * 1000 }')" 1.5 ms \
    "$(millis "${times[2]}"), from the local cache $(millis "${times[1]}")"

# By instructions: 2 % of a millisecond is less than what two runs of the same differ by.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$hallpass" header 2>&1 >/dev/null |
        awk '/Collected/ { print $NF }'
}
with=$(instructions)
without=$(unset HALLPASS_SHARED_CACHE && instructions)
row "header with a shared cache set" "$(awk -v a="$with" -v b="$without" 'BEGIN { printf "%.3f", a / b }')" 1.02 x \
    "$with instructions, without $without"
unset HALLPASS_SHARED_CACHE HALLPASS_SHARED_CACHE_KEY HALLPASS_SHARED_CACHE_KEY_FROM
