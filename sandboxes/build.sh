#!/usr/bin/env bash
# Builds the sandbox image and prints its tag as the last line. The tag names the content: when it exists, nothing is done.
#   sandboxes/build.sh          build what is missing
#   sandboxes/build.sh --tag    print the tag only
set -euo pipefail
cd "$(dirname "$0")/.."

sources() {
  find sandboxes/base sandboxes/runner src/V4Agents.Sandboxes/Calls/Protocol -type f \
    -not -path '*/bin/*' -not -path '*/obj/*' -print0 | LC_ALL=C sort -z
}
tag="v4agents-base:$(sources | xargs -0 sha256sum | sha256sum | cut -c1-12)"
if [ "${1:-}" = --tag ]; then
  echo "$tag"
  exit
fi

fail() { echo "sandboxes/build.sh: $*" >&2; exit 1; }

command -v docker >/dev/null || fail "docker is not installed."
docker version >/dev/null 2>&1 || fail "the Docker engine does not answer; start it, or give this user access to its socket."
if docker image inspect "$tag" >/dev/null 2>&1; then
  echo "$tag"
  exit
fi

command -v gcc >/dev/null || fail "gcc is missing: the runner is compiled ahead of time (apt-get install gcc zlib1g-dev)."
echo 'int main(void){return 0;}' | gcc -x c - -lz -o /dev/null 2>/dev/null || fail "zlib is missing: apt-get install zlib1g-dev."

echo "Publishing the runner ..." >&2
publish=artifacts/runner
dotnet publish sandboxes/runner/V4Agents.Runner.csproj --nologo -v quiet -c Release -r linux-x64 -p:PublishAot=true -o "$publish" >&2 \
  || fail "the runner could not be published."

rootfs=v4agents-rootfs:bookworm
base=debian:bookworm-slim
if docker image inspect "$rootfs" >/dev/null 2>&1; then
  base=$rootfs
elif docker image inspect "$base" >/dev/null 2>&1 \
  || { curl -fsS -o /dev/null --max-time 4 -w '' https://registry-1.docker.io/v2/ 2>/dev/null || [ $? -eq 22 ]; } && timeout 180 docker pull -q "$base" >&2; then
  :
else
  command -v mmdebstrap >/dev/null || fail "no image registry answers and mmdebstrap is missing: apt-get install mmdebstrap."
  echo "No registry answers: making a Debian root with mmdebstrap ..." >&2
  mmdebstrap --quiet --variant=minbase bookworm - | docker import - "$rootfs" >&2
  base=$rootfs
fi

context=artifacts/sandbox-image
rm -rf "$context"
mkdir -p "$context"
cp sandboxes/base/Dockerfile "$publish/v4-runner" "$context/"
echo "Building $tag on $base ..." >&2
DOCKER_BUILDKIT=0 docker build -q --build-arg "BASE=$base" -t "$tag" "$context" >&2
echo "$tag"
