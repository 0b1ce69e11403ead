"""An MCP client that leaves all of OAuth to hallpass. The conformance suite runs it with the URL of its server.

Its own part is what a program without any OAuth has: it sends messages with `hallpass curl`, and passes the challenge of a
refusal to `hallpass login`. HALLPASS names the program to test.
"""

import json
import os
import subprocess
import sys
import tempfile

URL = sys.argv[1]
ORIGIN = URL.removesuffix("/mcp")
SCENARIO = os.environ["MCP_CONFORMANCE_SCENARIO"]
VERSION = os.environ["MCP_CONFORMANCE_PROTOCOL_VERSION"]
CONTEXT = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
STATELESS = VERSION >= "2026-07-28"
DOCUMENT = "https://conformance-test.local/client-metadata.json"
HOME = tempfile.TemporaryDirectory()
REGISTER = [
    "--auth-method", "none", "--redirect-uri", "http://127.0.0.1/callback",
    "--grant", "authorization_code", "--grant", "refresh_token",
]
os.environ.update({
    "HALLPASS_HOME": HOME.name + "/home", "HALLPASS_VAULT": "sealed", "HALLPASS_VAULT_KEY_FROM": "env:VAULT_KEY",
    "VAULT_KEY": "00" * 32, "SECRET": CONTEXT.get("client_secret", ""), "KEY": CONTEXT.get("private_key_pem", ""),
    "ID_TOKEN": CONTEXT.get("idp_id_token", ""), "ASSERTION": CONTEXT.get("valid_jwt", ""),
})


