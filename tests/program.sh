#!/usr/bin/env bash
# The built program from outside: commands, exit codes, and the curl lines of the documentation.
set -euo pipefail
program=$(realpath "$1")
scratch=$2
cd "$scratch"
passed=0

check() { # what, expected exit code, command …
  local what=$1 expected=$2 code=0
  shift 2
  "$@" >out 2>err || code=$?
  if [ "$code" != "$expected" ]; then
    echo "FAILED: $what: exit code $code, not $expected" >&2
    tail -n 5 out err >&2
    exit 1
  fi
  passed=$((passed + 1))
}

holds() { # file, pattern
  grep -qE "$2" "$1" || { echo "FAILED: $1 holds no $2" >&2; head -n 20 "$1" >&2; exit 1; }
  passed=$((passed + 1))
}

check "the demo ends after its report" 0 "$program" demo --once --listen 127.0.0.1:0
holds out '^shop.test +C +74/100'
holds out 'dmarc.monitor-only|DMARC only watches'

"$program" demo --target-only >target.env &
target=$!
server=
own=
web=
trap 'kill $target $server $own $web 2>/dev/null' EXIT
until grep -qx '' target.env; do sleep 0.05; done
set -a
. ./target.env
set +a

check "a scan without a server" 0 "$program" scan shop.test
check "a scan as JSON" 0 "$program" scan shop.test --json --quiet
python3 -c 'import json, sys; report = json.load(open("out")); assert report["score"] == 74, report["score"]'
cp out earlier.json && cp out later.json
check "the schema of a report" 0 "$program" schema
cp out report.schema.json
# The schema is valid itself, and so is a real report against it; a report with a wrong member is not.
"${PYTHON:-python3}" - <<'SCHEMA'
import copy, json
from jsonschema import Draft202012Validator as Validator
schema, report = json.load(open("report.schema.json")), json.load(open("earlier.json"))
Validator.check_schema(schema)
assert schema["$schema"].endswith("2020-12/schema") and schema["$id"].startswith("https://"), schema["$id"]
problems = [f"{list(problem.absolute_path)}: {problem.message}" for problem in Validator(schema).iter_errors(report)]
assert not problems, problems[:5]
assert report["schema_version"] == 1, report["schema_version"]
for member, wrong in [("score", "74"), ("issues", {}), ("modules", []), ("scanned_at", 1)]:
    broken = copy.deepcopy(report) | {member: wrong}
    assert not Validator(schema).is_valid(broken), member
broken = copy.deepcopy(report)
del broken["issues"][0]["remediation"]
assert not Validator(schema).is_valid(broken)
SCHEMA
passed=$((passed + 1))
check "two reports are compared" 0 "$program" diff earlier.json later.json --fail-on-new
holds out '^shop.test +[0-9]+ -> [0-9]+ \(\+0\)'
check "a report of nothing" 2 "$program" diff earlier.json err
check "a gate that fails" 1 "$program" scan shop.test --fail-on high
holds err 'FAIL: shop.test: [0-9]+ findings? at or above high'
check "a gate that passes" 0 "$program" scan shop.test --fail-on critical --min-score 70
check "a score below the gate" 1 "$program" scan shop.test --min-score 75
check "a grade below the gate" 1 "$program" scan shop.test --min-grade B
holds err 'C is worse than B'
check "several domains, several formats" 0 "$program" scan shop.test www.shop.test --quiet --format jsonl --allow-partial \
  -o json:all.json -o sarif:all.sarif -o junit:all.xml -o markdown:all.md -o csv:all.csv
