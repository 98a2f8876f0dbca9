# Sees to it that a scratch folder is gone, after a restore test whose end was not heard. The
#
# shellcheck disable=SC2034,SC2154 # the parts of one script: each gives names that others use
# settings before it: mark, scratch.

main() {
  head_line
  # The machine removes it by itself, once it sees that nobody listens.
  left=15
  while there "$scratch" && [ "$left" -gt 0 ]; do
    left=$((left - 1))
    sleep 1
  done
  if there "$scratch"; then remove; fi
  if there "$scratch"; then tell "left"; else tell "removed"; fi
  exit 0
}
