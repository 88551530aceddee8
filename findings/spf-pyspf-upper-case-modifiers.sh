#!/usr/bin/env bash
# pyspf accepts mechanisms in upper case, but ignores the modifiers REDIRECT= and EXP=.
#
# RFC 7208 section 4.6.1 makes the names of mechanisms and of modifiers case-insensitive. pyspf
# treats a modifier in upper case as one that it doesn't know: a domain with REDIRECT= ends in
# neutral, as if it had listed nothing, and the explanation that EXP= names is not used.
#
# Seen with python3-spf 2.0.14-3; a table stands in for DNS.
# Needs Debian 12 with package lists, and python3.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

apt-get install -s --reinstall --no-install-recommends python3-spf=2.0.14-3 python3-dnspython=2.3.0-1 \
    | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p' | xargs apt-get download -qq -o APT::Sandbox::User=root
for deb in *.deb; do dpkg -x "$deb" root; done
dpkg-deb -W python3-spf_*.deb

cat >check.py <<'PYTHON'
import spf

records = {"other.test": "v=spf1 ip4:192.0.2.0/24 -all", "why.test": "Not from here"}
spf.DNSLookup = lambda name, kind, *rest, **named: (
    [((name, kind), (records[name].encode(),))] if kind == "TXT" and name in records else [])

for record in ("v=spf1 IP4:192.0.2.0/24 -ALL", "v=spf1 -all exp=why.test", "v=spf1 -all EXP=why.test",
               "v=spf1 redirect=other.test", "v=spf1 REDIRECT=other.test"):
    records["d.test"] = record
    result, explanation = spf.check2(i="192.0.2.1", s="user@d.test", h="mx.d.test")
    print(record, "=>", result, "(%s)" % explanation if result == "fail" else "")
PYTHON
PYTHONPATH=$tmp/root/usr/lib/python3/dist-packages /usr/bin/python3 check.py | sed 's/ $//' >seen
cat seen
diff - seen <<'EXPECTED'
v=spf1 IP4:192.0.2.0/24 -ALL => pass
v=spf1 -all exp=why.test => fail (Not from here)
v=spf1 -all EXP=why.test => fail (SPF fail - not authorized)
v=spf1 redirect=other.test => pass
v=spf1 REDIRECT=other.test => neutral
EXPECTED
