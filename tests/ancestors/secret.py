"""Whether a service that clear-skies guards by a secret lets in who sends this Authorization field."""

import json
import os
import sys

import clearskies


def answer(case):
    for name in ("SECRET", "ALTERNATE"):
        os.environ.pop(name, None)
        if case.get(name.lower()) is not None:
            os.environ[name] = case[name.lower()]
    guard = clearskies.authentication.SecretBearer(
        environment_key="SECRET",
        alternate_environment_key="ALTERNATE" if case.get("rotates") else "",
        header_prefix=case.get("prefix", ""),
    )
    context = clearskies.contexts.Context(clearskies.endpoints.Callable(lambda: {}, authentication=guard))
    try:
        headers = {} if case["field"] is None else {"Authorization": case["field"]}
        status, _, _ = context(request_headers=headers)
    except Exception as crash:
        return {"crashes": type(crash).__name__}
    return {"status": status}


print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
