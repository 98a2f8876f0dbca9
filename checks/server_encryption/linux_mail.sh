#!/bin/sh
# Which mail servers run, and those of their settings that decide on encryption. Only reads; the
# servers' own programs say what holds, for the settings named below alone. One record a line, its
# kind first; then "complete", and last "end N", with N the lines before it.

CONTAINER='docker|lxc|kubepods|containerd|libpod|crio|garden'

place() { # FOLDER: where the process runs; a container that we are in ourselves is our "host"
  if grep -qE "$CONTAINER" "$1/cgroup" 2>/dev/null && ! grep -qE "$CONTAINER" /proc/self/cgroup 2>/dev/null
  then echo container; else echo host; fi
}

processes() {
  if ! read -r name 2>/dev/null </proc/1/comm; then echo 'processes hidden'; fi
  for folder in /proc/[0-9]*; do
    read -r name 2>/dev/null <"$folder/comm" || continue
    case $name in
      master)
        case $(tr '\000' ' ' 2>/dev/null <"$folder/cmdline") in
          */postfix/*) printf 'process postfix %s\n' "$(place "$folder")" ;;
          *cyrus*) echo 'other cyrus' ;;
        esac
        ;;
      dovecot) printf 'process dovecot %s\n' "$(place "$folder")" ;;
      exim | exim4) printf 'process exim %s\n' "$(place "$folder")" ;;
      sendmail | sendmail-mta)
        # Its daemon says so; a client of that name comes and goes.
        case $(tr '\000' ' ' 2>/dev/null <"$folder/cmdline") in
          *'accepting connections'*) echo 'other sendmail' ;;
        esac
        ;;
      couriertcpd | cyrmaster | stalwart | stalwart-mail | maddy | qmail-send | haraka)
        printf 'other %s\n' "$name"
        ;;
    esac
  done | sort -u
}

installed() {
  if [ -x /usr/sbin/postconf ]; then echo 'installed postfix'; fi
  if [ -x /usr/sbin/exim ] || [ -x /usr/sbin/exim4 ]; then echo 'installed exim'; fi
  if [ -x /usr/sbin/dovecot ]; then echo 'installed dovecot'; fi
}

postfix() {
  postconf -x mail_version inet_interfaces mynetworks relayhost default_transport \
    smtpd_tls_security_level smtpd_use_tls smtpd_enforce_tls smtpd_tls_cert_file \
    smtpd_tls_eccert_file smtpd_tls_dcert_file smtpd_tls_chain_files smtpd_tls_auth_only \
    smtpd_tls_wrappermode smtpd_sasl_auth_enable smtpd_tls_mandatory_protocols \
    smtp_tls_security_level smtp_use_tls smtp_enforce_tls smtp_tls_mandatory_protocols \
    smtpd_relay_restrictions smtpd_recipient_restrictions 2>/dev/null | sed 's/^/postfix /'
  postconf -M 2>/dev/null | awk '$2 == "inet" && $8 ~ /^(smtpd|postscreen)$/ { print "postfix_service " $1 "/inet" }'
  postconf -P 2>/dev/null |
    awk '$1 ~ /\/inet\/smtpd_(tls_security_level|tls_wrappermode|tls_auth_only|sasl_auth_enable|use_tls|enforce_tls)$/ { print "postfix_own " $0 }'
}

dovecot() {
  doveconf -n 2>/dev/null | awk '
    NR == 1 && /^# [0-9]/ { print "dovecot_version " $2; next }
    /^ *(ssl|ssl_min_protocol|disable_plaintext_auth|auth_allow_cleartext|port|address) *=/ {
      sub(/^ +/, ""); print "dovecot | d " $0; next }
    /\{ *$/ {
      sub(/^ +/, ""); sub(/ *\{ *$/, "")
      print "dovecot | b " ($1 ~ /^(protocol|service|inet_listener|remote|local|local_name)$/ ? $0 : "other") }
    /^ *\} *$/ { print "dovecot | e" }'
  # What holds where a file says nothing else, with the defaults.
  doveconf ssl ssl_min_protocol disable_plaintext_auth auth_allow_cleartext protocols listen \
    2>/dev/null | sed 's/^/dovecot_setting /'
}

mail() {
  seen=$(processes)
  if [ -n "$seen" ]; then printf '%s\n' "$seen"; fi
  installed
  case $seen in *'process postfix host'*) postfix ;; esac
  case $seen in *'process dovecot host'*) dovecot ;; esac
  echo complete
}

mail | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
