# shellcheck shell=bash
# Words shared by the launcher's parts. Sourced by ./v4, which sets $home.

artifacts=${home:?}/artifacts
mark=$$-${EPOCHREALTIME/[.,]/}

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true

now() { echo "${EPOCHREALTIME/[.,]/}"; }

# Microseconds since $1 as seconds with one decimal.
since() {
    local tenths=$((($(now) - $1) / 100000))
    echo "$((tenths / 10)).$((tenths % 10)) s"
}

say() { printf '%-16s %s\n' "$1" "$2"; }

# fail CODE LINE...
fail() {
    local code=$1
    shift
    printf '%s\n' "$@" >&2
    exit "$code"
}

has() { command -v "$1" >/dev/null 2>&1; }

# step LABEL WHAT COMMAND...: one line with the time it took; the command's output is shown only when it fails.
step() {
    local label=$1 what=$2 began log
    shift 2
    began=$(now)
    mkdir -p "$artifacts/logs"
    log=$artifacts/logs/${label// /-}.log
    printf '%-16s %s ... ' "$label" "$what"
    if "$@" >"$log" 2>&1 </dev/null; then
        echo "done ($(since "$began"))"
    else
        echo "failed ($(since "$began")); the end of $log:"
        tail -n 40 "$log"
        return 1
    fi
}

# Two launchers in one checkout take turns. The lock lives as long as a process holds descriptor 9, so none that may outlive us gets it.
lock() {
    [ -z "${locked-}" ] || return 0
    locked=yes
    mkdir -p "$artifacts"
    exec 9>"$artifacts/lock"
    if has flock && ! flock -n 9; then
        say Waiting "for another ./v4 that is preparing this checkout"
        flock 9
    fi
}

unlock() {
    exec 9>&-
    locked=
}

# Runs a command whose descendants can be found again, even those that left its session: all inherit the mark.
# A launcher started by a marked process adds its mark, so the outer one still finds everything.
marked() { V4_MARK="${V4_MARK-}/$mark/" "$@" 9>&-; }

marked_pids() {
    local file
    { grep -lzs "^V4_MARK=.*/$mark/" /proc/[0-9]*/environ || true; } | while IFS= read -r file; do
        file=${file#/proc/}
        echo "${file%/environ}"
    done
}

# await_marked TENTHS: whether all marked processes ended within that time.
await_marked() {
    local left=$1
    while [ -n "$(marked_pids)" ]; do
        [ "$left" -gt 0 ] || return 1
        left=$((left - 1))
        sleep 0.1
    done
}

# end_marked TENTHS [NAME]: gives marked processes that time, then stops them, and with a name says which.
end_marked() {
    local pid name signal
    for signal in TERM KILL; do
        if await_marked "$1"; then
            return 0
        fi
        for pid in $(marked_pids); do
            if [ -n "${2-}" ] && [ "$signal" = TERM ]; then
                name=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) || true
                echo "$2: stopped process $pid, which it left behind: ${name:0:150}"
            fi
            kill -s "$signal" "$pid" 2>/dev/null || true
        done
        set -- 50 "${2-}"
    done
    await_marked 50 || true
}

# Ends everything the run started; a compiler server that is stopped leaves its socket behind.
clean_up() {
    end_marked 0
    rm -f "${TMPDIR:-/tmp}/v4-$mark"
}

trap clean_up EXIT
