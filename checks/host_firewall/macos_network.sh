# The TCP ports at which programs of this Mac wait for others. Only reads.
# One record a line; then "complete", and last "end N", with N the lines before it.

{
  netstat -an -p tcp 2>/dev/null | awk '$1 ~ /^tcp/ && $NF == "LISTEN" { print "listen " $4 }' |
    sort -u
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
