#!/bin/sh
# Server CPU per echoed message of Pollux beside that of a minimal epoll loop in C, interleaved, medians as a Markdown table.
#
#   bench/first-figure.sh [NAME=COMMAND ...]
#
# Without arguments: the C loop and Pollux (epoll, one loop). Each NAME=COMMAND adds a server; the first line on its standard output
# must hold ":PORT". `exec` is put before COMMAND, so that the process started is the server whose CPU time is read.
#
#   ROUNDS=5            rounds; every other one runs the servers in the opposite order
#   SECONDS_MEASURED=3  of each measurement, after SECONDS_WARMUP=1
#   JVM_WARMUP=15       seconds of each workload before the first round, for every server but the C loop
#   SERVERS="c pollux"  which of the two built-in servers take part; the first server of all is what the ratios refer to
#   WORKLOADS="W1 W2 W3"
#   LOAD_PATH=/echo
#   START_SECONDS=300   that a server may take to its first line (the first start of Pollux builds it)
#
# Servers run on CPU 0, the load on CPU 1. All servers stay up over all rounds; those that are not being measured are stopped
# (SIGSTOP), so that background threads and spinning loops of one do not disturb another.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
target=$here/target
rounds=${ROUNDS:-5}
measured=${SECONDS_MEASURED:-3}
warmup=${SECONDS_WARMUP:-1}
jvm_warmup=${JVM_WARMUP:-15}
start_seconds=${START_SECONDS:-300}
workloads=${WORKLOADS:-W1 W2 W3}
load_path=${LOAD_PATH:-/echo}
results=$target/first-figure.tsv

fail() {
  echo "first-figure: $*" >&2
  exit 1
}

options_of() {
  case $1 in
    W1) echo "--connections 1000 --payload 64 --in-flight 1" ;;
    W2) echo "--connections 100 --payload 64 --in-flight 16" ;;
    W3) echo "--connections 100 --payload 16384 --in-flight 1" ;;
    *) fail "no workload named $1 (there are W1, W2, W3)" ;;
  esac
}

meaning_of() {
  case $1 in
    W1) echo "1,000 connections, 64 B, one at a time" ;;
    W2) echo "100 connections, 64 B, 16 in flight" ;;
    W3) echo "100 connections, 16 KiB, one at a time" ;;
  esac
}

build() {
  compiler=${CC:-cc}
  command -v "$compiler" >/dev/null || fail "no C compiler ($compiler); this benchmark needs one"
  mkdir -p "$target"
  flags="-O2 -march=native -Wall -Wextra -Wshadow -Wconversion"
  "$compiler" $flags -o "$target/echo_epoll" "$here/c/echo_epoll.c"
  "$compiler" $flags -o "$target/load" "$here/c/load.c" "$here/c/client.c"
}

# Servers are numbered from 1: name_N, pid_N, port_N.
servers=0
c_loop=0
get() { eval "printf '%s' \"\$$1_$2\""; }

start() { # NAME COMMAND
  servers=$((servers + 1))
  first_line=$target/server-$servers.out
  : >"$first_line"
  (cd "$root" && exec taskset -c 0 sh -c "exec $2") >"$first_line" 2>"$target/server-$servers.err" &
  eval "name_$servers=\$1 pid_$servers=$! port_$servers="
  tenths=$((start_seconds * 10))
  while ! port=$(sed -n '1s/.*:\([0-9][0-9]*\).*/\1/p' "$first_line") || [ -z "$port" ]; do
    kill -0 "$(get pid $servers)" 2>/dev/null || fail "$1 ended at its start: $(tail -n 3 "$target/server-$servers.err")"
    tenths=$((tenths - 1))
    [ "$tenths" -gt 0 ] || fail "$1 printed no line with :PORT within $start_seconds s"
    sleep 0.1
  done
  eval "port_$servers=$port"
  kill -STOP "$(get pid $servers)"
  echo "$1: process $(get pid $servers), port $port" >&2
}

stop_all() {
  trap - EXIT INT TERM HUP
  [ -z "${load_pid:-}" ] || kill "$load_pid" 2>/dev/null || :
  i=1
  while [ "$i" -le "$servers" ]; do
    pid=$(get pid $i)
    kill -TERM "$pid" 2>/dev/null || :
    kill -CONT "$pid" 2>/dev/null || :
    i=$((i + 1))
  done
  # A server that does not end by itself within five seconds is killed.
  tenths=50
  i=1
  while [ "$i" -le "$servers" ]; do
    pid=$(get pid $i)
    while kill -0 "$pid" 2>/dev/null && [ "$tenths" -gt 0 ]; do
      tenths=$((tenths - 1))
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || :
    wait "$pid" 2>/dev/null || :
    i=$((i + 1))
  done
}

load() { # SERVER WORKLOAD WARMUP SECONDS: one line of JSON in $target/load.json
  kill -CONT "$(get pid $1)" || fail "$(get name $1) is gone: $(tail -n 3 "$target/server-$1.err")"
  taskset -c 1 "$target/load" --port "$(get port $1)" --path "$load_path" --server-pid "$(get pid $1)" $(options_of "$2") \
    --warmup "$3" --seconds "$4" --json >"$target/load.json" &
  load_pid=$!
  # In the background with wait, so that a signal to this script is not kept waiting.
  wait "$load_pid" || fail "the load on $(get name $1), $2, failed"
  load_pid=
  kill -STOP "$(get pid $1)"
}

