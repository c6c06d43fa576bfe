# shellcheck shell=bash
# The build and the sandbox image. Sourced by ./v4.

built=${artifacts:?}/built

# Names every source with its size and time: also a deleted or an older file changes it. The place counts because restore writes absolute paths.
fingerprint() {
    (
        cd "${home:?}" && pwd
        find ./*.props ./*.sln global.json .editorconfig src tests workflows sandboxes \
            -type d \( -name bin -o -name obj -o -name artifacts -o -name TestResults -o -name __pycache__ \) -prune \
            -o -type f -printf '%p %s %T@\n' 2>/dev/null | LC_ALL=C sort || true
    ) | sha256sum
}

is_built() { [ -f "${cli:?}" ] && [ -f "${simulator:?}" ] && [ "$(cat "$built" 2>/dev/null)" = "$(fingerprint)" ]; }

# A compiler server of our own: ours to end, and not one that an editor or another build is using.
compile() {
    local command=(dotnet build "$home/V4Agents.sln" -c Release --nologo -v q -nodeReuse:false -p:UseSharedCompilation=true "-p:SharedCompilationId=v4-$mark")
    DOTNET_TieredPGO=0 marked "${command[@]}"
}

# A package source that did not answer (NU1301) is worth one more try.
compile_retried() {
    local log
    mkdir -p "$artifacts/logs"
    log=$artifacts/logs/first-build.log
    compile >"$log" 2>&1 && return 0
    cat "$log"
    grep -q NU1301 "$log" && compile
}

prepare_build() {
    local sources
    lock
    sources=$(fingerprint)
    if is_built; then
        say Build "up to date"
        return
    fi
    rm -f "$built"
    step Build "compiling" compile_retried || fail 1 "v4: the build failed; the errors are above."
    echo "$sources" >"$built"
    is_built || fail 1 "v4: the build succeeded, and yet $cli or $simulator is missing, or a source changed meanwhile."
}

image_tag() { [ -x "$home/sandboxes/build.sh" ] && "$home/sandboxes/build.sh" --tag 2>/dev/null; }

has_image() {
    local tag
    tag=$(image_tag) || return 1
    if has docker; then
        docker image inspect "$tag" >/dev/null 2>&1
    else
        curl -sf --max-time 10 -o /dev/null --unix-socket "$(engine_socket)" "http://localhost/images/$tag/json" 2>/dev/null
    fi
}

build_image() { MSBUILDDISABLENODEREUSE=1 DOTNET_TieredPGO=0 UseSharedCompilation=true SharedCompilationId=v4-$mark marked "$home/sandboxes/build.sh"; }

prepare_image() {
    if has_image; then
        say "Sandbox image" "already there ($(image_tag))"
        return
    fi
    step "Sandbox image" "building $(image_tag)" build_image || fail 1 "v4: the sandbox image could not be built; the reason is above."
}
