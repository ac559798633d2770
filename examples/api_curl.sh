#!/bin/sh
# A content by the API alone, with curl: started, watched, approved, fetched.
#   REELWRIGHT_TOKEN=rw_... sh examples/api_curl.sh "Why octopuses have three hearts"
# It approves by itself: look at what it prints before you let it post anywhere. docs/api.md has the rest.
set -eu
topic=${1:?"say what the video is about"}
out=${2:-out}
api=${REELWRIGHT_API:-http://127.0.0.1:8088}
: "${REELWRIGHT_TOKEN:?it is not set}"

# The token goes through a file descriptor: arguments can be read by everybody on the machine.
call() {
  curl --silent --show-error --fail-with-body --retry 5 --header @- "$@" <<HEADERS
Authorization: Bearer $REELWRIGHT_TOKEN
HEADERS
}
field() { python3 -c 'import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    value = value[name] if value is not None else None
print("" if value is None else value)' "$1"; }

# The same key again is the same content: --retry cannot start a second one.
key=$(python3 -c 'import uuid; print(uuid.uuid4())')
body=$(python3 -c 'import json, sys; print(json.dumps(
    {"topic": sys.argv[1], "platforms": [], "formats": ["9:16"], "allow_template": True}))' "$topic")
started=$(call --header 'Content-Type: application/json' --header "Idempotency-Key: $key" \
  --data "$body" "$api/api/v1/contents")
id=$(printf %s "$started" | field content_id)
echo "started $id"

while :; do
  status=$(call "$api/api/v1/contents/$id")
  echo "$(printf %s "$status" | field stage) $(printf %s "$status" | field percent) %"
  [ "$(printf %s "$status" | field ended)" = True ] && break
  digest=$(printf %s "$status" | field review.artifact_sha256)
  if [ -n "$digest" ] && [ "$digest" != "${judged:-}" ]; then
    call "$api/api/v1/reviews/$id" | field review.text
    call --header 'Content-Type: application/json' --data "{\"decision\": \"approve\", \"artifact_sha256\": \"$digest\"}" \
      "$api/api/v1/reviews/$id/decision"
    echo
    judged=$digest
  fi
  sleep 2
done

mkdir -p "$out/$id"
call "$api/api/v1/contents/$id/files" | python3 -c 'import json, sys
for file in json.load(sys.stdin)["items"]:
    print(file["name"], file["sha256"])' | while read -r name sha256; do
  call --output "$out/$id/$name" "$api/api/v1/contents/$id/files/$name" </dev/null
  echo "$sha256  $out/$id/$name" | sha256sum --check --quiet
  echo "fetched $out/$id/$name"
done
[ "$(printf %s "$status" | field stage)" = done ]
