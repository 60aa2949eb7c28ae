#!/bin/bash
# Cold start of a bubble to the first output of its shell, beside bare bwrap with the same options,
# alternating in one run; then the memory of a terminal bubble beyond its shell.
# Use: benches/bubble_start.sh PROGRAM [ROUNDS]; PROGRAM is one or more words that take the arguments of `bulle bubble run`,
# as "target/release/bulle bubble run" (default: target/release/examples/bubble_run). Needs the image, so run PROGRAM once before.
set -euo pipefail
read -ra program <<<"${1:-target/release/examples/bubble_run}"
rounds=${2:-20}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bulle/images
image=$(find "$cache" -mindepth 2 -maxdepth 2 -name root | head -1)
[ -n "$image" ] || { echo "no image in $cache: run ${program[*]} -- true first" >&2; exit 1; }

tmp="--perms 1777 --size 268435456 --tmpfs"
own="--perms 0700 --size 268435456 --tmpfs"
bare() {
    # shellcheck disable=SC2086 # the options are words
    env -i PATH=/usr/sbin:/usr/bin bwrap --unshare-user --disable-userns --unshare-all \
        --uid 1000 --gid 1000 --hostname bubble --ro-bind "$image/usr" /usr --ro-bind "$image/etc" /etc \
        --ro-bind "$image/opt" /opt --symlink usr/bin /bin --symlink usr/sbin /sbin --symlink usr/lib /lib \
        --symlink usr/lib64 /lib64 --proc /proc --dev /dev $tmp /tmp $tmp /dev/shm --remount-ro /dev \
        --perms 0755 --dir /data $own /home/researcher $own /project --perms 0755 --dir /imports \
        $own /exports $own /scratch --die-with-parent --new-session --clearenv --setenv PATH /usr/bin \
        --setenv HOME /home/researcher --chdir /home/researcher --remount-ro / -- bash -c 'echo $$'
}
bubble() { "${program[@]}" -- bash -c 'echo $$'; }

# From the call to the first line, which is what a person waits for; the end is awaited unmeasured.
micros() {
    local t=${EPOCHREALTIME/./}
    { read -r _; echo $((${EPOCHREALTIME/./} - t)); cat; } < <("$1")
    wait "$!"
}
median() { sort -n | awk '{v[NR]=$1} END {print (v[int((NR+1)/2)] + v[int((NR+2)/2)]) / 2000}'; }

{ bare; bubble; } >/dev/null # both once, so that neither pays for the page cache
ours=$(mktemp) theirs=$(mktemp)
trap 'rm -f "$ours" "$theirs"' EXIT
for _ in $(seq "$rounds"); do
    micros bare >>"$theirs"
    micros bubble >>"$ours"
done
a=$(median <"$ours") b=$(median <"$theirs")
echo "start to first output, median of $rounds, ms: bubble $a, bare bwrap $b, ratio $(awk "BEGIN{print $a/$b}")"

# Proportional memory of all processes of a bubble, without the shell at its end.
coproc BUBBLE { exec "${program[@]}" -- bash -c 'echo up; read -r _'; }
read -r _ <&"${BUBBLE[0]}"
total=0
below() { echo "$1"; for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do below "$child"; done; }
for pid in $(below "$BUBBLE_PID"); do
    [ "$(readlink /proc/"$pid"/exe)" = "$(readlink -f "${program[0]}")" ] && continue
    case $(cat /proc/"$pid"/comm) in bash) continue ;; esac
    pss=$(awk '/^Pss:/ {print $2}' /proc/"$pid"/smaps_rollup 2>/dev/null || echo 0)
    total=$((total + ${pss:-0}))
done
echo "memory of the bubble beyond its shell, KiB PSS: $total"
