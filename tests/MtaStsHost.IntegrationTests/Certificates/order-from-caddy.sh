#!/bin/bash
# Starts a name server, Caddy as a CA, and the host that orders there, in a network of their own, and asks as senders do.
#   unshare -n -m -p -f --kill-child --mount-proc order-from-caddy.sh FOLDER DOMAIN -- HOST [ARGUMENT…]
# In FOLDER: resolv.conf, nsswitch.conf, dnsmasq.conf, Caddyfile. Left there: policy (curl's), query (mta-sts-query's), health, and the logs.
# As process 1 of its namespace it takes everything with it when it ends.
set -euo pipefail
folder=$1 domain=$2
shift 3
cd "$folder"

ip link set lo up
ip address add 192.0.2.1/32 dev lo
mount --bind resolv.conf "$(readlink -f /etc/resolv.conf)"
mount --bind nsswitch.conf /etc/nsswitch.conf
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
export HOME=$folder XDG_DATA_HOME=$folder XDG_CONFIG_HOME=$folder

fail() {
    echo "$*" >&2
    tail -n 50 ./*.log >&2
    exit 1
}

# until_true WHAT COMMAND…: some 30 s at most
until_true() {
    local what=$1 i
    shift
    for ((i = 0; i < 300; i++)); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        read -rt 0.1 <> <(:) || :
    done
    fail "not in time: $what"
}

dnsmasq --keep-in-foreground --conf-file=dnsmasq.conf >dnsmasq.log 2>&1 &
until_true "the name server answers" getent ahostsv4 ca.example
caddy run --config Caddyfile --adapter caddyfile >caddy.log 2>&1 &
root=$folder/caddy/pki/authorities/local/root.crt
until_true "Caddy has its root" test -s "$root"
until_true "Caddy answers" curl -sf --cacert "$root" https://ca.example:9443/acme/local/directory

"$@" >host.log 2>&1 &
until_true "a certificate is there" curl -sf --cacert "$root" "https://mta-sts.$domain/.well-known/mta-sts.txt"

curl -sf --cacert "$root" "https://mta-sts.$domain/.well-known/mta-sts.txt" >policy
curl -s http://localhost:9090/health >health
# Caddy's root alone is trusted.
mkdir -p no-certificates
SSL_CERT_FILE=$root SSL_CERT_DIR=$folder/no-certificates mta-sts-query "$domain" >query 2>&1 || fail "mta-sts-query failed: $(cat query)"
