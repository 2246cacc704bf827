#!/usr/bin/env python3
"""docs/api.md from schema/schema.graphql: every operation with its rights, and what a client has
to know besides. `apidoc.py` writes the page, `apidoc.py --check` says whether it is fresh."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "api.md"
DOCUMENTS = ROOT / "tests" / "data" / "documents"
RIGHTS = {"ANYONE": "anyone", "MEMBER": "everyone of the household", "CARER": "who looks after the children",
          "FAMILY": "owners and family", "OWNER": "owners", "OWNER_SURE": "owners, passphrase given again"}

INTRODUCTION = """# The API of nestsyncd

Made from `schema/schema.graphql` by `agent/graphql/gen/apidoc.py`; a test checks that this page is fresh.

One GraphQL API (September 2025 edition) serves the console, phones and your own programs.

- Queries and mutations: `POST /graphql`, JSON `{query, variables, operationName}`; queries also by GET. Batches are refused.
- Subscriptions: WebSocket with subprotocol `graphql-transport-ws` on `/graphql` or `/subscriptions`, or server-sent events: `POST /graphql/stream`
  with `Accept: text/event-stream` (graphql-sse, distinct connections). A stream that breaks off without `complete` is to be asked for again.
- Port 8002 speaks the plain JSON protocol: `{"type", "data"}` with `authenticate` (`token`), `subscribe_order_updates`, `subscribe_prediction_updates`,
  `subscribe_billing_events`, `unsubscribe` (`subscription`), `ping`; see agent/api/transport_json.h.
- Expected refusals are `success: false` with `message` and `error`; GraphQL errors are for a missing right, bad input and faults.
- Every mutation takes `clientMutationId`: text of 1 to 128 bytes made up once for one change and kept 30 days. The same change
  under the same id gives the same answer and has no second effect. Only what changes the store is remembered: sign-in and
  `triggerPredictionUpdate` may be asked again as they are. An answer
  that opens a door (pairing, tokens, payment pages) is kept nowhere: the same id then says that it is done. `changesSince(cursor)` tells what changed while you were away.
- A part that is not set up on an agent says so: `success: false`, null, an empty list or page, or an error NOT_SET_UP.

## Rights

Each field of the schema carries `@access`; without the right it is null with PERMISSION_DENIED. Roles: FAMILY_CORE is an owner,
EXTENDED_FAMILY family, PROFESSIONAL looks after the children, INSTITUTIONAL is of the household. The agent's own console may do all.
A `userId` that is not the caller's is refused, whether that person exists or not.

## Error codes

In `errors[].extensions.code`: %s.

## Limits of one request

%s

"""


def engine_facts():
    """Codes and limits stand in the engine's source; they are read there, not repeated here."""
    header = (ROOT / "agent/graphql/graphql.h").read_text()
    codes = re.search(r"#define GQL_CODES\(X\)(.*?)\nenum", header, re.S).group(1)
    engine = (ROOT / "agent/graphql/engine.c").read_text()
    usual = re.search(r"usual = \{(.*?)\};", engine, re.S).group(1)
    limits = re.findall(r"\.(\w+) = ([0-9]+)", usual)
    return (", ".join("`%s`" % c for c in re.findall(r"X\((\w+)\)", codes)),
            "\n".join("- %s: %s" % (name.replace("_", " "), value) for name, value in limits if name != "plans"))


def fields(sdl, root):
    """(name, signature, right, description, section) of each field, in the schema's order."""
    body = re.search(r"^type %s \{\n(.*?)^\}" % root, sdl, re.S | re.M).group(1)
    section, description, rows, open_field, in_text = "", [], [], [], False
    for line in body.splitlines():
        text = line.strip()
        if text.startswith('"""') or in_text:
            in_text = not in_text if text.count('"""') == 1 else in_text
            description.append(text.replace('"""', ""))
        elif text.startswith('"') and text.endswith('"') and not open_field:
            description.append(text.strip('"'))
        elif text.startswith("#"):
            section = text.strip("#- ") if "--" in text else section
        elif text:
            open_field.append(text)
            if "@access" in text:
                whole = " ".join(open_field).replace("( ", "(").replace(" )", ")")
                signature, right = re.match(r"(.*) @access\(to: (\w+)\)$", whole).groups()
                rows.append((signature, RIGHTS[right], " ".join(d for d in description if d), section))
                open_field, description = [], []
    if open_field:
        raise SystemExit("apidoc: %s: cannot read %s" % (root, open_field[0]))
    return rows


def page():
    sdl = (ROOT / "schema/schema.graphql").read_text()
    out = [INTRODUCTION % engine_facts()]
    for root, title in (("Query", "Queries"), ("Mutation", "Mutations"), ("Subscription", "Subscriptions")):
        out.append("## %s\n\n" % title)
        last = ""
        for signature, right, description, section in fields(sdl, root):
            if section != last:
                out.append("### %s\n\n" % re.sub(r"^[A-Z]\. ", "", section))
                last = section
            out.append("`%s`  \nFor %s.%s\n\n" % (signature, right, " " + description if description else ""))
    out.append("## Examples\n\nThe tests run each of them as it stands.\n\n")
    for path in sorted(DOCUMENTS.glob("*.graphql")):
        out.append("```graphql\n%s```\n\n" % path.read_text())
    return "".join(out).rstrip() + "\n"


def main():
    text = page()
    if sys.argv[1:] == ["--check"]:
        fresh = PAGE.exists() and PAGE.read_text() == text
        print("%s 1 - docs/api.md is what the schema says\n1..1" % ("ok" if fresh else "not ok"))
        return 0 if fresh else 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
