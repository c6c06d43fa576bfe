# shellcheck shell=bash
# What the machine must have. Sourced by ./v4.
# Exit codes, beside the CLI's own: 20 the container engine does not answer, 22 a program is missing and cannot be installed from here.

engine_log=/var/log/v4-dockerd.log

is_root() { [ "$(id -u)" = 0 ]; }

can_install() { is_root && [ -e /etc/debian_version ] && has apt-get; }

# The SDK that this checkout's global.json selects; fails, saying why, when there is none.
sdk_version() {
    has dotnet || { echo "there is no 'dotnet' on the PATH" && return 1; }
    (cd "${home:?}" && dotnet --version 2>&1)
}

need_sdk() {
    sdk=$(sdk_version) || fail 22 \
        "v4: the .NET SDK 10 is missing: $(head -n 3 <<<"$sdk")" \
        "    Install it from https://dotnet.microsoft.com/download/dotnet/10.0 (or your distribution's dotnet-sdk-10.0)," \
        "    put 'dotnet' on the PATH, and run this command again."
}

# The newest directory that holds a PostgreSQL server's programs.
postgres_bin() {
    local initdb
    initdb=$({ ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null || true; } | sort -V | tail -n 1)
    initdb=${initdb:-$(command -v initdb)} && dirname -- "$initdb"
}

engine_socket() {
    case ${DOCKER_HOST-} in
        unix://*) echo "${DOCKER_HOST#unix://}" ;;
        *) echo /var/run/docker.sock ;;
    esac
}

# The engine's version; fails, saying why on stderr, when it does not answer.
engine_version() {
    if has docker; then
        docker version --format '{{.Server.Version}}'
    elif has curl; then
        curl -sS --max-time 10 --unix-socket "$(engine_socket)" http://localhost/version | sed -n 's/.*"Version":"\([^"]*\)","ApiVersion.*/\1/p' | grep .
    else
        echo "neither docker nor curl is installed" >&2
        return 1
    fi
}

engine_answers() { engine_version >/dev/null 2>&1; }

engine_installed() { has dockerd || engine_answers; }

# Adds to the arrays 'lacking' (words for people) and 'packages' (Debian's names).
lacks() {
    lacking+=("$1")
    packages+=("${@:2}")
}

find_lacking() {
    lacking=() packages=()
    has git || lacks git git
    postgres_bin >/dev/null || lacks "PostgreSQL server (initdb, postgres)" postgresql
    engine_installed || lacks "Docker engine" docker.io
    # The rest only builds the sandbox image, and whether there is one only a running engine can say.
    if ! engine_installed || { engine_answers && ! has_image; }; then
        has gcc || lacks "gcc" gcc
        [ -e /usr/include/stdio.h ] || lacks "C library headers" libc6-dev
        [ -e /usr/include/zlib.h ] || lacks "zlib headers" zlib1g-dev
        # Needed when no image registry can be reached; where it cannot be installed, one may be reachable.
        has mmdebstrap || ! can_install || lacks mmdebstrap mmdebstrap
    fi
}

retried() {
    local attempt
    for attempt in 1 2 3; do
        "$@" && return 0
        echo "attempt $attempt of 3 failed: $*"
    done
    return 1
}

# Debian's package starts a database of its own unless told not to. V4Agents runs a private one and only needs the programs.
keep_postgres_quiet() {
    local file=/etc/postgresql-common/createcluster.conf
    mkdir -p "$(dirname "$file")"
    if [ -e "$file" ] && grep -Eq '^#?create_main_cluster' "$file"; then
        sed -i -E 's/^#?create_main_cluster.*/create_main_cluster = false/' "$file"
    else
        echo 'create_main_cluster = false' >>"$file"
    fi
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    case " $* " in *" postgresql "*) keep_postgres_quiet ;; esac
    retried apt-get -o Acquire::Retries=3 update &&
        retried apt-get -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold install -y --no-install-recommends "$@"
}

need_programs() {
    local lacking packages
    find_lacking
    if [ ${#lacking[@]} -gt 0 ] && can_install; then
        step Packages "installing ${packages[*]}" install_packages "${packages[@]}" 9>&- || exit 22
        find_lacking
    fi
    [ ${#lacking[@]} -gt 0 ] || return 0
    printf 'v4: missing: %s\n' "${lacking[@]}" >&2
    if has apt-get; then
        fail 22 "    Install with: sudo apt-get install --no-install-recommends ${packages[*]}" "    and run this command again."
    fi
    fail 22 "    Install them with your package manager (Debian's names: ${packages[*]}) and run this command again."
}

# The engine is the machine's: it is started when it is down, and never stopped here.
start_engine() {
    if [ -d /run/systemd/system ]; then
        systemctl start docker && await_engine 60 && return 0
    elif [ -x /etc/init.d/docker ] && has service; then
        service docker start && await_engine 20 && return 0
    fi
    has dockerd || return 1
    setsid dockerd >>"$engine_log" 2>&1 </dev/null &
    await_engine 60 || { tail -n 20 "$engine_log" && return 1; }
}

# await_engine SECONDS
await_engine() {
    local until=$((SECONDS + $1))
    until engine_answers; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.2
    done
}

need_engine() {
    local problem
    if problem=$(engine_version 2>&1); then
        say "Docker engine" "already there ($problem)"
        return
    fi
    case $problem in
        *"ermission denied"*)
            fail 20 "v4: you may not use the Docker engine: $problem" \
                "    Join its group ('sudo usermod -aG docker $(id -un)', then log in again) and run this command again." ;;
    esac
    if ! is_root || [ -n "${DOCKER_HOST-}" ]; then
        fail 20 "v4: the Docker engine does not answer: $problem" "    Start it ('sudo systemctl start docker') and run this command again."
    fi
    step "Docker engine" starting start_engine 9>&- ||
        fail 20 "v4: the Docker engine does not start; its log: $engine_log, or 'journalctl -u docker' under systemd."
}

prepare_machine() {
    lock
    need_sdk
    say ".NET SDK" "already there ($sdk)"
    need_programs
    say git "already there ($(git --version | cut -d ' ' -f 3))"
    say PostgreSQL "already there ($(postgres_bin))"
    need_engine
    need_programs
}

# The same list without changing anything, for a machine on which the CLI cannot be built.
report_machine() {
    local lacking packages each
    say ".NET SDK" "$(sdk_version | head -n 1)"
    find_lacking
    for each in "${lacking[@]}"; do
        say Missing "$each"
    done
    say "Docker engine" "$(engine_version 2>&1 || true)"
    echo "./v4 setup installs what it can and says how to get the rest."
}
