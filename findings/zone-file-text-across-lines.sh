#!/usr/bin/env bash
# A quoted string that continues on the next line is a zone file for NSD only: the tools of BIND,
# Knot and PowerDNS reject the whole file.
#
# RFC 1035 section 5.1 permits a line end inside a quoted string. NSD keeps it as an octet of the
# record, here in the middle of an MTA-STS record, where RFC 8461 section 3.1 permits only spaces
# and tabs. All four accept a record that continues on the next line outside the quotes, in parentheses.
#
# Seen with nsd 4.6.1-1, bind9-utils 9.18.49-1~deb12u3, knot-dnssecutils 3.2.6-1, pdns-server 4.7.3-2.
# Needs Debian 12 with package lists.
set -euo pipefail
tmp=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$tmp"' EXIT
cd "$tmp"

apt-get install -s --reinstall --no-install-recommends nsd=4.6.1-1 knot-dnssecutils=3.2.6-1 knot-dnsutils=3.2.6-1 pdns-server=4.7.3-2 pdns-backend-bind=4.7.3-2 \
    bind9-utils=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 \
    | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p' | xargs apt-get download -qq -o APT::Sandbox::User=root
for deb in *.deb; do dpkg -x "$deb" root; done
for deb in nsd_*.deb bind9-utils_*.deb knot-dnssecutils_*.deb pdns-server_*.deb; do dpkg-deb -W "$deb"; done
export LD_LIBRARY_PATH=$(echo "$tmp"/root/usr/lib/*-linux-gnu)

cat >parentheses <<'ZONE'
$ORIGIN d.test.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
_mta-sts TXT ( "v=STSv1; "
  "id=1;" )
ZONE
cat >quotes <<'ZONE'
$ORIGIN d.test.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
_mta-sts TXT "v=STSv1;
id=1;"
ZONE

verdict() { if [ ! -x "$1" ]; then echo missing; elif "$@" >>checks.log 2>&1; then echo accepts; else echo refuses; fi; }
for zone in parentheses quotes; do
    echo "$zone: NSD $(verdict root/usr/sbin/nsd-checkzone d.test $zone)"
    echo "$zone: BIND $(verdict root/usr/bin/named-checkzone d.test $zone)"
    echo "$zone: Knot $(verdict root/usr/bin/kzonecheck -o d.test $zone)"
    echo "$zone: PowerDNS $(verdict root/usr/bin/zone2json --zone-name=d.test --zone=$zone)"
done >seen

until port=$(shuf -i 20000-32000 -n 1); ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
cat >nsd.conf <<CONF
server:
  ip-address: 127.0.0.1@$port
  username: ""
  zonesdir: "$tmp"
  database: ""
  pidfile: ""
  xfrdfile: ""
  zonelistfile: "$tmp/zones"
remote-control:
  control-enable: no
zone:
  name: d.test
  zonefile: quotes
CONF
root/usr/sbin/nsd -d -c nsd.conf >nsd.log 2>&1 &
timeout 20 bash -c "until (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; do sleep 0.1; done" || { cat nsd.log; exit 1; }
echo "NSD serves $(root/usr/bin/kdig +short @127.0.0.1 -p "$port" _mta-sts.d.test TXT)" >>seen
cat seen
diff - seen <<'EXPECTED'
parentheses: NSD accepts
parentheses: BIND accepts
parentheses: Knot accepts
parentheses: PowerDNS accepts
quotes: NSD accepts
quotes: BIND refuses
quotes: Knot refuses
quotes: PowerDNS refuses
NSD serves "v=STSv1;\010id=1;"
EXPECTED
