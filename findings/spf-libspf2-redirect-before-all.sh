#!/usr/bin/env bash
# libspf2 follows redirect= although the record has an "all", if the modifier is written first.
#
# RFC 7208 section 6.1 ignores redirect= when there is an "all" anywhere in the record, and
# section 6 lets modifiers stand in any place, so both orders below mean softfail. libspf2
# evaluates the terms from left to right: with redirect= in front, the other domain decides.
#
# Seen with libspf2-2 1.2.10-7.2+b1, through its C interface and its in-memory zone.
# Needs Debian 12 with package lists, and python3.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

apt-get download -qq -o APT::Sandbox::User=root libspf2-2=1.2.10-7.2+b1
dpkg -x libspf2-2_*.deb root
dpkg-deb -W libspf2-2_*.deb

cat >check.py <<'PYTHON'
from ctypes import CDLL, POINTER, byref, c_char_p, c_int, c_void_p
import sys

spf = CDLL(sys.argv[1])
TXT = 16


def declare(name, result, *arguments):
    function = getattr(spf, name)
    function.restype, function.argtypes = result, arguments
    return function


new_zone = declare("SPF_dns_zone_new", c_void_p, c_void_p, c_char_p, c_int)
add = declare("SPF_dns_zone_add_str", c_int, c_void_p, c_char_p, c_int, c_int, c_char_p)
new_server = declare("SPF_server_new_dns", c_void_p, c_void_p, c_int)
new_request = declare("SPF_request_new", c_void_p, c_void_p)
set_ip = declare("SPF_request_set_ipv4_str", c_int, c_void_p, c_char_p)
set_sender = declare("SPF_request_set_env_from", c_int, c_void_p, c_char_p)
query = declare("SPF_request_query_mailfrom", c_int, c_void_p, POINTER(c_void_p))
result = declare("SPF_response_result", c_int, c_void_p)
name_of = declare("SPF_strresult", c_char_p, c_int)

for record in sys.argv[2:]:
    zone = new_zone(None, b"memory", 0)
    add(zone, b"d.test", TXT, 0, record.encode())
    add(zone, b"other.test", TXT, 0, b"v=spf1 -all")
    request = new_request(new_server(zone, 0))
    set_ip(request, b"192.0.2.1")
    set_sender(request, b"user@d.test")
    response = c_void_p()
    query(request, byref(response))
    print(record, "=>", name_of(result(response)).decode())
PYTHON
/usr/bin/python3 check.py root/usr/lib/libspf2.so.2 \
    'v=spf1 ~all' 'v=spf1 ~all redirect=other.test' 'v=spf1 redirect=other.test ~all' >seen
cat seen
diff - seen <<'EXPECTED'
v=spf1 ~all => softfail
v=spf1 ~all redirect=other.test => softfail
v=spf1 redirect=other.test ~all => fail
EXPECTED
