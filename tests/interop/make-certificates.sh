#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes what the TLS cases need, anew each time and good for two days: an authority (ca.pem), a
# server's certificate for *.test.google.fr, which is what interoperability clients ask for
#  Usage: make-certificates.sh DIR
set -eu
mkdir -p "$1"
cd "$1"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed; \`make deps\` installs it"; exit 77; }

new_key() { # FILE
    openssl ecparam -name prime256v1 -genkey -noout -out "$1"
}

new_key ca.key
openssl req -x509 -new -key ca.key -days 2 -subj '/O=isa interop/CN=test authority' \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign' -out ca.pem
new_key server.key
openssl req -new -key server.key -subj '/O=isa interop/CN=*.test.google.fr' -out server.csr
cat >server.ext <<'EXT'
subjectAltName = DNS:*.test.google.fr, DNS:waterzooi.test.google.be
extendedKeyUsage = serverAuth
basicConstraints = CA:FALSE
EXT
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -set_serial 2 -days 2 -extfile server.ext \
    -out server.pem 2>openssl.log || { cat openssl.log; exit 1; }
rm -f server.csr server.ext openssl.log
