"""Whom auth-gate sees: for each case behind the header fields of a gateway, or behind an introspection answer."""

import asyncio
import json
import logging
import sys

if len(sys.argv) > 1:
    sys.path.insert(0, sys.argv[1])

from auth_gate.config import AuthMode
from auth_gate.user_auth import UserValidator
from fastapi import HTTPException

logging.disable()


class Server:
    """An authorization server that says this of every token."""

    status_code = 200

    def __init__(self, claims):
        self.claims = claims

    async def post(self, *_, **__):
        return self

    def json(self):
        return self.claims


async def see(case):
    if "headers" in case:
        values = {name.lower().replace("-", "_"): value for name, value in case["headers"].items()}
        return await UserValidator(AuthMode.KONG_HEADERS).get_current_user(request=None, **values)
    validator = UserValidator(AuthMode.DIRECT_KEYCLOAK)
    validator._http_client = Server(case["claims"])
    return await validator.get_current_user(request=None, authorization="Bearer opaque")


def answer(case):
    try:
        seen = asyncio.run(see(case))
    except HTTPException as refusal:
        return {"refuses": refusal.detail}
    except Exception as crash:
        return {"crashes": type(crash).__name__}
    service = seen.is_service
    return {
        "kind": "service" if service else "user",
        "subject": seen.service_id if service else seen.user_id,
        "name": seen.service_name if service else seen.username,
        "client_id": seen.client_id,
        "session_id": seen.session_id,
        "roles": seen.roles,
        "scopes": [] if service else seen.scopes,
    }


print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
