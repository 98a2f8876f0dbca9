# Makes an installed package that a security archive has a newer version of. Run as root on a machine
# of the lab:  sh pending_update.sh SUITE LABEL DAYS   (how long ago the archive was published)
set -eu
suite=$1 label=$2 days=$3
here=/srv/archive
binary=$here/dists/$suite/main/binary-amd64
mkdir -p "$here/pool/DEBIAN" "$binary"
make() {
  printf '%s\n' 'Package: lab-tool' "Version: $1" 'Architecture: all' \
    'Maintainer: Lab <lab@lab.example>' 'Description: nothing' >"$here/pool/DEBIAN/control"
  dpkg-deb -b "$here/pool" "$here/lab-tool_$1_all.deb" >/dev/null
}
make 1.0
dpkg -i "$here/lab-tool_1.0_all.deb" >/dev/null
make 1.1
deb=$here/lab-tool_1.1_all.deb
{
  cat "$here/pool/DEBIAN/control"
  echo "Filename: lab-tool_1.1_all.deb"
  echo "Size: $(stat -c %s "$deb")"
  echo "SHA256: $(sha256sum <"$deb" | cut -d' ' -f1)"
} >"$binary/Packages"
{
  printf '%s\n' "Origin: ${label%-*}" "Label: $label" "Suite: $suite" "Codename: $suite" \
    "Date: $(LC_ALL=C date -u -d "$days days ago" '+%a, %d %b %Y %T UTC')" \
    'Architectures: amd64' 'Components: main' 'SHA256:'
  echo " $(sha256sum <"$binary/Packages" | cut -d' ' -f1)" \
    "$(stat -c %s "$binary/Packages") main/binary-amd64/Packages"
} >"$here/dists/$suite/Release"
echo "deb [trusted=yes] file:$here $suite main" >/etc/apt/sources.list.d/lab.list
apt-get -qq update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/lab.list \
  -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0
