# Prints which backup programs there are on this Mac besides Time Machine, and what its own jobs left for
# us. Only reads. One record a line, its kind first; then "complete", and last "end N", with N the lines
# before it.

hash_of() { # PATH
  head -c 1048576 "$1" | shasum -a 256 | awk '{ print $1 }'
}

{
  now=$(date -u +%s)
  printf 'now %s\n' "$now"
  sysctl -n kern.boottime 2>/dev/null | awk -v now="$now" '
    match($0, /sec = [0-9]+/) { print "uptime " now - substr($0, RSTART + 6, RLENGTH - 6) }'
  printf 'host %s\n' "$(uname -n)"
  for name in restic borg borgmatic kopia rclone duplicity autorestic resticprofile; do
    if command -v "$name" >/dev/null 2>&1; then printf 'tool %s\n' "$name"; fi
  done
  ps -axo comm= 2>/dev/null | awk '{
    sub(/.*\//, "")
    if ($0 ~ /^(CrashPlanService|bzserv|urbackupclientbackend|bareos-fd|bacula-fd|acronis_agent)$/)
      print "agent " $0
  }' | sort -u
  for path in /var/lib/assess/backups/*.json; do
    if [ -f "$path" ] && [ -r "$path" ]; then
      printf 'listing %s %s\n' "$(stat -f '%u %Lp %m' "$path")" "$path"
      head -c 65536 "$path" | awk '{ print "listing_line " $0 }'
    fi
  done
  path=/var/lib/assess/canary/SHA256SUMS
  if [ -f "$path" ] && [ -r "$path" ]; then
    printf 'canaries %s\n' "$(stat -f '%u %Lp' "$path")"
    head -c 65536 "$path" | awk 'length($1) == 64 { print "canary " $1 }'
  fi
  for path in /var/lib/assess/restored/*; do
    if [ -f "$path" ] && [ -r "$path" ]; then
      printf 'restored %s %s\n' "$(stat -f '%c' "$path")" "$(hash_of "$path")"
    fi
  done
  echo complete
} | awk 'NF { print; last = $0; count++ } END { if (last == "complete") print "end " count }'
