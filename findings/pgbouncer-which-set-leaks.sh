#!/usr/bin/env bash
# Behind PgBouncer in transaction mode, SET DateStyle stays with the client that sent it, and
# SET IntervalStyle changes every other client's session, although PostgreSQL's protocol reports
# both to the client in the same way.
#
# PgBouncer's table of features rules out SET in this mode. In fact it keeps track of five
# parameters per client (client_encoding, DateStyle, TimeZone, standard_conforming_strings and
# application_name) and restores them on each server connection; the others stay on the connection
# for the next client. A test of one parameter therefore says nothing about another.
#
# Seen with pgbouncer 1.18.0-1+deb12u1 (one server connection) and postgresql-15 15.18-0+deb12u1.
# Needs Debian 12 with package lists.
set -euo pipefail
tmp=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$tmp"' EXIT
cd "$tmp"

apt-get install -s --reinstall --no-install-recommends --allow-downgrades pgbouncer=1.18.0-1+deb12u1 \
    postgresql-15=15.18-0+deb12u1 postgresql-client-15=15.18-0+deb12u1 libpq5=15.18-0+deb12u1 \
    | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p' | xargs apt-get download -qq -o APT::Sandbox::User=root
for deb in *.deb; do dpkg -x "$deb" root; done
for deb in pgbouncer_*.deb postgresql-15_*.deb; do dpkg-deb -W "$deb"; done
export LD_LIBRARY_PATH=$(echo "$tmp"/root/usr/lib/*-linux-gnu)
bin=$tmp/root/usr/lib/postgresql/15/bin

free_port() {
    until port=$(shuf -i 20000-32000 -n 1); ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}
server=$(free_port) pool=$(free_port)
# Neither program runs as root.
run=()
if [ "$(id -u)" = 0 ]; then run=(setpriv --reuid=65534 --regid=65534 --clear-groups); chown 65534 "$tmp"; fi
echo '"app" ""' >users
cat >pgbouncer.ini <<CONF
[databases]
* = host=127.0.0.1 port=$server
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pool
unix_socket_dir =
auth_type = trust
auth_file = $tmp/users
pool_mode = transaction
default_pool_size = 1
CONF
"${run[@]}" "$bin/initdb" -D "$tmp/data" -U app -A trust --locale=C --no-sync >initdb.log 2>&1 || { cat initdb.log; exit 1; }
"${run[@]}" "$bin/postgres" -D "$tmp/data" -p "$server" -c listen_addresses=127.0.0.1 -c unix_socket_directories= >postgres.log 2>&1 &
timeout 20 bash -c "until $bin/pg_isready -q -h 127.0.0.1 -p $server; do sleep 0.2; done" || { cat postgres.log; exit 1; }
"${run[@]}" root/usr/sbin/pgbouncer pgbouncer.ini >pgbouncer.log 2>&1 &
export PGHOST=127.0.0.1 PGPORT=$pool PGUSER=app PGDATABASE=postgres PATH=$bin:$PATH
timeout 20 bash -c 'until psql -XAtqc "SELECT 1"; do sleep 0.2; done' >/dev/null 2>&1 || { cat postgres.log pgbouncer.log; exit 1; }

export SHOW="SELECT name || '=' || setting FROM pg_settings WHERE name IN ('DateStyle', 'IntervalStyle') ORDER BY name"
psql -XAtq >seen <<'SQL'
SET DateStyle = 'German';
SET IntervalStyle = 'iso_8601';
\echo other client:
\! psql -XAtqc "$SHOW"
\echo this client:
\getenv show SHOW
:show;
SQL
cat seen
diff - seen <<'EXPECTED'
other client:
DateStyle=ISO, MDY
IntervalStyle=iso_8601
this client:
DateStyle=German, DMY
IntervalStyle=iso_8601
EXPECTED
