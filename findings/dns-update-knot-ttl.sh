#!/usr/bin/env bash
# Knot answers NOERROR to an update that only changes a record's TTL, and changes nothing.
#
# RFC 2136 section 3.4.2.2 replaces the existing record by a new one with the same RDATA, so its
# TTL changes, as it does in PowerDNS. Knot keeps the old TTL. Adding a different record with
# another TTL does change the TTL of the whole RRset, in both.
#
# Seen with knot 3.2.6-1 and pdns-server 4.7.3-2 (SQLite backend), updated by nsupdate 9.18.49.
# Needs Debian 12 with package lists, and python3.
set -euo pipefail
tmp=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$tmp"' EXIT
cd "$tmp"

apt-get install -s --reinstall --no-install-recommends pdns-server=4.7.3-2 pdns-backend-sqlite3=4.7.3-2 \
    knot=3.2.6-1 knot-dnsutils=3.2.6-1 bind9-dnsutils=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 \
    | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p' | xargs apt-get download -qq -o APT::Sandbox::User=root
for deb in *.deb; do dpkg -x "$deb" root; done
for deb in pdns-server_*.deb knot_*.deb bind9-dnsutils_*.deb; do dpkg-deb -W "$deb"; done
export LD_LIBRARY_PATH=$(echo "$tmp"/root/usr/lib/*-linux-gnu)

free_port() {
    until port=$(shuf -i 20000-32000 -n 1); ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}
pdns=$(free_port) knot=$(free_port)
cat >d.test.zone <<'ZONE'
$ORIGIN d.test.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
a TXT "one"
ZONE
cat >pdns.conf <<CONF
launch=gsqlite3
gsqlite3-database=$tmp/pdns.db
module-dir=$LD_LIBRARY_PATH/pdns
local-address=127.0.0.1
local-port=$pdns
socket-dir=$tmp
dnsupdate=yes
allow-dnsupdate-from=127.0.0.0/8
CONF
cat >knot.conf <<CONF
server:
  listen: 127.0.0.1@$knot
  rundir: "$tmp"
database:
  storage: "$tmp"
acl:
  - id: local
    address: 127.0.0.1
    action: update
zone:
  - domain: d.test
    storage: "$tmp"
    file: d.test.zone
    acl: local
CONF
/usr/bin/python3 -c 'import sqlite3, sys; sqlite3.connect("pdns.db").executescript(sys.stdin.read())' \
    <root/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql
root/usr/bin/pdnsutil --config-dir="$tmp" load-zone d.test d.test.zone >pdns.log 2>&1
root/usr/sbin/pdns_server --config-dir="$tmp" >>pdns.log 2>&1 &
root/usr/sbin/knotd -c knot.conf >knot.log 2>&1 &
for port in "$pdns" "$knot"; do
    timeout 20 bash -c "until root/usr/bin/kdig +short @127.0.0.1 -p $port d.test SOA 2>/dev/null | grep -q ns.d.test; do sleep 0.2; done" \
        || { cat pdns.log knot.log; exit 1; }
done

for server in "Knot $knot" "PowerDNS $pdns"; do
    port=${server#* }
    for text in one two; do
        answer=$(printf '%s\n' "server 127.0.0.1 $port" 'zone d.test' "update add a.d.test 60 TXT $text" send answer \
            | root/usr/bin/nsupdate | grep -o 'status: [A-Z]*')
        echo "${server% *}: add 60 TXT $text, $answer, then:" \
            "$(root/usr/bin/kdig +noall +answer @127.0.0.1 -p "$port" a.d.test TXT | awk '{ print $2, $5 }' | sort | paste -sd ,)"
    done
done >seen
cat seen
diff - seen <<'EXPECTED'
Knot: add 60 TXT one, status: NOERROR, then: 300 "one"
Knot: add 60 TXT two, status: NOERROR, then: 60 "one",60 "two"
PowerDNS: add 60 TXT one, status: NOERROR, then: 60 "one"
PowerDNS: add 60 TXT two, status: NOERROR, then: 60 "one",60 "two"
EXPECTED
