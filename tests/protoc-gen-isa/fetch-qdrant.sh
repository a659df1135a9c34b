#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes FileDescriptorSets of Qdrant's whole published interface from the package
# @qdrant/js-client-grpc, which has its descriptors but no .proto files: DIR/qdrant.pb, whose files are
# listed in DIR/names, and DIR/common.pb. Does nothing when they are there.
# Exit status 77, with a line that says why, where the package cannot be had.
# Usage: fetch-qdrant.sh PROTOC DIR
set -eu
protoc=$1 dir=$2
here=$(cd "$(dirname "$0")" && pwd)
package=@qdrant/js-client-grpc version=1.19.0
sum=705c520076813c41b85165d3755d4975dad1223e5c1b8708a174b214702b9d2adb264e433829a663aa07b7030c4eb362ae3addfde67c23ccf6706f3a25d1affe
mkdir -p "$dir"
cd "$dir"
[ "$(cat version 2>/dev/null)" != "$version" ] || exit 0

skip() {
    echo "SKIPPED: Qdrant's interface: $*"
    exit 77
}

command -v node >/dev/null && command -v npm >/dev/null ||
    skip "node or npm is not installed; \`make deps\` installs both"
npm pack --silent --fetch-retries=1 --fetch-timeout=30000 "$package@$version" >npm.log 2>&1 ||
    skip "npm could not fetch $package $version: $(grep -m 1 . npm.log || echo 'it did not say why')"
file=$(tail -n 1 npm.log)
echo "$sum  $file" | sha512sum --check --quiet
rm -rf package
tar xzf "$file"
rm -rf files
mkdir files
node "$here/read-descriptors.js" package/dist/esm/proto files
"$protoc" --include_imports --descriptor_set_out=known.pb google/protobuf/struct.proto \
    google/protobuf/timestamp.proto google/protobuf/empty.proto google/protobuf/wrappers.proto
# common.proto says again what others say, so it stands alone.
cat known.pb files/common.pb >common.pb
rm files/common.pb
cat known.pb files/*.pb >qdrant.pb
ls files | sed 's/\.pb$/.proto/' >names
echo "$version" >version
