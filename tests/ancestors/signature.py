"""What auth-gate says to signatures: for each case whether it accepts the one of the case, and which it makes itself."""

import json
import sys
import types

if len(sys.argv) > 1:
    sys.path.insert(0, sys.argv[1])

import hmac

from auth_gate import user_auth

FIELDS = {
    "auth_source": "X-Auth-Source",
    "token_verified": "X-Token-Verified",
    "user_id": "X-User-ID",
    "roles": "X-User-Roles",
    "scopes": "X-User-Scopes",
    "session_id": "X-Session-ID",
    "org_id": "X-Organization-ID",
    "tier": "X-Subscription-Tier",
    "status_": "X-Subscription-Status",
    "svc_name": "X-Service-Name",
    "svc_auth": "X-Service-Authenticated",
    "svc_roles": "X-Service-Roles",
    "org_roles": "X-Org-Roles",
}


def v1(case, signature):
    verifier = user_auth.HMACVerifier(case["key"], case["skew"])
    who, session, method, path = case["request"]
    return verifier.verify_signature(signature, case["time"], who, session, method, path)


def v2(case, signature):
    verifier = user_auth.HMACVerifier(case["key"], case["alternate"], case["skew"])
    values = {argument: case["fields"].get(name) for argument, name in FIELDS.items()}
    return verifier.verify(**values, ts=case["time"], signature=signature)


def answer(case):
    verify, blank, own = (v1, "x", 1) if "request" in case else (v2, "v2:00", 0)
    user_auth.time = types.SimpleNamespace(time=lambda: case["now"])
    accepts = verify(case, case["signature"])
    # It hands out no signatures; what it compares with is the one that it expects.
    made = []
    keep = lambda *pair: made.append(pair[own]) or False
    user_auth.hmac = types.SimpleNamespace(new=hmac.new, compare_digest=keep)
    verify(case, blank)
    user_auth.hmac = hmac
    prefix = "" if "request" in case else "v2:"
    return {"accepts": accepts, "makes": prefix + made[0] if made else None}


print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