class Failed(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def hallpass(*words, text=None):
    done = subprocess.run([os.environ["HALLPASS"], *words], input=text, capture_output=True, text=True, check=False)
    sys.stderr.write(f"$ hallpass {' '.join(words)}\n{done.stderr}")
    if done.returncode:
        raise Failed(done.returncode, done.stderr)
    return done.stdout.strip("\n")


class Client:
    zone = None
    dpop = "dpop" in SCENARIO
    numbers = iter(range(1, 1000))

    def send(self, method, params):
        """Sends a message, and again after each refusal that asks for another token."""
        for _ in range(3):
            status, fields, body = self.post(method, params)
            challenge = fields.get("www-authenticate", "")
            if status not in (401, 403) or "use_dpop_nonce" in challenge:
                break
            self.sign_in(challenge)
        if status >= 400:
            raise Failed(1, f"{method}: HTTP {status} {body}")
        return body

    def post(self, method, params, nonce=None):
        fields = ["Content-Type: application/json", "Accept: application/json, text/event-stream"]
        message = {"jsonrpc": "2.0", "method": method, "params": dict(params)}
        if not method.startswith("notifications/"):
            message["id"] = next(self.numbers)
        if STATELESS:
            meta = {"protocolVersion": VERSION, "clientCapabilities": {}, "clientInfo": {"name": "hallpass", "version": "1"}}
            message["params"]["_meta"] = {f"io.modelcontextprotocol/{name}": value for name, value in meta.items()}
            fields += [f"Mcp-Method: {method}"] + [f"Mcp-Name: {name}" for key, name in params.items() if key == "name"]
        if method != "initialize":
            fields.append(f"MCP-Protocol-Version: {VERSION}")
        words = ["-sS", "-i", "--data-binary", json.dumps(message)]
        for field in fields:
            words += ["-H", field]
        if self.zone and nonce:
            proof = hallpass("header", "-z", self.zone, "--dpop", "--method", "POST", "--url", URL, "--nonce", nonce)
            for field in proof.splitlines():
                words += ["-H", field]
        if self.zone and not nonce:
            text = hallpass("curl", "-z", self.zone, "--", *words, URL)
        else:
            text = subprocess.run(["curl", *words, URL], capture_output=True, text=True, check=True).stdout
        head, _, body = text.replace("\r\n", "\n").partition("\n\n")
        lines = head.splitlines()
        answer = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        status = int(lines[0].split()[1])
        if status == 401 and not nonce and self.zone and "dpop-nonce" in answer:
            return self.post(method, params, answer["dpop-nonce"])
        return status, answer, body

    def sign_in(self, challenge):
        if SCENARIO.startswith("auth/client-credentials") or SCENARIO in OTHER_GRANTS:
            self.zone = OTHER_GRANTS.get(SCENARIO, add_service)()
            return
        flags = ["--challenge-from", "-"] if challenge else []
        flags += ["--browser", "--client-metadata-url", DOCUMENT] + ["--dpop"] * self.dpop
        if "client_id" in CONTEXT:
            flags += ["--client-id", CONTEXT["client_id"], "--client-secret-from", "env:SECRET"]
        zone = self.zone or "mcp"
        try:
            hallpass("login", "--resource", URL, "-z", zone, *flags, text=challenge)
        except Failed as failed:
            if failed.code == 2 and self.zone:
                # The resource has another authorization server now, which gets a zone of its own.
                zone = "moved"
                hallpass("login", "--resource", URL, "-z", zone, *flags, text=challenge)
            elif failed.code == 3 and SCENARIO.startswith("auth/2025-03-26"):
                sign_in_without_resource_metadata(zone)
            else:
                raise
        self.zone = zone


def add_zone(issuer, *flags):
    hallpass(
        "zone", "add", "mcp", "--issuer", issuer, "--client-id", CONTEXT["client_id"], "--resource", URL,
        "--host", ORIGIN.removeprefix("http://"), *flags,
    )
    return "mcp"


def find_issuer():
    return hallpass("discover", "--resource", URL, "--field", "issuer")


def add_service():
    if CONTEXT.get("private_key_pem"):
        proof = ["--private-key-from", "env:KEY", "--algorithm", CONTEXT["signing_algorithm"]]
    else:
        proof = ["--client-secret-from", "env:SECRET"]
    return add_zone(find_issuer(), *proof)


def add_workload():
    return add_zone(find_issuer(), "--grant", "jwt_bearer", "--assertion-ref", "env:ASSERTION", "--auth", "none")


def add_enterprise():
    issuer = find_issuer()
    hallpass("zone", "add", "idp", "--issuer", CONTEXT["idp_issuer"], "--client-id", CONTEXT["idp_client_id"])
    grant = hallpass(
        "exchange", "-z", "idp", "--subject-token-from", "env:ID_TOKEN", "--subject-type", "id",
        "--requested-type", "urn:ietf:params:oauth:token-type:id-jag", "--audience", issuer, "--resource", URL,
    )
    os.environ["JAG"] = grant
    return add_zone(
        issuer, "--grant", "jwt_bearer", "--assertion-ref", "env:JAG", "--client-secret-from", "env:SECRET",
    )


OTHER_GRANTS = {"auth/wif-jwt-bearer": add_workload, "auth/enterprise-managed-authorization": add_enterprise}


def sign_in_without_resource_metadata(zone):
    """The revision 2025-03-26 has no metadata of resources: the server itself is the issuer, with or without metadata."""
    host = ["--host", ORIGIN.removeprefix("http://")]
    endpoints = ["--authorization-endpoint", "/authorize", "--token-endpoint", "/token", "--registration-endpoint", "/register"]
    try:
        hallpass("discover", ORIGIN)
        endpoints = []
    except Failed:
        pass
    hallpass("zone", "add", zone, "--issuer", ORIGIN, "--grant", "authorization_code", *endpoints, *host)
    hallpass("client", "register", "-z", zone, *REGISTER)
    hallpass("login", "-z", zone, "--browser")


def main():
    client = Client()
    if not STATELESS:
        client.send("initialize", {
            "protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "hallpass", "version": "1"},
        })
        client.send("notifications/initialized", {})
    client.send("tools/list", {})
    client.send("tools/call", {"name": "test-tool", "arguments": {}})


if __name__ == "__main__":
    main()
