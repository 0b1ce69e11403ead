# shellcheck shell=bash
# The rows of `hallpass proxy`; benches/run reads this.

# start_small_nginx DIRECTORY CORE, the http block on stdin.
start_small_nginx() {
    mkdir -p "$1"
    {
        printf 'daemon off;\nworker_processes 1;\npid %s/pid;\nerror_log %s/error.log;\n' "$1" "$1"
        printf 'events { worker_connections 4096; }\nhttp {\naccess_log off;\nkeepalive_requests 10000000;\nsendfile on;\n'
        local kind
        for kind in client_body proxy fastcgi uwsgi scgi; do printf '%s_temp_path %s/%s;\n' "$kind" "$1" "$kind"; done
        cat
        printf '}\n'
    } >"$1/nginx.conf"
    PATH="$PATH:/usr/sbin" taskset -c "$2" nginx -p "$1" -c "$1/nginx.conf" >/dev/null 2>&1 &
    proxy_pids+=" $!"
}

upstream=$(free_port)
mkdir -p "$work/www"
chmod 755 "$work" "$work/www"
head -c 1000000000 /dev/zero >"$work/www/big"
start_small_nginx "$work/upstream" 1 <<CONF
server {
    listen 127.0.0.1:$upstream;
    root $work/www;
    location = /small { return 200 "hello world"; }
}
CONF
await_port "$upstream"

"$hallpass" zone add sidecar --issuer "$HALLPASS_ISSUER" --client-id "$HALLPASS_CLIENT_ID" \
    --client-secret-ref env:HALLPASS_CLIENT_SECRET --host "127.0.0.1:$upstream" >/dev/null
value=$("$hallpass" header -z sidecar --value)
theirs=$(free_port)
start_small_nginx "$work/theirs" 0 <<CONF
upstream one { server 127.0.0.1:$upstream; keepalive 64; keepalive_requests 10000000; }
server {
    listen 127.0.0.1:$theirs;
    location / {
        proxy_pass http://one;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Authorization "$value";
        proxy_max_temp_file_size 0;
    }
}
CONF
await_port "$theirs"
ours=$(free_port)
taskset -c 0 "$hallpass" proxy -z sidecar --to "http://127.0.0.1:$upstream" --listen "127.0.0.1:$ours" >/dev/null 2>&1 &
proxy_pid=$!
proxy_pids+=" $proxy_pid"
await_port "$ours"

# load CONNECTIONS: five rounds in turns; the medians of p50 in microseconds and of requests per second, theirs first.
load() {
    local round port
    : >"$work/load"
    for round in {1..5}; do
        for port in "$theirs" "$ours"; do
            taskset -c 1 wrk -t1 -c"$1" -d2 --latency "http://127.0.0.1:$port/small" |
                awk -v port="$port" '/ 50%/ { v = $2; f = v ~ /us$/ ? 1 : v ~ /ms$/ ? 1000 : 1000000; p = v * f }
                    /Requests.sec/ { print port, p, $2 }' >>"$work/load"
        done
    done
    for port in "$theirs" "$ours"; do
        for column in 2 3; do
            awk -v port="$port" -v c="$column" '$1 == port { print $c }' "$work/load" | sort -g | sed -n 3p
        done
    done
}

mapfile -t one < <(load 1)
row "proxy adds to p50" "$(awk -v a="${one[0]}" -v b="${one[2]}" 'BEGIN { printf "%.2f", (b - a) / 1000 }')" 0.3 ms \
    "$(awk -v a="${one[2]}" 'BEGIN { printf "%.2f ms", a / 1000 }'), nginx $(awk -v a="${one[0]}" 'BEGIN { printf "%.2f ms", a / 1000 }')"
mapfile -t many_at_once < <(load 32)
row "requests per second" "$(ratio "${many_at_once[1]}" "${many_at_once[3]}")" 2 x \
    "${many_at_once[3]}, nginx ${many_at_once[1]}; how many times ours nginx does"

stream() { taskset -c 1 curl -s -o /dev/null -w '%{speed_download}\n' "http://127.0.0.1:$1/big"; }
: >"$work/streams"
for _ in 1 2 3; do echo "$(stream "$theirs") $(stream "$ours")" >>"$work/streams"; done
theirs_rate=$(cut -d ' ' -f 1 "$work/streams" | sort -g | sed -n 2p)
ours_rate=$(cut -d ' ' -f 2 "$work/streams" | sort -g | sed -n 2p)
row "1 GB through the proxy" "$(ratio "$theirs_rate" "$ours_rate")" 1.43 x \
    "$(awk -v a="$ours_rate" -v b="$theirs_rate" 'BEGIN { printf "%d MB/s, nginx %d MB/s", a / 1e6, b / 1e6 }'); how many times ours nginx does"
row "peak memory of proxy" "$(awk '/VmHWM/ { printf "%.1f", $2 / 1024 }' "/proc/$proxy_pid/status")" 20 MB ""
rm -f "$work/www/big"
