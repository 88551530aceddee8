#!/usr/bin/env bash
# Of two "mode" lines in an MTA-STS policy, postfix-mta-sts-resolver takes the last, mailauth the first.
#
# RFC 8461 section 3.2 keeps the first of a duplicated field (other than "mx") and ignores the rest,
# in policies and in TXT records. A policy to which new values were appended, instead of
# replacing the old ones, is therefore valid, and these two senders act on different values.
#
# Seen with postfix-mta-sts-resolver 1.1.2-1.1 and mailauth 7.1.0, with each one's own parser.
# Needs Debian 12 with package lists, python3, and npm with Node 20 or later.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

apt-get install -s --reinstall --no-install-recommends postfix-mta-sts-resolver=1.1.2-1.1 \
    | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p' | xargs apt-get download -qq -o APT::Sandbox::User=root
for deb in *.deb; do dpkg -x "$deb" root; done
npm install --silent --no-audit --no-fund --ignore-scripts mailauth@7.1.0 >/dev/null
dpkg-deb -W postfix-mta-sts-resolver_*.deb
npm ls --depth=0 --parseable --long | sed -n 's/.*:\(mailauth@.*\)/\1/p'

printf '%s\n' 'version: STSv1' 'mode: testing' 'max_age: 86400' 'mx: mx.d.test' 'mode: enforce' 'max_age: 604800' >policy
cat >check.py <<'PYTHON'
from postfix_mta_sts_resolver.utils import parse_mta_sts_policy, parse_mta_sts_record
policy = parse_mta_sts_policy(open("policy").read())
print("resolver: mode", policy["mode"], "max_age", policy["max_age"], "id", parse_mta_sts_record("v=STSv1; id=1; id=2;")["id"])
PYTHON
cat >check.js <<'JS'
const { parsePolicy, resolvePolicy } = require('mailauth/lib/mta-sts');
const policy = parsePolicy(require('node:fs').readFileSync('policy'), { strict: true });
resolvePolicy('d.test', { strict: true, resolver: async () => [['v=STSv1; id=1; id=2;']] })
    .then(id => console.log('mailauth: mode', policy.mode, 'max_age', policy.maxAge, 'id', id));
JS
{ PYTHONPATH=$tmp/root/usr/lib/python3/dist-packages /usr/bin/python3 check.py; node check.js; } >seen
cat seen
diff - seen <<'EXPECTED'
resolver: mode enforce max_age 604800 id 2
mailauth: mode testing max_age 86400 id 1
EXPECTED
