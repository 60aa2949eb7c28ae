#!/bin/sh
# Fills portal/assets/vendor/ from the packages locked in package-lock.json. ./start and ./test call it; a
# second run does nothing unless the lock or this script changed, so it needs the network once.
set -eu
cd "$(dirname "$0")"
vendor=assets/vendor
stamp=$(cat package-lock.json vendor.sh | sha256sum | cut -d' ' -f1)
if [ "$(cat "$vendor/.stamp" 2>/dev/null || true)" = "$stamp" ]; then exit 0; fi

npm ci --no-progress --loglevel=error
# Built beside its place and renamed, so that a half-made folder is never served.
rm -rf "$vendor.new"
mkdir -p "$vendor.new"
for package in xterm addon-fit; do
  # The source maps are not copied, so the line that names them goes too.
  sed '/^\/\/# sourceMappingURL=/d' "node_modules/@xterm/$package/lib/$package.mjs" > "$vendor.new/$package.mjs"
  cp "node_modules/@xterm/$package/LICENSE" "$vendor.new/$package.LICENSE"
done
cp node_modules/@xterm/xterm/css/xterm.css "$vendor.new/xterm.css"
# The fonts of PDF files (src/pdf/face.rs). Their licence allows to embed and to redistribute them.
for font in DejaVuSansCondensed DejaVuSansCondensed-Bold; do
  cp "node_modules/dejavu-fonts-ttf/ttf/$font.ttf" "$vendor.new/$font.ttf"
done
cp node_modules/dejavu-fonts-ttf/LICENSE "$vendor.new/dejavu-fonts.LICENSE"
echo "$stamp" > "$vendor.new/.stamp"
rm -rf "$vendor"
mv "$vendor.new" "$vendor"
