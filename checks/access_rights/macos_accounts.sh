# Prints the accounts and groups of this Mac, and what any user may see of their rights. Only reads;
# of how an account proves itself it prints only whether it has a password.
# One record a line, its kind first; then "complete", and last "end N", with N the lines before it.

entries() {
  {
    dscl . -list /Users UniqueID | sed 's/^/uid /'
    dscl . -list /Users PrimaryGroupID | sed 's/^/gid /'
    dscl . -list /Users NFSHomeDirectory | sed 's/^/home /'
    dscl . -list /Users UserShell | sed 's/^/shell /'
    dscl . -list /Users AuthenticationAuthority | sed 's/^/auth /'
    dscl . -list /Groups PrimaryGroupID | sed 's/^/group /'
    dscl . -list /Groups GroupMembership | sed 's/^/members /'
  } 2>/dev/null | awk '
    { value = $0; sub(/^[a-z]+ +[^ ]+ */, "", value) }
    $1 == "uid" { names[++count] = $2 }
    $1 == "group" { groups[++kinds] = $2 }
    $1 == "auth" {
      value = $0 ~ /;DisabledUser;/ ? "L" : $0 ~ /;ShadowHash;/ ? "P" : "L"
    }
    { of[$1, $2] = value }
    END {
      for (i = 1; i <= count; i++) {
        name = names[i]
        print "account " name ":set:" of["uid", name] ":" of["gid", name] ":" of["home", name] ":" \
          of["shell", name]
        print "state " name " " (("auth", name) in of ? of["auth", name] : "L") " 0"
      }
      for (i = 1; i <= kinds; i++) {
        members = of["members", groups[i]]
        gsub(/ +/, ",", members)
        print "group " groups[i] ":" of["group", groups[i]] ":" members
      }
    }'
}

settings() {
  # A group within the group of administrators is named by a number that says nothing here.
  if dscl . -read /Groups/admin NestedGroups 2>/dev/null | grep -q '^NestedGroups:'; then
    echo 'directory admin'
  fi
  dscl /Search -read / CSPSearchPath 2>/dev/null | tr ' ' '\n' |
    awk -F/ '/^\/(LDAPv3|Active)/ { print "directory " $2 }'
  sysadminctl -guestAccount status 2>&1 | awk 'tolower($0) ~ /guest account (enabled|disabled)/ {
    print "guest " (tolower($0) ~ /enabled/ ? "on" : "off") }'
  user=$(defaults read /Library/Preferences/com.apple.loginwindow autoLoginUser 2>/dev/null)
  if [ -n "$user" ]; then printf 'auto_login %s\n' "$user"; fi
}

{
  printf 'host %s\n' "$(uname -n)"
  printf 'now %s\n' "$(date -u +%s)"
  echo 'uid_min 501'
  if [ -e /etc/sudoers ]; then echo 'sudo installed'; fi
  entries
  settings
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
