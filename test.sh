#!/usr/bin/env bash
# Builds everything and runs all tests. On Debian, as root or with sudo, it first installs the packages that the tests need.
# Elsewhere, tests whose tool is missing are skipped (with CI=true they fail).
#   ./test.sh                    all tests
#   ./test.sh --filter-class …   passes its arguments to every test program (Microsoft.Testing.Platform)
#   ./test.sh --install-only     only installs the packages
set -euo pipefail
cd "$(dirname "$0")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
# Tests run the Debug build, with its assertions, and the native program that operators run, which is Release.
configuration=Debug
results=$PWD/artifacts/test-results

say() { printf '%s\n' "test.sh: $*" >&2; }

# Each package, and a command or file that exists once it is installed.
packages=(
    "clang clang"
    "zlib1g-dev /usr/include/zlib.h"
    "dnsmasq-base dnsmasq"
    "postfix-mta-sts-resolver mta-sts-query"
    "iproute2 ip"
    "util-linux unshare"
    "buildah buildah"
    "crun crun"
    "debootstrap debootstrap"
    "openssl openssl"
    "bind9-utils named-checkzone"
    "bind9 named"
    "curl curl"
    "pebble pebble-challtestsrv"
    "caddy caddy"
    "systemd systemd-analyze"
    "strace strace"
    "prometheus promtool"
    "sqlite3 sqlite3"
    "nginx nginx"
    "libnginx-mod-stream /usr/lib/nginx/modules/ngx_stream_module.so"
    "haproxy haproxy"
    "postfix postfix"
    "nodejs node"
    "npm npm"
    "ca-certificates /etc/ssl/certs/ca-certificates.crt"
)

has() { case $1 in /*) [ -e "$1" ] ;; *) PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ;; esac; }

install_packages() {
    local missing=() entry root=()
    for entry in "${packages[@]}"; do has "${entry#* }" || missing+=("${entry% *}"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ ! -e /etc/debian_version ]; then say "not Debian; missing: ${missing[*]}"; return 0; fi
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then say "neither root nor sudo; missing: ${missing[*]}"; return 0; fi
        root=(sudo)
    fi
    say "installing ${missing[*]}"
    # The packages' services must not start: Debian runs policy-rc.d before it starts one. An existing policy-rc.d is kept.
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee $policy >/dev/null
        "${root[@]}" chmod 755 $policy
        trap "${root[*]} rm -f $policy" EXIT
    fi
    local log
    log=$(mktemp)
    if ! { "${root[@]}" apt-get update && "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } </dev/null >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        say "could not install ${missing[*]}"
        [ "${CI:-}" != true ] || exit 1
    fi
    rm -f "$log"
    # Nor may they start at the next boot. This covers only the packages that were installed just now.
    if has systemctl; then
        for entry in "${missing[@]}"; do
            case $entry in
                bind9*) "${root[@]}" systemctl disable named.service >/dev/null 2>&1 || true ;;
                postfix-mta-sts-resolver | caddy | prometheus | nginx | haproxy | postfix) "${root[@]}" systemctl disable "${entry%% *}.service" >/dev/null 2>&1 || true ;;
            esac
        done
    fi
    if [ -x $policy ] && [ "$(trap -p EXIT)" ]; then "${root[@]}" rm -f $policy; trap - EXIT; fi
}

step() { # step NAME COMMAND…: runs it, shows its output, and keeps it in artifacts/NAME.log
    local name=$1 started=$SECONDS
    shift
    if ! "$@" </dev/null 2>&1 | tee "artifacts/$name.log"; then say "$name failed"; exit 1; fi
    say "$name took $((SECONDS - started)) s"
}

install_packages
[ "${1:-}" != --install-only ] || exit 0
mkdir -p artifacts
rm -rf "$results" artifacts/*.log

step restore dotnet restore MtaStsHost.sln
step build dotnet build MtaStsHost.sln -c $configuration --no-restore
# The binary that operators run. Without a linker (clang) the tests use the build above instead.
if has clang && has /usr/include/zlib.h; then
    rm -rf artifacts/host
    step publish dotnet publish src/MtaStsHost -c Release -o artifacts/host --no-restore
    # Some warnings come from tools that ignore TreatWarningsAsErrors.
    if grep -E 'warning( [A-Z]+[0-9]+)?\s*:' artifacts/publish.log >&2; then say "publish printed warnings"; exit 1; fi
else
    say "no clang or zlib: the tests run the build instead of the native binary"
    [ "${CI:-}" != true ] || exit 1
fi

# bench/run builds it in Release, which has warnings that the Debug build does not.
step bench dotnet build bench/Load -c Release

step test dotnet test --solution MtaStsHost.sln -c $configuration --no-build --no-restore --results-directory "$results" "$@"
