#!/bin/bash
# Starts the service, a name server and postfix-mta-sts-resolver in a network of their own, and asks the sender for domains.
#   unshare -n -m -p -f --kill-child --mount-proc ask-sender.sh FOLDER DOMAINS -- HOST [ARGUMENT…]
# In FOLDER: resolv.conf, nsswitch.conf, dnsmasq.conf, mta-sts-daemon.yml, ca.pem. Left there: query/DOMAIN with what mta-sts-query
# printed, socketmap/DOMAIN with what the daemon answered, import/DOMAIN with what our own import printed, and the logs.
# As process 1 of its namespace it takes everything with it when it ends.
set -euo pipefail
folder=$1 domains=$2
shift 3
cd "$folder"
mkdir -p query socketmap import

ip link set lo up
# With loopback addresses alone, getaddrinfo's AI_ADDRCONFIG finds no host at all.
ip address add 192.0.2.1/32 dev lo
mount --bind resolv.conf "$(readlink -f /etc/resolv.conf)"
mount --bind nsswitch.conf /etc/nsswitch.conf
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY

fail() {
    echo "$*" >&2
    tail -n 50 ./*.log >&2
    exit 1
}

# until_true WHAT COMMAND…: some 20 s at most
until_true() {
    local what=$1 i
    shift
    for ((i = 0; i < 400; i++)); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        read -rt 0.05 <> <(:) || :
    done
    fail "not in time: $what"
}

connects() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

"$@" >host.log 2>&1 &
dnsmasq --keep-in-foreground --conf-file=dnsmasq.conf >dnsmasq.log 2>&1 &

# The test CA alone is trusted.
export SSL_CERT_FILE=$folder/ca.pem SSL_CERT_DIR=$folder/no-certificates
mkdir -p no-certificates
mta-sts-daemon --config mta-sts-daemon.yml --disable-uvloop >daemon.log 2>&1 &

until_true "the host listens" connects 443
until_true "the name server answers" getent ahostsv4 name-server-is-up.example
until_true "the daemon listens" connects 8461

for domain in $domains; do
    mta-sts-query "$domain" >"query/$domain" 2>&1 || fail "mta-sts-query $domain failed: $(cat "query/$domain")"

    # A netstring there and a netstring back.
    exec 3<>/dev/tcp/127.0.0.1/8461
    request="test $domain"
    printf '%d:%s,' ${#request} "$request" >&3
    IFS= read -r -t 20 -d : length <&3 || fail "no answer of the daemon for $domain"
    IFS= read -r -t 20 -N "$length" answer <&3 || fail "half an answer of the daemon for $domain"
    printf '%s' "$answer" >"socketmap/$domain"
    exec 3>&-

    # Not every domain has a policy.
    "$@" import "https://mta-sts.$domain/.well-known/mta-sts.txt" >"import/$domain" 2>&1 || :
done
