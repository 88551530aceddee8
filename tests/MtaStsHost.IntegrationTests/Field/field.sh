#!/bin/bash
# Name servers, mail server, web server and host of the field, in a network of their own. Says "ready", and runs until it is killed.
#   unshare -n -m -p -f --kill-child --mount-proc field.sh FOLDER -- HOST [ARGUMENT…]
# In FOLDER: addresses, listeners (one address and port a line), root.zone, example.zone, sound.example.zone, bogus.example.zone, auth.conf,
# resolver.conf, postfix/, nginx.conf. As process 1 of its namespace it takes everything with it when it ends.
set -euo pipefail
cd "$1"
shift 2
export PATH=$PATH:/usr/sbin:/sbin

ip link set lo up
while read -r address; do
    case $address in
        *:*) ip address add "$address" dev lo nodad ;;
        *) ip address add "$address" dev lo ;;
    esac
done <addresses

fail() {
    echo "$*" >&2
    tail -n 10 ./*.log >&2
    exit 1
}

# Both zones are signed with keys that the resolver knows, one of them long ago.
sign() { # sign ZONE [OPTION…]
    local zone=$1 key
    shift
    key=$(dnssec-keygen -q -a ECDSAP256SHA256 -f KSK -K keys "$zone")
    dnssec-signzone -q -S -z -K keys -o "$zone" -f "$zone.signed" "$@" "$zone.zone" >sign.log 2>&1 || fail "$zone isn't signed"
    dnssec-dsfromkey -2 "keys/$key" | while read -r name _ _ tag algorithm digest hash; do
        echo "trust-anchors { \"$name\" static-ds $tag $algorithm $digest \"${hash// /}\"; };"
    done >>anchors.conf
}
mkdir -p keys cache
sign sound.example
sign bogus.example -P -s 20200101000000 -e 20200201000000

# A copy, since where AppArmor is on the packaged one may read the system's configuration alone.
cp "$(command -v named)" named
./named -g -c auth.conf >auth.log 2>&1 &
./named -g -c resolver.conf >resolver.log 2>&1 &
nginx -p "$PWD" -e stderr -c nginx.conf >nginx.log 2>&1 &
postfix -c "$PWD/postfix" start-fg 2>&1 | cat >postfix.log &
"$@" >host.log 2>&1 &

connects() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

while read -r address port; do
    for ((i = 0; i < 600; i++)); do
        if connects "$address" "$port"; then continue 2; fi
        read -rt 0.05 <> <(:) || :
    done
    fail "not in time: $address, port $port"
done <listeners
echo ready
wait -n
fail "a server ended"
