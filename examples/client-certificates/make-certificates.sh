# Makes an authority, and certificates signed by it: one for the server, and one for
# each client. For trying things out; keep a real authority's key elsewhere.
# of each client. To try things out; keep a real authority's key elsewhere.
#
#   sh examples/client-certificates/make-certificates.sh FOLDER ann bea
set -eu
folder=$1
shift
mkdir -p "$folder"
cd "$folder"

new_key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'

# $1: whose; $2: what its certificate is for.
issue() {
  openssl req -new $new_key -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
  printf '%s\n' "$2" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial \
    -days 30 -extfile "$1.ext" -out "$1.pem"
  rm "$1.csr" "$1.ext"
}

openssl req -x509 $new_key -days 30 -subj '/CN=our authority' \
  -keyout ca.key -out ca.pem
issue server 'subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1'
for client; do
  issue "$client" 'extendedKeyUsage = clientAuth'
done
