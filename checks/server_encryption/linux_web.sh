#!/bin/sh
# Which web servers run, and those of their settings that decide on encryption, headers and listings.
# Only reads. Of a settings file it prints only the directives named below; keys, passwords and the
# like never. One record a line, its kind first; then "complete", and last "end N", with N the lines
# before it.

CONTAINER='docker|lxc|kubepods|containerd|libpod|crio|garden'
MOST_FILES=300

place() { # FOLDER: where the process runs; a container that we are in ourselves is our "host"
  if grep -qE "$CONTAINER" "$1/cgroup" 2>/dev/null && ! grep -qE "$CONTAINER" /proc/self/cgroup 2>/dev/null
  then echo container; else echo host; fi
}

processes() {
  if ! read -r name 2>/dev/null </proc/1/comm; then echo 'processes hidden'; fi
  for folder in /proc/[0-9]*; do
    read -r name 2>/dev/null <"$folder/comm" || continue
    case $name in
      nginx)
        title=$(tr '\000' ' ' 2>/dev/null <"$folder/cmdline")
        case $title in
          'nginx: master process '* | *' -g '*) ;;
          *) continue ;;
        esac
        printf 'process nginx %s\n' "$(place "$folder")"
        printf '%s\n' "$title" | sed -n 's/.* -c  *\([^ ]*\).*/settings nginx \1/p'
        ;;
      apache2 | httpd | httpd-prefork | httpd-worker | httpd-event)
        printf 'process apache %s\n' "$(place "$folder")"
        tr '\000' '\n' 2>/dev/null <"$folder/cmdline" | awk '
          before == "-D" { print "defined apache " $0 }
          before == "-f" { print "settings apache " $0 }
          before != "-D" && /^-D./ { print "defined apache " substr($0, 3) }
          { before = $0 }'
        ;;
      caddy)
        printf 'process caddy %s\n' "$(place "$folder")"
        tr '\000' '\n' 2>/dev/null <"$folder/cmdline" | awk '
          before ~ /^--?config$/ { print "settings caddy " $0 }
          /^--?config=/ { sub(/^[^=]*=/, ""); print "settings caddy " $0 }
          { before = $0 }'
        ;;
      haproxy)
        printf 'process haproxy %s\n' "$(place "$folder")"
        tr '\000' '\n' 2>/dev/null <"$folder/cmdline" | awk '
          before == "-f" { print "settings haproxy " $0 }
          { before = $0 }'
        ;;
      lighttpd | litespeed | openlitespeed | traefik | h2o | envoy | tengine | varnishd | angie)
        printf 'other %s\n' "$name"
        ;;
    esac
  done | sort -u
}

installed() {
  for name in nginx apache2 httpd caddy haproxy; do
    for folder in /usr/sbin /usr/bin /usr/local/sbin /usr/local/bin; do
      if [ -x "$folder/$name" ]; then printf 'installed %s\n' "$name"; fi
    done
  done
}

listed() { # FOLDER: its settings files; keys, samples and what is not switched on left out
  find -L "$1" -maxdepth 3 \( -type d -o -type f \) ! -path '*/sites-available/*' ! -path '*/mods-available/*' \
    ! -path '*/conf-available/*' ! -name '*.pem' ! -name '*.key' ! -name '*.crt' ! -name '*.csr' \
    ! -name '*htpasswd*' ! -name '*.dpkg-*' ! -name '*.rpm*' ! -name '*~' ! -name 'mime.types' \
    ! -name '*_params' ! -name 'koi-*' ! -name 'win-utf' ! -name 'magic' 2>/dev/null |
    LC_ALL=C sort | head -n "$MOST_FILES"
}

files() { # KIND FILES...: the directives of those that can be read
  kind=$1
  shift
  for path; do
    shift
    if [ -d "$path" ] && [ -r "$path" ] && [ -x "$path" ] || [ ! -e "$path" ]; then continue; fi
    if [ -d "$path" ] || [ ! -r "$path" ]; then
      printf 'unreadable %s\n' "$path"
      continue
    fi
    # awk never comes to the first line of an empty file.
    printf 'seen %s %s\n' "$kind" "$path"
    if [ -s "$path" ]; then set -- "$@" "$path"; fi
  done
  if [ "$#" -gt 0 ]; then "$kind"_lines "$@"; fi
}