python3 - <<'READ'
import csv, json, xml.etree.ElementTree as xml
lines = [json.loads(line)["domain"] for line in open("out")]
assert lines == ["shop.test", "www.shop.test"], lines
suites = xml.parse("all.xml").getroot().findall("testsuite")
assert [suite.get("name") for suite in suites] == lines
assert all(int(suite.get("tests")) == len(suite.findall("testcase")) for suite in suites)
assert json.load(open("all.sarif"))["runs"][0]["results"]
assert {row["domain"] for row in csv.DictReader(open("all.csv"))} == set(lines)
assert [line for line in open("all.md").read().splitlines() if line.startswith("## ")] == ["## shop.test", "## www&#46;shop.test"]
READ
# What GitHub and others refuse in a SARIF file, beside what its schema says.
python3 - <<'SARIF'
import json, re
log = json.load(open("all.sarif"))
assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
[run] = log["runs"]
rules = run["tool"]["driver"]["rules"]
ids = [rule["id"] for rule in rules]
assert len(ids) == len(set(ids)) and run["results"]
for rule in rules:
    assert rule["shortDescription"]["text"] and rule["help"]["text"], rule["id"]
    assert 0.0 <= float(rule["properties"]["security-severity"]) <= 10.0, rule["id"]
    assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note"), rule["id"]
prints = set()
for result in run["results"]:
    assert ids[result["ruleIndex"]] == result["ruleId"], result["ruleId"]
    assert result["level"] == rules[result["ruleIndex"]]["defaultConfiguration"]["level"], result["ruleId"]
    assert result["message"]["text"]
    [location] = result["locations"]
    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    # RFC 3986: a relative path, without scheme, root or what would have to be escaped.
    assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", uri) and not uri.startswith("/") and ".." not in uri, uri
    assert location["physicalLocation"]["region"]["startLine"] >= 1
    fingerprint = result["partialFingerprints"]["primaryLocationLineHash"]
    assert re.fullmatch(r"[0-9a-f]{16}:1", fingerprint), fingerprint
    prints.add(fingerprint)
