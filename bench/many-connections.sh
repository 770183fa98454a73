#!/bin/sh
# Holds many connections to one server, pings them, has each echo once at the end, and says what a connection costs.
#
#   bench/many-connections.sh MODEL CONNECTIONS [OPTION OF pollux serve ...]
#
#   bench/many-connections.sh epoll 19000
#   bench/many-connections.sh io_uring 100800 --direct --loops 6
#
#   EACH=16800             connections of one process of the other side, with source addresses of its own
#   PING_INTERVAL=30       seconds; every connection is pinged at least once while it is held
#   HOLD=75                seconds for which all are held before the figures are taken
#   JVM_OPTS="-Xmx1g -XX:+UseSerialGC"
#
# Needs a C compiler, the JDK's jcmd (JAVA_HOME, or on the PATH) and a built checkout: ./pollux builds it. Everything stays on
# 127.0.0.0/8, and ends by itself. Exits with 0 if every connection was held, pinged and answered.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$here/target/many-connections
each=${EACH:-16800}
interval=${PING_INTERVAL:-30}
hold=${HOLD:-75}
jcmd=${JAVA_HOME:+$JAVA_HOME/bin/}jcmd

fail() {
  echo "many-connections: $*" >&2
  exit 1
}

[ $# -ge 2 ] || { sed -n '2,16s/^# \{0,1\}//p' "$0"; exit 2; }
model=$1 connections=$2
shift 2
case $connections in *[!0-9]* | '') fail "'$connections' is not a number of connections" ;; esac
command -v "$jcmd" > /dev/null || fail "there is no $jcmd: set JAVA_HOME to a JDK"

rm -rf "$work"
mkdir -p "$work"
"${CC:-cc}" -O2 -Wall -Wextra -o "$work/hold" "$here/c/hold.c" "$here/c/client.c"

holders='' server=''
finish() {
  for one in $holders $server; do kill "$one" 2> /dev/null || true; done
}
trap finish EXIT
trap 'exit 1' INT TERM

"$root/pollux" --version > /dev/null
POLLUX_JAVA_OPTS="${JVM_OPTS:--Xmx1g -XX:+UseSerialGC} -XX:NativeMemoryTracking=summary" \
  "$root/pollux" serve --port 0 --io "$model" --max-connections 2000000 \
  --ping-interval "$interval" --ping-timeout "$interval" "$@" > "$work/server" 2> "$work/errors" &
server=$!
waited=0
: >> "$work/server"
until port=$(sed -n '1s/.*:\([0-9][0-9]*\) .*/\1/p' "$work/server") && [ -n "$port" ]; do
  kill -0 "$server" 2> /dev/null || { cat "$work/errors" >&2; fail "the server did not start"; }
  [ $((waited += 1)) -le 600 ] || fail "the server says no port"
  sleep 0.1
done
head -1 "$work/server"

of_status() { sed -n "s/^$1:[[:space:]]*\([0-9]*\) kB/\1/p" "/proc/$server/status"; }
slab() { sed -n 's/^Slab:[[:space:]]*\([0-9]*\) kB/\1/p' /proc/meminfo; }
# The second collection finds what the first one has only made free.
heap() {
  "$jcmd" "$server" GC.run > /dev/null
  "$jcmd" "$server" GC.class_histogram | awk '/^Total/ { print $3 }'
}
outside_heap() { "$jcmd" "$server" VM.native_memory summary | sed -n 's/^-  *Other (reserved=[0-9]*KB, committed=\([0-9]*\)KB.*/\1/p'; }

# Whatever is there once is there now.
"$work/hold" --port "$port" --connections 500 --seconds 1 > "$work/warm-up"
sleep 1
heap0=$(heap) other0=$(outside_heap) rss0=$(of_status VmRSS) slab0=$(slab)

begin=$(date +%s)
left=$connections number=0
while [ "$left" -gt 0 ]; do
  count=$((left < each ? left : each)) number=$((number + 1))
  "$work/hold" --port "$port" --connections "$count" --source $((number * 4)) --seconds 900 > "$work/hold.$number" 2>&1 &
  holders="$holders $!"
  left=$((left - count))
done
until [ "$(cat "$work"/hold.[0-9]* | grep -c '^holding')" = "$number" ]; do
  for one in $holders; do kill -0 "$one" 2> /dev/null || { tail -qn 1 "$work"/hold.[0-9]* >&2; fail "a holder ended"; }; done
  [ $(($(date +%s) - begin)) -lt 400 ] || fail "not all connections were open after 400 s"
  sleep 1
done
opened=$(($(date +%s) - begin))
echo "$connections connections open after $opened s; held for $hold s"
sleep "$hold"
heap1=$(heap) other1=$(outside_heap) rss1=$(of_status VmRSS) slab1=$(slab)
descriptors=$(ls "/proc/$server/fd" | wc -l)

for one in $holders; do kill -USR1 "$one"; done
for one in $holders; do wait "$one" || { tail -qn 1 "$work"/hold.[0-9]* >&2; fail "a connection was lost, or did not answer"; }; done
holders=''
pings=$(cat "$work"/hold.[0-9]* | awk '/^pings/ { last = $2 } /^answered/ { sum += last } END { print sum }')
answered=$(cat "$work"/hold.[0-9]* | awk '/^answered/ { sum += $2 } END { print sum }')
kill -TERM "$server"
wait "$server" || fail "the server ended with $?"
server=''

each_of() { echo "$1 $connections" | awk '{ printf "%.0f", $1 / $2 }'; }
echo "| model | connections | opened in | pings answered | echoes | descriptors | live heap | outside the heap | resident | kernel's slab, both ends |"
echo "|---|---|---|---|---|---|---|---|---|---|"
echo "| $model $* | $connections | $opened s | $pings | $answered | $descriptors |" \
  "$(each_of $((heap1 - heap0))) B | $(each_of $(((other1 - other0) * 1024))) B |" \
  "$(each_of $(((rss1 - rss0) * 1024))) B | $(each_of $(((slab1 - slab0) * 1024))) B |"
[ "$answered" = "$connections" ] || fail "$answered of $connections echoed"
[ "$pings" -ge "$connections" ] || fail "only $pings pings for $connections connections"
