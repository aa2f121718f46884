#!/bin/sh
# Makes a self-signed certificate for trying out: ./make-certificate.sh HOSTNAME [DIRECTORY]
set -eu
host=${1:?host name}
directory=${2:-$(dirname "$0")/certificates}
mkdir -p "$directory"
openssl req -x509 -newkey rsa:2048 -nodes -days 90 -sha256 \
  -keyout "$directory/server.key" -out "$directory/server.crt" \
  -subj "/CN=$host" -addext "subjectAltName=DNS:$host,IP:127.0.0.1"
chmod 600 "$directory/server.key"
echo "$directory/server.crt"