assert len(prints) == len(run["results"]), "two findings have one fingerprint"
assert all(invocation["executionSuccessful"] in (True, False) for invocation in run["invocations"])
SARIF
passed=$((passed + 1))
check "a page about two domains" 2 "$program" scan shop.test www.shop.test --format html
check "a file that cannot be written" 2 "$program" scan shop.test -o json:/proc/no/such.json
check "nothing new since the baseline" 0 "$program" scan shop.test --baseline all.json --fail-on-new --max-score-drop 1
python3 - <<'WORSE'
import json
decoder, text = json.JSONDecoder(), open("all.json").read()
report = decoder.raw_decode(text)[0]
gone = report["issues"].pop(0)["id"]
module = report["modules"][[m for m, v in report["modules"].items() if any(i["id"] == gone for i in v["issues"])][0]]
module["issues"] = [issue for issue in module["issues"] if issue["id"] != gone]
module["detail"]["passed"].append(gone)
report["score"] += 9
json.dump(report, open("better.json", "w"))
open("gone", "w").write(gone)
WORSE
check "a finding that is new" 1 "$program" scan shop.test --baseline better.json --fail-on-new
holds err "1 new finding: $(cat gone) \(--fail-on-new\)"
check "a score that dropped" 1 "$program" scan shop.test --baseline better.json --max-score-drop 9
check "a baseline of another domain" 2 "$program" scan www.shop.test --baseline better.json --fail-on-new
check "a baseline that is none" 2 "$program" scan shop.test --baseline all.md --fail-on-new
cat >compliancelayer.toml <<ACCEPT
[scan]
concurrency = 8
[[accept]]
check = "$(cat gone)"
reason = "Carried until the move"
until = $(date -u -d '+30 days' +%F)
[[accept]]
check = "hsts.missing"
reason = "Long forgotten"
until = 2024-01-01
ACCEPT
check "a new finding that is accepted" 0 "$program" scan shop.test --baseline better.json --fail-on-new
holds err "1 accepted: shop.test: $(cat gone) until"
holds err 'accepting hsts.missing ended on 2024-01-01'
holds out 'Risk accepted until .*: Carried until the move'
check "a score that counts what is accepted" 1 "$program" scan shop.test --min-score 75
printf '[[accept]]\ncheck = "hsts.mising"\n' >odd.toml
check "an acceptance of no check" 2 "$program" scan shop.test --config odd.toml
holds err 'did you mean `hsts.missing`'
rm compliancelayer.toml
check "completions" 0 "$program" completions bash
check "manual pages" 0 "$program" man pages
test -s pages/compliancelayer-scan.1
check "a domain that does not exist" 3 "$program" scan absent.test
holds err 'NXDOMAIN'
check "a target that is only seen in part" 3 "$program" scan shop.test --port-override 443=1
holds err 'ssl_tls was not tested'
check "a partial report is accepted when asked for" 0 "$program" scan shop.test --port-override 443=1 --allow-partial
mkdir -p web/.well-known
python3 -u -m http.server 0 --bind 127.0.0.1 --directory web >web.log 2>&1 &
web=$!
until grep -q 'port [0-9]' web.log; do sleep 0.05; done
at=80=127.0.0.1:$(sed -nE 's/.*port ([0-9]+).*/\1/p' web.log)
export XDG_DATA_HOME=$scratch/home
check "an intrusive scan without a proof" 3 "$program" scan shop.test --intrusive
holds err '_compliancelayer.shop.test. 3600 IN TXT "compliancelayer-verification=[0-9a-f]{40}"'
[ "$(stat -c %a home/compliancelayer/ownership-key)" = 600 ] || { echo "FAILED: others read what proves ownership" >&2; exit 1; }
check "what proves ownership" 1 "$program" ownership shop.test --json
python3 -c 'import json; print(json.load(open("out"))["file"]["content"])' >web/.well-known/compliancelayer-verification.txt
check "ownership that is proven" 0 "$program" ownership shop.test --port-override "$at"
holds out '^shop.test: proven at http://shop.test/.well-known/'
check "an intrusive scan with its proof" 0 "$program" scan shop.test --intrusive --modules dns_email --port-override "$at"
holds out 'Intrusive profile: known attacks'
# Servers that no library serves any more, for the built program.
proof=$(cat web/.well-known/compliancelayer-verification.txt)
while read -r kind found; do
  mkfifo "hold.$kind"
  "$(dirname "$program")/examples/serve" . "$kind" "$proof" <"hold.$kind" >"$kind.env" &
  exec 3>"hold.$kind"
  until grep -qx '' "$kind.env"; do sleep 0.05; done
  # shellcheck disable=SC2046
  check "a server that is $kind" 0 env $(cat "$kind.env") "$program" scan shop.test --intrusive --modules ssl_tls --json --quiet
  for finding in ${found//,/ }; do holds out "\"id\": \"$finding\""; done
  exec 3>&-
done <<'SERVERS'
old tls.ssl2,tls.ssl3,tlsflaw.drown,tlsflaw.poodle-ssl3,cipher.export,kex.short-prime
heartbleed tlsflaw.heartbleed
SERVERS
check "an absurd domain" 2 "$program" scan 127.0.0.1
check "an unknown module" 2 "$program" scan shop.test --modules tls
check "private addresses are refused unless allowed" 3 env COMPLIANCELAYER_SCAN__ALLOW_PRIVATE_NETWORKS=false "$program" scan shop.test
check "flags override the environment" 0 env COMPLIANCELAYER_SCAN__ALLOW_PRIVATE_NETWORKS=false "$program" scan shop.test --allow-private --modules dns_email
check "no key for a server" 4 "$program" scan shop.test --server http://127.0.0.1:1
check "a server that is not there" 6 env COMPLIANCELAYER_API_KEY=cl_x "$program" scan shop.test --server http://127.0.0.1:1

check "a key over plain HTTP" 2 env COMPLIANCELAYER_API_KEY=cl_x "$program" scan shop.test --server http://scans.example
holds err 'insecure-http'
mkdir -p project/user/compliancelayer
cd project
printf '[scan]\nconcurrency = 3\nsockets = 64\n' >user/compliancelayer/config.toml
printf '[scan]\nconcurrency = 5\n[gate]\nmin_score = 75\n' >compliancelayer.toml
export XDG_CONFIG_HOME=$PWD/user
check "settings are shown" 0 "$program" config show
holds out '^scan.concurrency +5 +\(compliancelayer.toml\)'
holds out '^scan.sockets +64 +\(.*/user/compliancelayer/config.toml\)'
holds out '^scan.resolver .*\(COMPLIANCELAYER_SCAN__RESOLVER\)'
check "the project's gate" 1 "$program" scan shop.test
check "a flag beats the project's gate" 0 "$program" scan shop.test --min-score 70
echo 'nonsense = 1' >compliancelayer.toml
check "a project with wrong settings" 2 "$program" scan shop.test
check "a file for them is not written over" 2 "$program" config init
rm compliancelayer.toml
check "a file for them" 0 "$program" config init
check "the file is valid" 0 "$program" config check
printf 'COMPLIANCELAYER_URL=http://127.0.0.1:1\n' >.env
check "a folder cannot choose who gets the key" 2 env COMPLIANCELAYER_API_KEY=cl_x "$program" scan shop.test
check "a scan here, whatever .env says" 0 "$program" scan shop.test --local --modules dns_email --quiet
unset XDG_CONFIG_HOME
cd ..
check "colour on demand" 0 "$program" scan shop.test --quiet --modules dns_email --color always
holds out $'\x1b'
check "no colour" 0 env NO_COLOR=1 FORCE_COLOR=1 "$program" scan shop.test --quiet --modules dns_email
if grep -q $'\x1b' out; then echo "FAILED: NO_COLOR has colour" >&2; exit 1; fi
code=0
"$program" scan shop.test --quiet --json 2>err | head -c 1 >/dev/null || code=$?
[ "$code" = 141 ] && [ ! -s err ] || { echo "FAILED: a closed pipe ends with $code" >&2; cat err >&2; exit 1; }
check "what scans need is there" 0 "$program" doctor --domain shop.test --data-dir doctor-data
holds out '^ok   way out'
mkdir -m 755 open-data
check "others may look into the data" 2 "$program" doctor --domain shop.test --data-dir open-data
holds out 'chmod 700'
check "no way out" 3 "$program" doctor --domain absent.test --data-dir doctor-data
check "settings are shown" 0 "$program" config show
check "all problems at once" 2 env COMPLIANCELAYER_SCAN__CONCURENCY=1 COMPLIANCELAYER_SERVER__LISTEN=x "$program" config check
holds err 'CONCURENCY'
holds err 'LISTEN'
check "checks are explained" 0 "$program" checks explain dmarc.missing
check "checks for programs" 0 "$program" checks list --json
python3 -c 'import json; assert len(json.load(open("out"))["checks"]) > 130'
check "an unknown check" 2 "$program" checks explain no.such

export COMPLIANCELAYER_DATA_DIR=$scratch/program-data
"$program" serve --listen 127.0.0.1:0 --ready-file ready 2>server.log &
server=$!
until [ -s ready ]; do sleep 0.02; done
url=$(cat ready)
holds server.log '/setup\?token='
[ "$(stat -c %a "$COMPLIANCELAYER_DATA_DIR")" = 700 ] || { echo "FAILED: the data folder is open to others" >&2; exit 1; }
echo "gurgling walnut ferry tax" | "$program" admin create-user --email you@example.com --plan professional --password-stdin --json >/dev/null

# The documentation's lines, against this server.
curl -sf -X POST "$url/v1/auth/login" \
  -H "Content-Type: application/json" \
  -d '{
"email": "you@example.com",
"password": "gurgling walnut ferry tax"
}' >login.json
token=$(python3 -c 'import json; login = json.load(open("login.json")); assert login["user"]["plan"] == "professional"; print(login["token"])')
curl -sf "$url/v1/auth/me" -H "Authorization: Bearer $token" >me.json
holds me.json '"email":"you@example.com"'
key=$("$program" admin create-key --email you@example.com --name "CI/CD Pipeline" --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["api_key"])')
curl -sf "$url/v1/scan" \
  -H "Authorization: Bearer $key" \
  -H "Content-Type: application/json" \
  -d '{
