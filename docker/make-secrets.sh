#!/bin/sh
# Makes the passwords and the key that compose.yaml reads: ./make-secrets.sh [DIRECTORY]
# What is there already stays. The folder is closed to others; the files in it are readable, since the programs in the
# containers that read them run as other users.
set -eu
directory=${1:-$(dirname "$0")/secrets}
mkdir -p "$directory"
chmod 700 "$directory"
put() {
  [ -e "$directory/$1" ] || printf %s "$2" > "$directory/$1"
  chmod 444 "$directory/$1"
}
put mysql-password "$(openssl rand -hex 24)"
put database-url "mysql://firekeep:$(cat "$directory/mysql-password")@mysql:3306/firekeep"
put secret-key "$(openssl rand -base64 32)"
put admin-password "$(openssl rand -hex 12)"
echo "$directory"
