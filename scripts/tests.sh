# shellcheck shell=bash
# Runs the test projects one after the other and adds up their reports. Sourced by ./v4.

# Fast ones first, then whatever else there is.
test_projects() {
    local path name
    for name in Core Grains Adapters EndToEnd; do
        [ ! -d "${home:?}/tests/V4Agents.$name.Tests" ] || echo "V4Agents.$name.Tests"
    done
    for path in "$home"/tests/*.Tests; do
        name=${path##*/}
        case $name in V4Agents.Core.Tests | V4Agents.Grains.Tests | V4Agents.Adapters.Tests | V4Agents.EndToEnd.Tests) ;; *) echo "$name" ;; esac
    done
}

# The number in attribute $2 of the report's first element.
count_of() { sed -n "1s/^[^>]* $2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

# The failed tests of a JUnit report with the first line of their messages.
failures_of() {
    grep -o '<testcase name="[^"]*"[^>]*><failure message="[^"]*"' "$1" |
        sed -E 's/^<testcase name="([^"]*)".* message="([^"]*)"$/  \1: \2/; s/&#xD;//g; s/&#xA;/ | /g
            s/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&apos;/'"'"'/g; s/&amp;/\&/g' || true
}

problem() {
    failed=$((failed + 1))
    recap+=("  $1")
}

# Runs one project and adds to passed, failed, skipped and recap. Its output is not captured: what it prints is seen at once,
# and a process it leaves behind cannot hold a pipe open.
run_project() {
    local name=$1 began report code=0 tests bad skip
    local program=$home/tests/$name/bin/Release/net10.0/$name
    shift
    began=$(now)
    report=${artifacts:?}/tests/$name.xml
    rm -f "$report"
    echo "== $name"
    if [ ! -x "$program" ]; then
        problem "$name is not built"
        return
    fi

    marked timeout -k 10 "${V4_TEST_LIMIT:-30m}" "$program" -noLogo -noColor -noAutoReporters -longRunning 30 -result-junit "$report" "$@" </dev/null &
    wait $! || code=$?
    end_marked 50 "$name"

    if [ ! -s "$report" ]; then
        [ "$code" != 124 ] || code="124: not finished within ${V4_TEST_LIMIT:-30m}"
        problem "$name ended without a report of its tests (exit code $code)"
        return
    fi

    tests=$(count_of "$report" tests)
    tests=$((tests - $(count_of "$report" disabled)))
    bad=$(count_of "$report" failures)
    skip=$(sed -n '1s/.*<testsuite [^>]* skipped="\([0-9]*\)".*/\1/p' "$report")
    passed=$((passed + tests - bad - ${skip:-0}))
    skipped=$((skipped + ${skip:-0}))
    failed=$((failed + bad))
    echo "   $((tests - bad - ${skip:-0})) passed, $bad failed, ${skip:-0} skipped in $(since "$began")"
    [ "$bad" = 0 ] || recap+=("$(failures_of "$report")")

    if [ "$(count_of "$report" errors)" != 0 ]; then
        problem "$name failed outside its tests (start or cleanup of a class, collection or fixture); see its output above"
    elif [ "$bad" = 0 ] && [ "$code" != 0 ]; then
        problem "$name reports no failed test and yet ended with exit code $code"
    elif [ "$tests" = 0 ] && [ ${#filters[@]} = 0 ]; then
        problem "$name has run no test at all"
    fi
}

# run_tests [WORD... | RUNNER-OPTION...]: words select tests whose full name contains one of them; options go to the xUnit runner as they are.
run_tests() {
    local passed=0 failed=0 skipped=0 recap=() filters=() name word
    case ${1-} in
        -*) filters=("$@") ;;
        *) for word; do filters+=(-method "*$word*"); done ;;
    esac

    mkdir -p "$artifacts/tests"
    cd "$home" || return
    for name in $(test_projects); do
        run_project "$name" "${filters[@]}"
    done

    if [ $((passed + failed + skipped)) = 0 ]; then
        problem "no test was run"
    fi

    if [ "$failed" != 0 ]; then
        echo "== Failed"
        printf '%s\n' "${recap[@]}"
    fi

    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
}