field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" "$target/load.json"; }

measure() { # ROUND SERVER WORKLOAD
  load "$2" "$3" "$warmup" "$measured"
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$3" "$2" "$(field serverCpuMicrosPerMessage)" "$(field messagesPerSecond)" \
    "$(field p99Micros)" "$(field serverUserShare)" >>"$results"
  echo "round $1  $3  $(get name $2): $(field serverCpuMicrosPerMessage) us, $(field messagesPerSecond)/s" >&2
}

# One round of a workload: servers from 1 up in odd rounds, from the last down in even ones.
one_round() { # ROUND WORKLOAD
  i=1
  while [ "$i" -le "$servers" ]; do
    if [ $(($1 % 2)) -eq 1 ]; then measure "$1" $i "$2"; else measure "$1" $((servers + 1 - i)) "$2"; fi
    i=$((i + 1))
  done
}

# A ratio is the median of the rounds' own ratios: the two figures of one round were taken seconds apart, under the same noise.
table() {
  names=
  i=1
  while [ "$i" -le "$servers" ]; do
    names="$names$(get name $i)	"
    i=$((i + 1))
  done
  for workload in $workloads; do printf '%s\t%s\n' "$workload" "$(meaning_of "$workload")"; done >"$target/workloads.tsv"
  awk -F '\t' -v names="$names" -v servers="$servers" '
    function median(list,   v, n, i, j, t) {
      n = split(list, v, " ")
      for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
      least = v[1]; most = v[n]
      return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
    }
    function cell(text) { rows[row, ++column] = text; if (length(text) > width[column]) width[column] = length(text) }
    function begin() { row++; column = 0 }
    FILENAME == ARGV[1] { order[++workloads] = $1; meaning[$1] = $2; next }
    { cpu[$2, $3, $1] = $4; rate[$2, $3] = rate[$2, $3] " " $5; tail[$2, $3] = tail[$2, $3] " " $6; user[$2, $3] = user[$2, $3] " " $7
      if ($1 > rounds) rounds = $1 }
    END {
      split(names, name, "\t")
      begin(); cell("workload"); cell("server"); cell("CPU/message, us"); cell("ratio"); cell("ratio, least..most")
      cell("of it user"); cell("messages/s"); cell("p99, us")
      for (w = 1; w <= workloads; w++) for (s = 1; s <= servers; s++) {
        k = order[w]; figures = ratios = ""
        for (r = 1; r <= rounds; r++) { figures = figures " " cpu[k, s, r]; ratios = ratios " " cpu[k, s, r] / cpu[k, 1, r] }
        begin(); cell(s == 1 ? k ": " meaning[k] : ""); cell(name[s]); cell(sprintf("%.3f", median(figures)))
        ratio = median(ratios); cell(sprintf("%.3f", ratio)); cell(sprintf("%.3f..%.3f", least, most))
        cell(sprintf("%.0f %%", 100 * median(user[k, s]))); cell(sprintf("%.0f", median(rate[k, s]))); cell(sprintf("%.0f", median(tail[k, s])))
      }
      for (r = 1; r <= row; r++) {
        for (c = 1; c <= column; c++) printf((c > 2 ? "| %" : "| %-") width[c] "s ", rows[r, c])
        print "|"
        if (r > 1) continue
        for (c = 1; c <= column; c++) { dashes = sprintf("%" (width[c] + 1) "s", ""); gsub(/ /, "-", dashes); printf((c > 2 ? "|%s:" : "|:%s"), dashes) }
        print "|"
      }
    }' "$target/workloads.tsv" "$results"
}

[ "$(nproc)" -ge 2 ] || fail "two CPUs are needed, one for the server and one for the load"
for workload in $workloads; do options_of "$workload" >/dev/null; done
build
: >"$results"
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The heap and collector under which the other figures of this project were taken.
export JDK_JAVA_OPTIONS="${JDK_JAVA_OPTIONS:--Xmx1g -XX:+UseSerialGC}"
for server in ${SERVERS-c pollux}; do
  case $server in
    c)
      start "C epoll" "$target/echo_epoll 0"
      c_loop=$servers
      ;;
    pollux)
      [ -x "$root/pollux" ] || fail "no ./pollux here; SERVERS=c and NAME=COMMAND run without it"
      start "Pollux epoll" "./pollux serve --port 0 --io epoll --loops 1"
      ;;
    *) fail "SERVERS: no server named $server (there are c and pollux)" ;;
  esac
done
for argument in "$@"; do
  case $argument in
    ?*=?*) start "${argument%%=*}" "${argument#*=}" ;;
    *) fail "$argument is not NAME=COMMAND" ;;
  esac
done
[ "$servers" -gt 0 ] || fail "no server to measure"

i=1
while [ "$i" -le "$servers" ]; do
  for workload in $workloads; do
    [ "$jvm_warmup" -gt 0 ] && [ "$i" -ne "$c_loop" ] || break
    echo "warming up $(get name $i) with $workload for $jvm_warmup s" >&2
    load $i "$workload" 0 "$jvm_warmup"
  done
  i=$((i + 1))
done

round=1
while [ "$round" -le "$rounds" ]; do
  for workload in $workloads; do one_round "$round" "$workload"; done
  round=$((round + 1))
done
echo
table
echo
echo "Medians of $rounds interleaved rounds of $measured s, $(uname -r), $(nproc) CPUs; ratio: to $(get name 1), median of the rounds' ratios."
