# shellcheck shell=bash
# The rows of `hallpass gate`, beside nginx that answers a static 200: each on one core, who asks on the other. benches/run
# reads this.

encode() { base64 -w 0 | tr '+/' '-_' | tr -d '='; }
from_hex() { tr -d '\n' | sed 's|..|\\x&|g' | xargs -0 printf '%b'; }

# sign ALGORITHM KEY CLAIMS: an access token.
sign() {
    local message part hex=""
    message=$(printf '{"alg":"%s","typ":"at+jwt","kid":"%s"}' "$1" "$1" | encode).$(printf '%s' "$3" | encode)
    printf '%s.' "$message"
    if [[ $1 == RS256 ]]; then
        printf '%s' "$message" | openssl dgst -sha256 -sign "$2" | encode
    else
        # The two numbers of the signature, 32 bytes each.
        for part in $(printf '%s' "$message" | openssl dgst -sha256 -sign "$2" | openssl asn1parse -inform DER |
            sed -n 's/.*INTEGER *://p'); do
            part=$(printf '%66s' "$part" | tr ' ' 0)
            hex+=${part: -64}
        done
        printf '%s' "$hex" | from_hex | encode
    fi
    echo
}

readonly oauth2_proxy_version=7.15.6
readonly peers="${XDG_CACHE_HOME:-$HOME/.cache}/hallpass-tests/oauth2-proxy-$oauth2_proxy_version"
mkdir -p "$work/gate"
issuer_port=$(free_port)
still=$(free_port)
gate_issuer="http://127.0.0.1:$issuer_port"
openssl ec -in tests/keys/p256.pkcs8.pem -pubout -outform DER 2>/dev/null | tail -c 64 >"$work/gate/point"
modulus=$(openssl rsa -in tests/keys/rsa.pkcs8.pem -noout -modulus | cut -d = -f 2 | from_hex | encode)
jwks="{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"ES256\",\"x\":\"$(head -c 32 "$work/gate/point" | encode)\",\"y\":\"$(tail -c 32 "$work/gate/point" | encode)\"},{\"kty\":\"RSA\",\"kid\":\"RS256\",\"n\":\"$modulus\",\"e\":\"AQAB\"}]}"
start_small_nginx "$work/gate/issuer" 1 <<CONF
server {
    listen 127.0.0.1:$issuer_port;
    default_type application/json;
    location = /jwks { return 200 '$jwks'; }
    location = /introspect { return 200 '{"active":true,"client_id":"a","sub":"b","exp":4102444800,"scope":"profile email"}'; }
    location / { return 200 '{"issuer":"$gate_issuer","token_endpoint":"$gate_issuer/token","introspection_endpoint":"$gate_issuer/introspect","jwks_uri":"$gate_issuer/jwks","response_types_supported":["code"],"token_endpoint_auth_methods_supported":["client_secret_basic"]}'; }
}
CONF
start_small_nginx "$work/gate/still" 0 <<CONF
server {
    listen 127.0.0.1:$still;
    location / { return 200 "{}\n"; }
}
CONF
await_port "$issuer_port"
await_port "$still"

