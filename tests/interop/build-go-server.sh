#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds grpc-go's own interoperability server from Debian's sources: DIR/go-server. It is built once;
# the source package comes through a private list of sources, the machine's own stays as it is.
# Exit status 77, with a line that says why, where it cannot be built.
# Usage: build-go-server.sh DIR
set -eu
mkdir -p "$1"
cd "$1"
exec 9>go-server.lock
flock 9
[ ! -x go-server ] || exit 0
work=$PWD/go-build
log=$PWD/go-server.log
gocode=/usr/share/gocode/src/google.golang.org/grpc

skip() {
    echo "SKIPPED: no interoperability server of grpc-go: $*" | tee go-server.why
    exit 77
}

command -v go >/dev/null || skip "go is not installed; \`make deps\` installs it"
command -v protoc-gen-go >/dev/null && [ -d "$gocode" ] ||
    skip "golang-google-grpc-dev or protoc-gen-go is not installed; \`make deps\` installs both"
rm -rf "$work"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/go/src/google.golang.org"

# The source comes from where this machine has the package from.
version=$(dpkg-query -W -f '${Version}' golang-google-grpc-dev)
package=$(apt-get download --print-uris "golang-google-grpc-dev=$version" 2>/dev/null || true)
key=/usr/share/keyrings/debian-archive-keyring.gpg
[ ! -f "$key" ] || signed_by="[signed-by=$key] "
apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v by="${signed_by:-}" -v package="$package" \
        'index(package, "\047" $1) == 1 { print "deb-src " by $0 }' | sort -u >"$work/sources.list"
[ -s "$work/sources.list" ] ||
    skip "apt does not say where golang-google-grpc-dev $version is from; \`apt-get update\` may help"
private_apt() {
    apt-get -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=- \
        -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=2 -o Acquire::http::Timeout=20 -qq "$@"
}
{
    private_apt update && cd "$work" &&
        private_apt source --download-only "golang-google-grpc=$version"
} >"$log" 2>&1 || skip "no source package golang-google-grpc $version: $(grep -m 1 . "$log")"
cd "$work"
tar -xf golang-google-grpc_*.orig.tar.* --wildcards '*/interop/*'

# The library as Debian installs it, and beside it the folder that Debian leaves out. Debian's protobuf
# for Go is of the first generation: the messages are generated anew for it.
cp -r "$gocode" go/src/google.golang.org/grpc
cp -r golang-google-grpc-*/interop go/src/google.golang.org/grpc/
cd go/src
interop=google.golang.org/grpc/interop
protoc --go_out=paths=source_relative:. -I. "$interop/grpc_testing/test.proto"
# It listens on all addresses and does not say on which port.
sed -i 's/net\.Listen("tcp", ":"+p)/net.Listen("tcp", "127.0.0.1:"+p)/
        s/^\(\t*\)server\.Serve(lis)/\1println("PORT", lis.Addr().(*net.TCPAddr).Port)\n&/' "$interop/server/server.go"
grep -q '"127.0.0.1:"+p' "$interop/server/server.go" && grep -q '"PORT"' "$interop/server/server.go" ||
    { echo "the listen line of grpc-go's server is not what it was"; exit 1; }
GO111MODULE=off GOFLAGS=-trimpath GOPATH="$work/go:/usr/share/gocode" GOCACHE="$work/gocache" \
    nice go build -o "$work/go-server" "$interop/server" >"$log" 2>&1 || { cat "$log"; exit 1; }
mv "$work/go-server" ../../../go-server
rm -rf "$work"
rm -f ../../../go-server.why
