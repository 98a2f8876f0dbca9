#!/bin/sh
# Which databases run on this machine, where they listen, and what their world-readable settings say.
# Only reads, and never a value that may be a secret. One record a line, its kind first; then
# "complete", and last "end N", with N the lines before it.

CONTAINER='docker|lxc|kubepods|containerd|libpod|crio|garden'

place() { # FOLDER: where the process runs; a container that we are in ourselves is our "host"
  if grep -qE "$CONTAINER" "$1/cgroup" 2>/dev/null && ! grep -qE "$CONTAINER" /proc/self/cgroup 2>/dev/null
  then echo container; else echo host; fi
}

mongo_options() { # FOLDER: the options that decide who gets in; no other, some hold passwords
  tr '\000' '\n' 2>/dev/null <"$1/cmdline" | awk '
    function show(name, value) { print "mongo_option " name (value == "" ? "" : " " value) }
    wanted != "" { show(wanted, $0); wanted = ""; next }
    /^--(auth|noauth|bind_ip_all|keyFile)(=|$)/ { sub(/=.*/, ""); show($0, ""); next }
    /^--(bind_ip|port|config|tlsMode|sslMode)=/ { at = index($0, "="); show(substr($0, 1, at - 1), substr($0, at + 1)); next }
    /^(--(bind_ip|port|config|tlsMode|sslMode)|-f)$/ { wanted = $0 }'
}

processes() {
  if ! read -r name 2>/dev/null </proc/1/comm; then echo 'processes hidden'; fi
  for folder in /proc/[0-9]*; do
    read -r name 2>/dev/null <"$folder/comm" || continue
    case $name in
      postgres | postmaster | edb-postgres)
        # Sessions and helpers are named "postgres: ..."; the server itself by its command line.
        title=
        # shellcheck disable=SC2162 # nothing in it is escaped
        read title 2>/dev/null <"$folder/cmdline"
        case $title in
          '' | postgres:* | edb-postgres:*) continue ;;
        esac
        printf 'process postgresql %s\n' "$(place "$folder")"
        ;;
      mysqld | mariadbd) printf 'process mysql %s\n' "$(place "$folder")" ;;
      redis-server | valkey-server | keydb-server)
        # "redis-server 127.0.0.1:6379 [cluster]": the port that it answers at.
        title=$(tr '\000' ' ' 2>/dev/null <"$folder/cmdline")
        port=$(expr "$title" : '[^ ]* [^ ]*:\([0-9]\{1,5\}\)\( .*\)\{0,1\}$')
        printf 'process redis %s %s\n' "$(place "$folder")" "${port:-unseen}"
        ;;
      mongod | mongos)
        printf 'process mongodb %s\n' "$(place "$folder")"
        mongo_options "$folder"
        ;;
      sqlservr) printf 'process mssql %s\n' "$(place "$folder")" ;;
      memcached | influxd | arangod | cockroach | clickhouse-serv | couchdb | firebird | etcd)
        printf 'other %s\n' "$name"
        ;;
    esac
  done
}

installed() {
  for path in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/bin/postgres \
    /usr/libexec/postgresql*/postgres; do
    if [ -x "$path" ]; then echo 'installed postgresql'; fi
  done
  for path in /usr/sbin/mysqld /usr/sbin/mariadbd /usr/bin/mariadbd /usr/libexec/mysqld \
    /usr/libexec/mariadbd; do
    if [ -x "$path" ]; then echo 'installed mysql'; fi
  done
  for path in /usr/bin/redis-server /usr/bin/valkey-server /usr/bin/keydb-server; do
    if [ -x "$path" ]; then echo 'installed redis'; fi
  done
  if [ -x /usr/bin/mongod ]; then echo 'installed mongodb'; fi
  if [ -d /opt/mssql ]; then echo 'installed mssql'; fi
}

listeners() {
  for table in /proc/net/tcp /proc/net/tcp6; do
    if [ ! -e "$table" ]; then continue; fi
    # State 0A is LISTEN (include/net/tcp_states.h).
    if awk 'NR > 1 && $4 == "0A" { print "listen " $2 }' "$table" 2>/dev/null
    then printf 'table %s\n' "$table"
    else printf 'unreadable %s\n' "$table"; fi
  done
}

mongo_file() {
  for path in /etc/mongod.conf /etc/mongodb.conf; do
    if [ ! -f "$path" ]; then continue; fi
    if [ ! -r "$path" ]; then
      printf 'unreadable %s\n' "$path"
      continue
    fi
    printf 'mongo_file %s\n' "$path"
    # The names of sections, and the settings that decide who gets in; a keyFile is only said to be there.
    awk '
      /^[ \t]*(#|$)/ || /^[ \t]+[A-Za-z]+:/ && !/^[ \t]+(authorization|bindIp|bindIpAll|port|mode|transitionToAuth|ssl|tls|keyFile):/ { next }
      /keyFile/ { sub(/keyFile.*/, "keyFile: set") }
      /^[A-Za-z]+:[ \t]*$/ || /^[ \t]+[A-Za-z]+:/ || /^(auth|noauth|bind_ip|port|keyFile)[ \t]*[=:]/ { print "mongo | " $0; next }
      /^[^ \t]/ { print "mongo other" }' "$path"
  done
}

mysql_files() {
  # The only setting that opens the doors by itself; all else is asked of the server.
  grep -lsiE '^[[:space:]]*skip[-_]grant[-_]tables' /etc/my.cnf /etc/mysql/my.cnf /etc/mysql/*.cnf \
    /etc/my.cnf.d/*.cnf /etc/mysql/conf.d/*.cnf /etc/mysql/mysql.conf.d/*.cnf \
    /etc/mysql/mariadb.conf.d/*.cnf 2>/dev/null | sort -u | sed 's/^/skip_grant_tables /'
}

{
  processes
  installed
  listeners
  mongo_file
  mysql_files
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
