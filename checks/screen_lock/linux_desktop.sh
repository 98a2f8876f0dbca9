# Prints which desktops this machine has, and the settings by which they lock the screen, as far as any
# user may see them. Only reads. One record a line, its kind first; then "complete", and last "end N",
# with N the lines before it.

KEYS='idle-delay|lock-enabled|lock-delay|disable-lock-screen'
PLACES='org[/.](gnome|cinnamon)[/.]desktop[/.](session|screensaver|lockdown)'

desktops() {
  for root in /usr/share /usr/local/share /run/current-system/sw/share; do
    for path in "$root"/xsessions/*.desktop "$root"/wayland-sessions/*.desktop; do
      if [ -e "$path" ]; then
        name=${path##*/}
        printf 'desktop %s\n' "${name%.desktop}"
      fi
    done
  done
}

people() { # the accounts of people, who may have settings of their own
  awk -F: '
    $3 ~ /^[0-9]+$/ && $3 >= 1000 && $3 < 60000 && $7 !~ /(nologin|false|sync)$/ {
      print "person " $1 ":" $6
    }' /etc/passwd 2>/dev/null
  if grep -Eq '^passwd:.*(sss|ldap|winbind|nis|systemd-homed)' /etc/nsswitch.conf 2>/dev/null; then
    echo 'directory'
  fi
  printf 'self %s\nself_uid %s\n' "$(id -un 2>/dev/null)" "$(id -u 2>/dev/null)"
}

dconf_settings() {
  grep -l 'DCONF_PROFILE' /etc/environment /etc/profile /etc/profile.d/*.sh \
    /etc/security/pam_env.conf /etc/environment.d/*.conf /usr/lib/environment.d/*.conf 2>/dev/null |
    sed 's/^/dconf_profile_set /'
  for path in /etc/dconf/profile/user /usr/local/share/dconf/profile/user \
    /usr/share/dconf/profile/user; do
    if [ ! -e "$path" ]; then continue; fi
    if [ ! -r "$path" ]; then
      printf 'unreadable %s\n' "$path"
      break
    fi
    printf 'profile_file %s\n' "$path"
    sed -n 's/#.*//; s/[[:space:]]*$//; s/^[[:space:]]*//; /./s/^/profile /p' "$path"
    break
  done
  set --
  for folder in /etc/dconf/db/*.d; do
    if [ ! -d "$folder" ]; then continue; fi
    database=${folder%.d}
    if [ -e "$database" ]; then
      printf 'compiled %s\n' "${database##*/}"
      find "$folder" -maxdepth 2 -type f -newer "$database" 2>/dev/null | sed 's/^/newer /'
    fi
    if [ ! -r "$folder" ]; then printf 'unreadable %s\n' "$folder"; fi
    for path in "$folder"/* "$folder"/locks/*; do
      if [ ! -f "$path" ]; then continue; fi
      if [ ! -r "$path" ]; then
        printf 'unreadable %s\n' "$path"
        continue
      fi
      set -- "$@" "$path"
    done
  done
  folder=/usr/share/glib-2.0/schemas
  for path in "$folder"/*.gschema.override; do
    if [ -r "$path" ]; then set -- "$@" "$path"; fi
  done
  find "$folder" -maxdepth 1 -name '*.override' -newer "$folder/gschemas.compiled" 2>/dev/null |
    sed 's/^/newer /'
  if [ $# -gt 0 ]; then
    keys=$KEYS places=$PLACES awk '
      FNR == 1 { group = "" }
      { gsub(/\t/, " "); sub(/^ +/, ""); sub(/ +$/, "") }
      /^\[/ { group = $0; next }
      FILENAME ~ /\/locks\// && /^\// { print "lock " FILENAME " " $0; next }
      group ~ ENVIRON["places"] && $0 ~ "^(" ENVIRON["keys"] ") *=" {
        print "key " FILENAME " " group " " $0
      }' "$@"
  fi
  set --
  for schema in gnome.desktop.session gnome.desktop.screensaver gnome.desktop.lockdown \
    cinnamon.desktop.session cinnamon.desktop.screensaver cinnamon.desktop.lockdown; do
    path=/usr/share/glib-2.0/schemas/org.$schema.gschema.xml
    if [ -r "$path" ]; then set -- "$@" "$path"; fi
  done
  if [ $# -gt 0 ]; then
    keys=$KEYS awk '
      /<schema / && match($0, / id="[^"]*"/) { id = substr($0, RSTART + 5, RLENGTH - 6) }
      /<key / && match($0, / name="[^"]*"/) { key = substr($0, RSTART + 7, RLENGTH - 8) }
      /<default/ && key ~ "^(" ENVIRON["keys"] ")$" {
        sub(/.*<default[^>]*>/, ""); sub(/<.*/, ""); print "schema " id " " key " " $0; key = ""
      }' "$@"
  fi
  # What the account that looks has chosen itself. No other account's choice can be read.
  if [ -r "$HOME/.config/dconf/user" ] && command -v dconf >/dev/null 2>&1; then
    for key in session/idle-delay screensaver/lock-enabled screensaver/lock-delay \
      lockdown/disable-lock-screen; do
      for family in gnome cinnamon; do
        # Without a folder for it, dconf leaves nothing behind.
        value=$(XDG_RUNTIME_DIR=/dev/null DBUS_SESSION_BUS_ADDRESS=disabled: \
          dconf read "/org/$family/desktop/$key" 2>/dev/null)
        if [ -n "$value" ]; then printf 'own org/%s/desktop/%s %s\n' "$family" "$key" "$value"; fi
      done
    done
    echo 'own_seen'
  fi
}

