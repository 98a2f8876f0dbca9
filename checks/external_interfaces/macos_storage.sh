# Prints what a Mac's management says of storage and accessories that are plugged in. Only reads. One
# record a line, its kind first; then "complete", and last "end N", with N the lines before it.

settings=/var/db/ManagedConfigurationFiles/DiskManagement/DiskManagement_Settings.plist
managed='/Library/Managed Preferences'

{
  printf 'version %s\n' "$(sw_vers -productVersion 2>/dev/null)"
  # Declarative management: com.apple.configuration.diskmanagement.settings, from macOS 15 on.
  if [ -r "$settings" ]; then
    printf 'disk_management %s\n' "$(plutil -convert json -o - "$settings" 2>/dev/null | tr '\n' ' ')"
  elif [ -e "$settings" ]; then
    echo 'disk_management_unreadable'
  elif [ -d /var/db ] && { [ ! -e "${settings%/*/*}" ] || [ -x "${settings%/*}" ]; }; then
    echo 'disk_management_absent'
  else
    echo 'disk_management_unreadable'
  fi
  accessories=$(defaults read "$managed/com.apple.applicationaccess" allowUSBRestrictedMode 2>/dev/null) &&
    printf 'usb_restricted_mode %s\n' "$accessories"
  defaults read "$managed/com.apple.systemuiserver" mount-controls >/dev/null 2>&1 &&
    echo 'mount_controls'
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
