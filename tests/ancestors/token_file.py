"""Which tokens toolregistry-server reads from the file of each case, and whether it lets in who offers the one there."""

import importlib.util
import json
import pathlib
import sys

# Its package imports a whole server; reading token files needs this one file of it.
package = importlib.util.find_spec("toolregistry_server").submodule_search_locations[0]
spec = importlib.util.spec_from_file_location("auth", pathlib.Path(package) / "auth.py")
auth = importlib.util.module_from_spec(spec)
spec.loader.exec_module(auth)


def answer(case):
    tokens = auth.load_tokens(case["path"], env_var=None)
    guard = auth.BearerTokenAuth(tokens)
    assert all(guard.verify(token) for token in tokens)
    return {"tokens": tokens, "accepts": guard.verify(case.get("offered", ""))}


print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