kde_file() { # WHOSE PATH
  printf 'kde_file %s %s\n' "$1" "$2"
  sed -n 's/[[:space:]]*$//; /^\[/s/^/kde /p; /^\(Autolock\|Timeout\|LockGrace\|Lock\|RequirePassword\)[ =[]/s/^/kde /p' "$2"
}

kde_settings() {
  for folder in /usr/share/kubuntu-default-settings/kf5-settings \
    /usr/share/kde-settings/kde-profile/default/xdg /etc/xdg /etc/xdg/xdg-plasma; do
    path=$folder/kscreenlockerrc
    if [ -r "$path" ]; then
      kde_file system "$path"
    elif [ -e "$path" ]; then
      printf 'unreadable %s\n' "$path"
    fi
  done
  while IFS=: read -r name _ number _ _ home shell; do
    case $number in '' | *[!0-9]*) continue ;; esac
    if [ "$number" -lt 1000 ] || [ "$number" -ge 60000 ]; then continue; fi
    case $shell in *nologin | *false | *sync) continue ;; esac
    path=$home/.config/kscreenlockerrc
    if [ -r "$path" ]; then
      kde_file "user:$name" "$path"
    elif [ -e "$path" ] || [ ! -x "$home" ] || { [ -e "$home/.config" ] && [ ! -x "$home/.config" ]; }; then
      printf 'kde_unseen %s\n' "$name"
    else
      printf 'kde_default %s\n' "$name"
    fi
  done </etc/passwd
}

programs() {
  if [ -r /proc/1/comm ]; then echo 'processes seen'; else echo 'processes hidden'; fi
  for folder in /proc/[0-9]*; do
    read -r name 2>/dev/null <"$folder/comm" || continue
    case $name in
      xautolock | xss-lock | light-locker | xscreensaver | swayidle | hypridle | \
        xfce4-screensav | mate-screensave | lxqt-powermanag)
        kind=locker
        ;;
      xfce4-session | mate-session | lxsession | lxqt-session | sway | Hyprland | i3 | openbox | \
        awesome | bspwm | dwm | icewm | fluxbox | enlightenment)
        kind=session
        ;;
      *) continue ;;
    esac
    words=$(tr '\000\n' '  ' 2>/dev/null <"$folder/cmdline")
    while read -r field uid _; do
      if [ "$field" = Uid: ]; then break; fi
    done 2>/dev/null <"$folder/status"
    case $kind in
      # How a locker was started shows after how long it locks.
      locker) printf 'locker %s %s %s\n' "$uid" "$name" "$words" ;;
      *) printf 'session %s %s\n' "$uid" "$name" ;;
    esac
  done
  for name in light-locker xscreensaver xfce4-screensaver mate-screensaver xss-lock; do
    if [ -e "/etc/xdg/autostart/$name.desktop" ]; then printf 'autostart %s\n' "$name"; fi
  done
  for name in xautolock xss-lock light-locker xscreensaver swayidle hypridle xfce4-screensaver \
    mate-screensaver; do
    if command -v "$name" >/dev/null 2>&1; then printf 'installed %s\n' "$name"; fi
  done
  for path in /etc/X11/app-defaults/XScreenSaver "$HOME/.xscreensaver"; do
    if [ -r "$path" ]; then
      sed -n "s|^[*.]*\\(xscreensaver\\.\\)*\\(timeout\\|lock\\|lockTimeout\\|mode\\):[[:space:]]*\\(.*\\)|xscreensaver $path \\2 \\3|p" "$path"
    fi
  done
}

{
  desktops
  people
  dconf_settings
  kde_settings
  programs
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
