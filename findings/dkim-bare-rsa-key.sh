#!/usr/bin/env bash
# An RSA key in exactly the form that RFC 6376 names is rejected by opendkim and Mail::DKIM.
#
# Section 3.6.1 says that p= contains an ASN.1 RSAPublicKey; its own examples, and the
# common key generators, wrap it in a SubjectPublicKeyInfo (erratum 3017). The bare form is what
# "openssl rsa -RSAPublicKey_out" writes. dkimpy verifies the same signature with either form,
# opendkim (permerror) and Mail::DKIM (invalid) only with the wrapped one.
#
# Seen with python3-dkim 1.1.4-1, opendkim 2.11.0~beta2-8+deb12u1, libmail-dkim-perl 1.20230212-2~deb12u1.
# Needs Debian 12 with package lists, python3, perl, and openssl.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

apt-get install -s --reinstall --no-install-recommends \
    python3-dkim=1.1.4-1 libmail-dkim-perl=1.20230212-2~deb12u1 opendkim=2.11.0~beta2-8+deb12u1 \
    | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p' | xargs apt-get download -qq -o APT::Sandbox::User=root
for deb in *.deb; do dpkg -x "$deb" root; done
for deb in python3-dkim_*.deb libmail-dkim-perl_*.deb opendkim_*.deb; do dpkg-deb -W "$deb"; done
lib=$(echo "$tmp"/root/usr/lib/*-linux-gnu)
export PYTHONPATH=$tmp/root/usr/lib/python3/dist-packages PERL5LIB=$tmp/root/usr/share/perl5:$(echo "$lib"/perl5/5.*)

openssl genrsa -traditional -out key.pem 2048 2>/dev/null
cat >sign.py <<'PYTHON'
import dkim
message = b"From: a@d.test\r\nTo: b@x.test\r\nSubject: Test\r\n\r\nHello\r\n"
signature = dkim.sign(message, b"s", b"d.test", open("key.pem", "rb").read())
open("signed", "wb").write(signature + message)
PYTHON
/usr/bin/python3 sign.py

cat >check.py <<'PYTHON'
import sys
import dkim
print(dkim.verify(open("signed", "rb").read(), dnsfunc=lambda name, timeout=5: sys.argv[1].encode()))
PYTHON
cat >check.pl <<'PERL'
use Mail::DKIM::Verifier;
use Net::DNS;
my $record = shift;
no warnings 'redefine';
*Mail::DKIM::DNS::query = sub { Net::DNS::RR->new(name => $_[0], type => 'TXT', txtdata => [unpack '(a200)*', $record]) };
*Mail::DKIM::DNS::query_async = sub {
    my ($name, $type, %options) = @_;
    my @found = $options{Callbacks}{Success}->(Mail::DKIM::DNS::query($name, $type));
    return sub { @found };
};
my $verifier = Mail::DKIM::Verifier->new;
open my $mail, '<', 'signed';
$verifier->PRINT($_) while <$mail>;
$verifier->CLOSE;
print $verifier->result;
PERL
for form in pubout RSAPublicKey_out; do
    record="v=DKIM1; p=$(openssl rsa -in key.pem -$form -outform DER 2>/dev/null | base64 -w0)"
    echo "s._domainkey.d.test $record" >keys
    printf 'Mode v\nSyslog no\nTestDNSData %s/keys\n' "$tmp" >opendkim.conf
    echo "$form: dkimpy $(/usr/bin/python3 check.py "$record")," \
        "Mail::DKIM $(perl check.pl "$record")," \
        "opendkim $(LD_LIBRARY_PATH=$lib:$tmp/root/usr/lib root/usr/sbin/opendkim -x opendkim.conf -t signed -vv 2>&1 | grep -o 'dkim=[a-z]*')"
done >seen
cat seen
diff - seen <<'EXPECTED'
pubout: dkimpy True, Mail::DKIM pass, opendkim dkim=pass
RSAPublicKey_out: dkimpy True, Mail::DKIM invalid, opendkim dkim=permerror
EXPECTED