# Each request has the next token of the file TOKENS, or one of its own where there is none.
cat >"$work/gate/ask.lua" <<'LUA'
local tokens, turn = {}, 0
local file, round = os.getenv("TOKENS"), os.getenv("ROUND")
if file then
    for line in io.lines(file) do tokens[#tokens + 1] = line end
end
function request()
    turn = turn + 1
    local token = file and tokens[turn % #tokens + 1] or "token-of-its-own-" .. round .. "-" .. turn
    return wrk.format("GET", "/auth", { Authorization = "Bearer " .. token })
end
LUA

for number in {1..1000}; do echo "bench-token-$number"; done >"$work/gate/listed"
for number in {1..100}; do
    claims="{\"iss\":\"$gate_issuer\",\"sub\":\"u-$number\",\"aud\":\"bench\",\"scope\":\"read\",\"exp\":4102444800}"
    sign ES256 tests/keys/p256.pkcs8.pem "$claims" >>"$work/gate/es256"
    sign RS256 tests/keys/rsa.pkcs8.pem "$claims" >>"$work/gate/rs256"
    echo "opaque-token-$number" >>"$work/gate/opaque"
done
chmod 600 "$work/gate/listed"

# start_gate FLAG…: its port in $gate, its process in $gate_pid.
start_gate() {
    gate=$(free_port)
    HALLPASS_ISSUER="$gate_issuer" HALLPASS_CLIENT_ID=a HALLPASS_CLIENT_SECRET=b taskset -c 0 \
        "$hallpass" gate --listen "127.0.0.1:$gate" "$@" >"$work/gate/out" 2>"$work/gate/log" &
    gate_pid=$!
    proxy_pids+=" $gate_pid"
    await_port "$gate"
}

# ask PORT TOKENS: a short load; requests per second, and p99 in milliseconds.
ask() {
    TOKENS=$2 taskset -c 1 wrk -t1 -c32 -d2 --latency -s "$work/gate/ask.lua" "http://127.0.0.1:$1" >"$work/gate/wrk"
    ! grep -q 'Non-2xx' "$work/gate/wrk" || fail "an answer is not 200: $(tail -n 3 "$work/gate/log")"
    awk '/ 99%/ { v = $2; p = v * (v ~ /us$/ ? 0.001 : v ~ /ms$/ ? 1 : 1000) } /Requests.sec/ { print $2, p }' "$work/gate/wrk"
}

median_of() { cut -d ' ' -f "$2" "$1" | sort -g | sed -n 3p; }

# measure NAME TOKENS: five rounds in turns with nginx.
measure() {
    : >"$work/gate/theirs"
    : >"$work/gate/ours"
    local other p99 its
    for _ in {1..5}; do
        ask "$still" "$2" >>"$work/gate/theirs"
        ask "$gate" "$2" >>"$work/gate/ours"
    done
    rate=$(median_of "$work/gate/ours" 1) other=$(median_of "$work/gate/theirs" 1)
    p99=$(median_of "$work/gate/ours" 2) its=$(median_of "$work/gate/theirs" 2)
    row "gate, $1" "$(ratio "$other" "$rate")" 2 x "$rate/s, nginx $other/s; how many times ours nginx does"
    row "  p99 beyond 3 times nginx's" "$(awk -v a="$p99" -v b="$its" 'BEGIN { printf "%.2f", a - 3 * b }')" 1 ms \
        "$p99 ms, nginx $its ms"
}

start_gate --tokens-file "$work/gate/listed"
measure "a file of 1,000 tokens" "$work/gate/listed"

# p99_beside PORT: that of the gate while 3,000 clients of a port are idle and 200 send a head by the byte.
p99_beside() {
    local crowd
    rm -f "$work/gate/connected"
    (
        ulimit -n 8192
        for ((number = 0; number < 3200; number++)); do
            exec {client}<>"/dev/tcp/127.0.0.1/$1"
            ((number % 16)) || slow+=("$client")
        done
        touch "$work/gate/connected"
        for ((byte = 0; byte < 100; byte++)); do
            for client in "${slow[@]}"; do printf G >&"$client" || true; done 2>/dev/null
            sleep 0.1
        done
    ) &
    crowd=$!
    proxy_pids+=" $crowd"
    for _ in {1..400}; do
        [[ -f $work/gate/connected ]] && break
        sleep 0.05
    done
    : >"$work/gate/crowded"
    for _ in {1..5}; do ask "$gate" "$work/gate/listed" >>"$work/gate/crowded"; done
    kill "$crowd" 2>/dev/null || true
    wait "$crowd" 2>/dev/null || true
    median_of "$work/gate/crowded" 2
}
# The clients themselves take time of both cores, so they are there in both cases: once they are nginx's.
elsewhere=$(p99_beside "$still")
beside=$(p99_beside "$gate")
row "  p99 beside 3,200 slow clients" "$(ratio "$beside" "$elsewhere")" 2 x "$beside ms, $elsewhere ms when they are nginx's"
kill "$gate_pid"

start_gate --jwks
measure "keys, ES256" "$work/gate/es256"
measure "keys, RS256" "$work/gate/rs256"

# The same tokens at oauth2-proxy.
oauth2_proxy=$(command -v oauth2-proxy || echo "$peers/oauth2-proxy")
if [[ ! -x $oauth2_proxy ]] && command -v go >/dev/null; then
    GOBIN="$peers" go install "github.com/oauth2-proxy/oauth2-proxy/v7@v$oauth2_proxy_version"
fi
if [[ -x $oauth2_proxy ]]; then
    theirs=$(free_port)
    GOMAXPROCS=1 taskset -c 0 "$oauth2_proxy" --http-address="127.0.0.1:$theirs" --upstream=static://200 --provider=oidc \
        --oidc-issuer-url="$gate_issuer" --client-id=bench --client-secret=none --email-domain='*' --oidc-email-claim=sub \
        --cookie-secret=0123456789abcdef0123456789abcdef --skip-jwt-bearer-tokens --request-logging=false \
        --auth-logging=false >"$work/gate/oauth2-proxy.log" 2>&1 &
    proxy_pids+=" $!"
    await_port "$theirs"
    : >"$work/gate/peer"
    for _ in {1..5}; do ask "$theirs" "$work/gate/rs256" >>"$work/gate/peer"; done
    row "  beside oauth2-proxy" "$(ratio "$(median_of "$work/gate/peer" 1)" "$rate")" 0.33 x \
        "$rate/s, oauth2-proxy $(median_of "$work/gate/peer" 1)/s"
else
    echo "  no oauth2-proxy: it is not here, and no Go to build it"
fi
kill "$gate_pid"

start_gate --introspect --cache-ttl 10m --metrics
measure "introspection, cached" "$work/gate/opaque"
# What one token takes, times 100,000: filled for a while, because each is asked for at the issuer.
entries() { curl -s "http://127.0.0.1:$gate/-/metrics" | sed -n 's/^hallpass_gate_cache_entries //p'; }
resident() { awk '/VmRSS/ { print $2 / 1024 }' "/proc/$gate_pid/status"; }
before=$(entries) empty=$(resident)
for round in {1..20}; do
    ROUND=$round taskset -c 1 wrk -t1 -c32 -d2 -s "$work/gate/ask.lua" "http://127.0.0.1:$gate" >/dev/null
    (($(entries) < 90000)) || break
done
cached=$(($(entries) - before)) full=$(resident)
((cached > 1000)) || fail "the gate remembers only $cached tokens"
row "memory with 100,000 cached tokens" \
    "$(awk -v a="$empty" -v b="$full" -v n="$cached" 'BEGIN { printf "%.1f", a + (b - a) / n * 100000 }')" 40 MB \
    "by $cached: $full MB, without them $empty MB"
kill "$gate_pid"
