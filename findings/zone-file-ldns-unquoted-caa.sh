#!/usr/bin/env bash
# ldns cannot read a CAA record whose value has no quotes, so ldns-read-zone refuses the whole zone.
#
# RFC 8659 section 4.1.1 makes the value a character-string of RFC 1035 section 5.1, which may be
# written with or without quotes, like that of a TXT record. BIND, NSD and Knot accept both forms,
# and ldns itself reads an unquoted TXT record; its error names only the line.
#
# Seen with ldnsutils 1.8.3-1+b1, bind9-utils 9.18.49-1~deb12u3, nsd 4.6.1-1, knot-dnssecutils 3.2.6-1.
# Needs Debian 12 with package lists.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

apt-get install -s --reinstall --no-install-recommends ldnsutils=1.8.3-1+b1 nsd=4.6.1-1 knot-dnssecutils=3.2.6-1 \
    bind9-utils=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 \
    | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p' | xargs apt-get download -qq -o APT::Sandbox::User=root
for deb in *.deb; do dpkg -x "$deb" root; done
for deb in ldnsutils_*.deb bind9-utils_*.deb nsd_*.deb knot-dnssecutils_*.deb; do dpkg-deb -W "$deb"; done
export LD_LIBRARY_PATH=$(echo "$tmp"/root/usr/lib/*-linux-gnu)

verdict() { if [ ! -x "$1" ]; then echo missing; elif "$@" >>checks.log 2>&1; then echo accepts; else echo refuses; fi; }
for record in 'TXT text' 'CAA 0 issue "ca.example"' 'CAA 0 issue ca.example'; do
    cat >zone <<ZONE
\$ORIGIN d.test.
\$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
@ $record
ZONE
    echo "$record: BIND $(verdict root/usr/bin/named-checkzone d.test zone)," \
        "NSD $(verdict root/usr/sbin/nsd-checkzone d.test zone)," \
        "Knot $(verdict root/usr/bin/kzonecheck -o d.test zone)," \
        "ldns $(verdict root/usr/bin/ldns-read-zone zone)"
done >seen
root/usr/bin/ldns-read-zone zone >>seen 2>&1 || true
cat seen
diff - seen <<'EXPECTED'
TXT text: BIND accepts, NSD accepts, Knot accepts, ldns accepts
CAA 0 issue "ca.example": BIND accepts, NSD accepts, Knot accepts, ldns accepts
CAA 0 issue ca.example: BIND accepts, NSD accepts, Knot accepts, ldns refuses
Syntax error, could not parse the RR's rdata at line 6
EXPECTED
