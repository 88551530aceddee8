#!/usr/bin/env bash
# Three a: terms that name hosts without an AAAA record make an SPF record fail for good,
# but only for clients that connect over IPv6, and only at some receivers.
#
# RFC 7208 section 5 looks up AAAA for an IPv6 client, and section 4.6.4 makes a third lookup
# without an answer ("void lookup") a permerror. Mail::SPF and pyspf do exactly that, so the
# ip6: term that lists the client is never reached. mailauth looks up A as well and counts a
# host as void only when it has neither, so the same mail passes. Over IPv4, all three agree.
#
# Seen with libmail-spf-perl 2.9.0-5, python3-spf 2.0.14-3 and mailauth 7.1.0 on a zone in NSD 4.6.1.
# Needs Debian 12 with package lists, python3, perl, and npm with Node 20 or later.
set -euo pipefail
tmp=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$tmp"' EXIT
cd "$tmp"

apt-get install -s --reinstall --no-install-recommends \
    nsd=4.6.1-1 libmail-spf-perl=2.9.0-5 python3-spf=2.0.14-3 python3-dnspython=2.3.0-1 \
    | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p' | xargs apt-get download -qq -o APT::Sandbox::User=root
for deb in *.deb; do dpkg -x "$deb" root; done
npm install --silent --no-audit --no-fund --ignore-scripts mailauth@7.1.0 >/dev/null
lib=$(echo "$tmp"/root/usr/lib/*-linux-gnu)
for deb in nsd_*.deb libmail-spf-perl_*.deb python3-spf_*.deb; do dpkg-deb -W "$deb"; done
npm ls --depth=0 --parseable --long | sed -n 's/.*:\(mailauth@.*\)/\1/p'

until port=$(shuf -i 20000-32000 -n 1); ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
cat >d.test <<'ZONE'
$ORIGIN d.test.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
@ TXT "v=spf1 a:out1.d.test a:out2.d.test a:out3.d.test ip6:2001:db8::/32 -all"
ns A 127.0.0.1
out1 A 192.0.2.1
out2 A 192.0.2.2
out3 A 192.0.2.3
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
LD_LIBRARY_PATH=$lib root/usr/sbin/nsd -d -c nsd.conf >nsd.log 2>&1 &
timeout 20 bash -c "until (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; do sleep 0.1; done" || { cat nsd.log; exit 1; }

cat >check.pl <<'PERL'
use Mail::SPF;
use Net::DNS::Resolver;
my ($port, $ip) = @ARGV;
my $resolver = Net::DNS::Resolver->new(nameservers => ['127.0.0.1'], port => $port);
my $request = Mail::SPF::Request->new(identity => 'user@d.test', ip_address => $ip);
print Mail::SPF::Server->new(dns_resolver => $resolver, hostname => 'mx.test')->process($request)->code, "\n";
PERL
cat >check.py <<'PYTHON'
import sys
import dns.resolver
import spf
resolver = dns.resolver.default_resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port = ["127.0.0.1"], int(sys.argv[1])
print(spf.check2(i=sys.argv[2], s="user@d.test", h="mx.d.test")[0])
PYTHON
cat >check.js <<'JS'
const { spf } = require('mailauth/lib/spf');
const { Resolver } = require('node:dns').promises;
const resolver = new Resolver();
resolver.setServers([`127.0.0.1:${process.argv[2]}`]);
spf({ ip: process.argv[3], sender: 'user@d.test', helo: 'mx.d.test', resolver: (name, type) => resolver.resolve(name, type) })
    .then(result => console.log(result.status.result));
JS
perl5=$tmp/root/usr/share/perl5:$(echo "$lib"/perl5/5.*)
for ip in 192.0.2.3 2001:db8::25; do
    echo "$ip Mail::SPF: $(PERL5LIB=$perl5 perl check.pl "$port" "$ip")"
    echo "$ip pyspf: $(PYTHONPATH=$tmp/root/usr/lib/python3/dist-packages /usr/bin/python3 check.py "$port" "$ip")"
    echo "$ip mailauth: $(node check.js "$port" "$ip")"
done >seen
cat seen
diff - seen <<'EXPECTED'
192.0.2.3 Mail::SPF: pass
192.0.2.3 pyspf: pass
192.0.2.3 mailauth: pass
2001:db8::25 Mail::SPF: permerror
2001:db8::25 pyspf: permerror
2001:db8::25 mailauth: pass
EXPECTED
