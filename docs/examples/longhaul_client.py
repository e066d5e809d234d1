"""A GraphQL client for Longhaul in the standard library: see docs/external-workers.md."""

import json
import os
import time
import urllib.error
import urllib.request

URL = os.environ.get("LONGHAUL_URL", "http://127.0.0.1:4000/graphql")
KEY = os.environ["LONGHAUL_KEY"]


class Refused(Exception):
    """A typed error of the API: `kind` is its type, as in ConflictError."""

    def __init__(self, kind, message, state=None):
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.state = state


def call(mutation, given, selection):
    """Calls a mutation with its input and answers its payload. Waits for a server that is away; raises Refused."""
    name = mutation[0].upper() + mutation[1:]
    document = (
        f"mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ __typename "
        f"... on Error {{ message ... on ConflictError {{ state }} }} ... on {name}Payload {{ {selection} }} }} }}"
    )
    result = post(document, {"input": given})[mutation]
    if result["__typename"].endswith("Error"):
        raise Refused(result["__typename"], result["message"], result.get("state"))
    return result


def query(document, variables):
    return post(document, variables)


def post(document, variables):
    body = json.dumps({"query": document, "variables": variables}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    while True:
        try:
            request = urllib.request.Request(URL, body, headers)
            with urllib.request.urlopen(request, timeout=30) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise
        except OSError:
            pass  # The connection failed. Every call here may be repeated.
        else:
            codes = [each.get("extensions", {}).get("code") for each in answer.get("errors", [])]
            if not codes:
                return answer["data"]
            if codes != ["UNAVAILABLE"]:
                raise RuntimeError(answer["errors"])
        time.sleep(1)