# A directive is printed as "d NAME WORDS", a block as "b NAME WORDS" and its end as "e".
nginx_lines() {
  awk '
    function clean(word) { gsub(/[\t\n ]+/, " ", word); return word }
    function show(mark,   at, text) {
      text = words[1]
      if (mark == "b" && text ~ /_by_lua_block$/) { print "| strange"; n = 0; return }
      if (mark == "d" && text !~ /^(include|listen|server_name|ssl|ssl_protocols|server_tokens|autoindex|return|rewrite|ssl_reject_handshake|add_header|add_header_inherit|more_set_headers|proxy_pass|fastcgi_pass|uwsgi_pass|scgi_pass|grpc_pass)$/) { n = 0; return }
      if (text ~ /_headers?$/ && tolower(words[2]) !~ /^(strict-transport-security|x-content-type-options|x-frame-options|content-security-policy|referrer-policy)/) { if (text == "add_header") print "| d add_header\tother"; n = 0; return }
      if (mark == "d" && text !~ /_pass$/ || text ~ /^(server|location|if)$/)
        for (at = 2; at <= n; at++) text = text "\t" clean(words[at])
      print "| " mark " " text
      n = 0
    }
    FNR == 1 { if (n || quote != "") print "| strange"; n = 0; quote = ""; print "file " FILENAME }
    {
      line = $0
      while (line != "") {
        if (quote != "") {
          if (!(quote == "\"" ? match(line, /^([^"\\]|\\.)*"/) : match(line, /^([^\047\\]|\\.)*\047/))) {
            words[n] = words[n] line " "; break
          }
          words[n] = words[n] substr(line, 1, RLENGTH - 1)
          line = substr(line, RLENGTH + 1); quote = ""
          continue
        }
        sub(/^[ \t\r]+/, "", line)
        mark = substr(line, 1, 1)
        if (line == "" || mark == "#") break
        if (mark == ";") { if (n) show("d"); line = substr(line, 2) }
        else if (mark == "{") { show("b"); line = substr(line, 2) }
        else if (mark == "}") { print "| e"; n = 0; line = substr(line, 2) }
        else if (mark == "\"" || mark == "\047") { words[++n] = ""; quote = mark; line = substr(line, 2) }
        else if (match(line, /^(\$\{[^}]*\}|\\.|[^ \t\r;{}\\])+/)) {
          words[++n] = substr(line, 1, RLENGTH); line = substr(line, RLENGTH + 1)
        }
        else { print "| strange"; break }
      }
    }
    END { if (n || quote != "") print "| strange" }' "$@"
}

apache_lines() {
  awk '
    FNR == 1 { line = ""; print "file " FILENAME }
    { line = line $0 }
    /\\$/ { sub(/\\$/, " ", line); next }
    {
      sub(/^[ \t]+/, "", line); sub(/[ \t\r]+$/, "", line); gsub(/\t/, " ", line)
      name = tolower(line); sub(/[ ].*/, "", name)
      if (line ~ /^<\//) print "| e " tolower(line)
      else if (line ~ /^</) print "| b " substr(line, 1, 300)
      else if (name ~ /^(listen|include|includeoptional|loadmodule|servername|serveralias|serverroot|servertokens|traceenable|sslengine|sslprotocol|options|documentroot|redirect|redirectmatch|redirectpermanent|rewriteengine|rewriterule|rewritecond)$/) print "| d " line
      else if (name == "header" && tolower(line) ~ /(strict-transport-security|x-content-type-options|x-frame-options|content-security-policy|referrer-policy)/) print "| d " line
      else if (name ~ /^(proxypass|proxypassmatch|scriptalias|wsgiscriptalias|passengerenabled|use)$/) print "| d " name
      else if (name ~ /^(sethandler|addhandler)$/) { split(line, words, / +/); sub(/:.*/, "", words[2]); print "| d " name " " words[2] }
      else if (name ~ /^(define|undefine)$/) { split(line, words, / +/); print "| d " name " " words[2] }
      line = ""
    }' "$@"
}

caddy_lines() {
  awk '
    FNR == 1 { print "file " FILENAME }
    {
      line = $0; sub(/^[ \t]+/, "", line); sub(/[ \t\r]+$/, "", line); gsub(/\t/, " ", line)
      if (line == "" || line ~ /^#/) next
      name = line; sub(/[ {].*/, "", name)
      opens = line ~ /\{$/
      if (line == "}") { print "| e"; depth-- ; next }
      if (depth == 0 || line ~ /^(handle|handle_path|route|redir|import|file_server|browse|tls|auto_https|protocols|http_port|https_port|default_bind|bind|respond|abort|admin|servers)( |$)/ ||
        tolower(line) ~ /^(header|[+>?-]?(strict-transport-security|x-content-type-options|x-frame-options|content-security-policy|referrer-policy))/ && line !~ /[Aa]uthorization|[Cc]ookie/)
        print "| " (opens ? "b " : "d ") line
      else if (name == "reverse_proxy" || name == "php_fastcgi") print "| " (opens ? "b " : "d ") name
      else if (opens) print "| b other"
      if (opens) depth++
    }' "$@"
}

haproxy_lines() {
  awk '
    FNR == 1 { print "file " FILENAME }
    {
      line = $0; sub(/^[ \t]+/, "", line); sub(/[ \t\r]+$/, "", line); gsub(/[ \t]+/, " ", line)
      if (line ~ /^(global|defaults|frontend|backend|listen|userlist|peers|resolvers|cache|mailers|program|ring|crt-store|http-errors|fcgi-app)( |$)/) print "| b " line
      else if (line ~ /^(bind|mode|redirect|default_backend|use_backend|ssl-default-bind-options) / || line ~ /^http-request redirect / || tolower(line) ~ /strict-transport-security/) print "| d " line
    }' "$@"
}

of() { # KIND: whether it runs here, by what was seen
  printf '%s\n' "$seen" | grep -q "^process $1 host"
}

settings() { # KIND: the files that its command line names
  printf '%s\n' "$seen" | sed -n "s/^settings $1 //p"
}

web() {
  seen=$(processes)
  if [ -n "$seen" ]; then printf '%s\n' "$seen"; fi
  installed
  set -f
  IFS='
'
  # shellcheck disable=SC2046 # one path a line
  {
    if of nginx; then files nginx $(listed /etc/nginx) $(settings nginx); fi
    if of apache; then files apache $(listed /etc/apache2) $(listed /etc/httpd) $(settings apache); fi
    if of caddy; then files caddy /etc/caddy/Caddyfile $(settings caddy); fi
    if of haproxy; then files haproxy $(listed /etc/haproxy) $(settings haproxy); fi
  }
  unset IFS
  set +f
  echo complete
}

web | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