"domain": "shop.test"
}' >job.json
holds job.json '"status":"queued"'
curl -s "$url/v1/scan" -H "Authorization: Bearer cl_YOUR_API_KEY" -H "Content-Type: application/json" -d '{"domain": "example.com"}' >refused.json
holds refused.json '"error":"unauthorized","message":"Invalid or missing authentication","status":401'

check "a scan on a server" 0 env COMPLIANCELAYER_API_KEY="$key" "$program" scan shop.test --server "$url"
holds out '74/100'
there() { # what, expected exit code, arguments … with the server and its key in the environment
  local what=$1 expected=$2
  shift 2
  check "$what" "$expected" env COMPLIANCELAYER_API_KEY="$key" COMPLIANCELAYER_URL="$url" "$program" "$@"
}
there "one of three is missing" 3 scan shop.test absent.test www.shop.test --quiet --format jsonl -o json:there.json
python3 - <<'THERE'
import json
lines = [json.loads(line)["domain"] for line in open("out")]
assert lines == ["shop.test", "www.shop.test"], lines
assert open("there.json").read().count('"schema_version"') == 2
THERE
there "what is missing is said" 3 scan absent.test shop.test
holds err 'absent.test could not be scanned: .*NXDOMAIN'
holds out '74/100'
there "a gate there decides first" 1 scan absent.test shop.test --min-score 75
holds err 'FAIL: shop.test: 74 is below 75'
there "nothing new since the last scan there" 0 scan shop.test --fail-on-new --verbose
holds err "^> POST /v1/scan  key ${key:0:15}…"
if grep -q "${key:15:12}" err; then echo "FAILED: the key was told" >&2; exit 1; fi
there "scans of before" 0 history shop.test --json
first=$(python3 -c 'import json; scans = json.load(open("out"))["scans"]; assert len(scans) >= 5; print(scans[-1]["job_id"])')
last=$(python3 -c 'import json; print(json.load(open("out"))["scans"][0]["job_id"])')
there "scans as a table" 0 history --limit 2
holds out '^ID +DOMAIN +SCANNED'
[ "$(wc -l <out)" = 3 ] || { echo "FAILED: a history of two has other lines" >&2; exit 1; }
there "a report by its domain" 0 report shop.test
holds out '74/100'
there "a report as it was signed" 0 report "$last" --json
cp out signed.json
check "it verifies" 0 "$program" verify signed.json --server "$url"
there "a report as a file" 0 report "$last" --format sarif
python3 -c 'import json; assert json.load(open("out"))["version"] == "2.1.0"'
there "no report of that" 3 report never.example
there "two scans there" 0 diff "$first" "$last" --fail-on-new
holds out '^shop.test +74 -> 74'
there "domains side by side" 0 compare shop.test www.shop.test
holds out '^RANK +SCORE'
there "what is left" 0 usage
holds out '^Plan professional'
there "who I am" 0 auth status
holds out "^Key      ${key:0:15}  \(from the environment\)"
there "alerts" 0 alerts list --unread --json
there "a key may not make keys" 4 keys list
holds err 'keys:read'
maker=$("$program" admin create-key --email you@example.com --name maker --scopes keys:read,keys:write,scans:read --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["api_key"])')
makes() { COMPLIANCELAYER_API_KEY="$maker" COMPLIANCELAYER_URL="$url" "$program" keys "$@"; }
made=$(makes create --name made --scopes scans:read)
next=$(makes rotate "${made:0:15}" --grace 0)
[ "${next:0:3}" = cl_ ] && [ "$next" != "$made" ] || { echo "FAILED: a key was not rotated" >&2; exit 1; }
check "the old key" 4 env COMPLIANCELAYER_API_KEY="$made" "$program" history --server "$url"
check "the new key" 0 env COMPLIANCELAYER_API_KEY="$next" "$program" history --server "$url"
check "keys are listed" 0 makes list
holds out '^ID +KEY +NAME +STATUS'
check "a key is revoked" 0 makes revoke "${next:0:15}"
check "a revoked key" 4 env COMPLIANCELAYER_API_KEY="$next" "$program" history --server "$url"
check "a whole key is no name" 2 makes revoke "$maker"
check "a server that is up" 0 "$program" healthcheck --server "$url"
check "a server that is not" 6 "$program" healthcheck --server http://127.0.0.1:1
there "what a server needs" 0 doctor --domain shop.test
holds out '^ok   clock'
check "the operator revokes" 0 "$program" admin revoke-key --key-id "${key:0:15}"
check "a revoked key is refused at once" 4 env COMPLIANCELAYER_API_KEY="$key" "$program" scan shop.test --server "$url"

# The pages stand what the scanner asks of others: an A in headers and in cookies.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=An authority" \
  -keyout own-ca.key -out own.pem 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=shop.test -keyout own.key -out own.csr 2>/dev/null
echo 'subjectAltName=DNS:shop.test,IP:127.0.0.1' >own.names
openssl x509 -req -in own.csr -CA own.pem -CAkey own-ca.key -CAcreateserial -days 30 -extfile own.names -out own-leaf.pem 2>/dev/null
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
COMPLIANCELAYER_DATA_DIR=$scratch/own-data COMPLIANCELAYER_TLS__CERT=own-leaf.pem COMPLIANCELAYER_TLS__KEY=own.key \
  COMPLIANCELAYER_SERVER__PUBLIC_URL=https://shop.test \
  "$program" serve --listen "127.0.0.1:$port" --ready-file own-ready 2>own.log &
own=$!
until [ -s own-ready ]; do sleep 0.02; done
plain=$(sed -n 's/.*[=,]\(80=[^,]*\).*/\1/p' target.env)
check "our own pages" 0 "$program" scan shop.test --json --quiet --modules http_headers,cookies \
  --trust-root own.pem --port-override "443=127.0.0.1:$port" --port-override "$plain"
python3 -c '
import json
modules = json.load(open("out"))["modules"]
assert modules["http_headers"]["grade"] == "A", modules["http_headers"]
assert modules["cookies"]["grade"] == "A", modules["cookies"]
assert modules["cookies"]["status"] == "ok", modules["cookies"]'
check "a server of a private authority" 6 "$program" healthcheck --server "https://127.0.0.1:$port"
holds err 'trust-root'
check "a private authority that is trusted" 0 "$program" healthcheck --server "https://127.0.0.1:$port" --trust-root own.pem
check "the same by its file in the environment" 0 env SSL_CERT_FILE="$PWD/own.pem" "$program" healthcheck --server "https://127.0.0.1:$port"
kill "$own"
wait "$own"

# Nothing secret is readable by others or stands in the log or the database.
lacks() { # what, command that must find nothing …
  local what=$1
  shift
  if "$@" | grep -q .; then
    echo "FAILED: $what" >&2
    exit 1
  fi
  passed=$((passed + 1))
}
lacks "a file of the data folder is open to others" find "$COMPLIANCELAYER_DATA_DIR" -type f -perm /077
for secret in "$key" "$token" "gurgling walnut"; do
  lacks "a secret was written" grep -rlaF -e "$secret" "$COMPLIANCELAYER_DATA_DIR" server.log
done
kill "$server"
wait "$server"
server=
echo "the built program: $passed passed, 0 failed"
