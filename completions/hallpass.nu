module completions {

  def "nu-complete hallpass zones" [] {
    ^hallpass zone list | lines | each { split row "\t" | first }
  }

  def "nu-complete hallpass format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass color" [] {
    [ "auto" "always" "never" ]
  }

  # Get, store, use, inspect and check OAuth tokens from any authorization server
  export extern hallpass [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass token grant" [] {
    [ "client_credentials" "authorization_code" "device_code" "token_exchange" "jwt_bearer" ]
  }

  def "nu-complete hallpass token format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass token color" [] {
    [ "auto" "always" "never" ]
  }

  # Print an access token of the zone
  export extern "hallpass token" [
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --grant: string@"nu-complete hallpass token grant" # Use this grant for this call, or another one by its URI with --param
    --assertion-from: string  # Use grant jwt_bearer with the assertion from SOURCE
    --subject-token-from: string # Use grant token_exchange with the subject token from SOURCE
    --min-ttl: string         # Minimum remaining lifetime (best effort: a shorter-lived token is still printed, with a warning)
    --fresh                   # Ignore the cache; get a new token
    --no-cache                # Do not read or write the cache
    --explain                 # Print to stderr when the token was issued, expires and is renewed, and where it came from
    --id-token                # Print the ID token; in JSON, beside the access token
    --name: string            # Variable to set, with a --format that sets one (default: ACCESS_TOKEN)
    --output(-o): path        # Write to FILE (0600, atomically); - is stdout
    --many: path              # Read a JSON object per line ("zone", "scope", "audience", "resource", "id") and print one per token; - is stdin
    --jobs: string            # How many tokens are requested at once
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass token format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass token color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass token list format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass token list color" [] {
    [ "auto" "always" "never" ]
  }

  # List the cached access tokens, without their values
  export extern "hallpass token list" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass token list format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass token list color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass token forget format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass token forget color" [] {
    [ "auto" "always" "never" ]
  }

  # Delete cached tokens (does not revoke them)
  export extern "hallpass token forget" [
    --all                     # Delete those of every zone
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass token forget format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass token forget color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass header grant" [] {
    [ "client_credentials" "authorization_code" "device_code" "token_exchange" "jwt_bearer" ]
  }

  def "nu-complete hallpass header format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass header color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the Authorization header with an access token
  export extern "hallpass header" [
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --grant: string@"nu-complete hallpass header grant" # Use this grant for this call, or another one by its URI with --param
    --assertion-from: string  # Use grant jwt_bearer with the assertion from SOURCE
    --subject-token-from: string # Use grant token_exchange with the subject token from SOURCE
    --min-ttl: string         # Minimum remaining lifetime (best effort: a shorter-lived token is still printed, with a warning)
    --fresh                   # Ignore the cache; get a new token
    --no-cache                # Do not read or write the cache
    --explain                 # Print to stderr when the token was issued, expires and is renewed, and where it came from
    --id-token                # Use the ID token instead of the access token
    --value                   # Print only the value
    --name: string            # Name of the header (default: Authorization)
    --from: string            # Use the static token or secret from SOURCE instead of a zone's token
    --prefix: string          # Prefix of the value of --from
    --any-characters          # With --from: accept characters that RFC 6750 does not allow in a bearer token
    --tokens-file: path       # Use the first active token of this token file
    --label: string           # With --tokens-file: the first token with this label
    --basic                   # Use the zone's client credentials, form-encoded (RFC 6749 §2.3.1)
    --basic-raw               # Use the zone's client credentials as they are (RFC 7617)
    --user: string            # Use this id with --basic or --basic-raw instead of a zone's
    --secret-from: string     # Read the secret of --user from SOURCE
    --read: string            # Read an Authorization value from SOURCE and print its bearer token
    --line                    # With --read: accept a whole `Authorization: …` line
    --output(-o): path        # Write to FILE (0600, atomically)
    --dpop                    # Print a DPoP token and the proof for one request, two lines (RFC 9449)
    --method: string          # With --dpop: the method of the request
    --url: string             # With --dpop: the URL of the request (query and fragment are ignored)
    --nonce: string           # With --dpop: the nonce that the server asked for (its DPoP-Nonce header)
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass header format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass header color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass login par" [] {
    [ "auto" "always" "never" ]
  }

  def "nu-complete hallpass login qr" [] {
    [ "auto" "always" "never" ]
  }

  def "nu-complete hallpass login auth" [] {
    [ "client_secret_basic" "client_secret_post" "client_secret_jwt" "private_key_jwt" "tls_client_auth" "self_signed_tls_client_auth" "none" ]
  }

  def "nu-complete hallpass login format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass login color" [] {
    [ "auto" "always" "never" ]
  }

  # Sign in to a zone; with ISSUER, create it first
  export extern "hallpass login" [
    --device                  # Sign in on another device
    --browser                 # Sign in with a browser on this machine
    --paste                   # Sign in anywhere, then paste the URL you were redirected to (read from stdin if it is not a terminal)
    --no-browser              # Do not open a browser, only show the URL
    --par: string@"nu-complete hallpass login par" # When to use a pushed authorization request (RFC 9126)
    --qr: string@"nu-complete hallpass login qr" # With --device: show the page as a QR code
    --dpop                    # Bind the zone's tokens to a key (DPoP, RFC 9449)
    --client-id: string       # The client_id at the authorization server
    --scope: string           # Request these scopes; repeatable, splits on spaces
    --audience: string        # Request a token for this audience; repeatable
    --resource: string        # Request a token for this resource (RFC 8707); repeatable
    --port: string            # The port of the redirect URI (default: chosen by the system)
    --redirect-uri: string    # The registered redirect URI (default: http://127.0.0.1:PORT/callback)
    --prompt: string          # What the server prompts for: none, login, consent, select_account
    --login-hint: string      # User name to prefill
    --acr: string             # Acceptable authentication context classes, separated by spaces
    --max-age: string         # Sign in again if older than N seconds
    --param: string           # Send this additional parameter; repeatable
    --challenge-from: string  # With --resource: the WWW-Authenticate value of a 401 or 403, instead of asking the resource for one
    --issuer: string          # With --resource: sign in at this one of its authorization servers (default: the first that answers)
    --client-metadata-url: string # With --resource: the client_id where the server supports client ID metadata documents
    --no-register             # With --resource: do not register a client
    --client-secret-from: string # Copy the client secret from SOURCE into the vault
    --client-secret-ref: string # Read the client secret from SOURCE at every use; nothing is stored
    --private-key-from: string # Copy the private key from SOURCE into the vault: PEM or a private JWK
    --private-key-ref: string # Read the private key from SOURCE at every use; nothing is stored
    --auth: string@"nu-complete hallpass login auth" # Client authentication method (default: chosen from the metadata)
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass login format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass login color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    issuer?: string           # The issuer, exactly as in the metadata (default: the zone's)
  ]

  def "nu-complete hallpass logout format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass logout color" [] {
    [ "auto" "always" "never" ]
  }

  # Sign out of the zone
  export extern "hallpass logout" [
    --all                     # Sign out of every zone
    --revoke                  # Also revoke the tokens; if that fails, nothing is deleted locally
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass logout format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass logout color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass exchange format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass exchange color" [] {
    [ "auto" "always" "never" ]
  }

  # Exchange a token for another audience or on behalf of a user
  export extern "hallpass exchange" [
    --subject-token-from: string # Read the token to exchange from SOURCE
    --subject-type: string    # The type of the subject token
    --actor-token-from: string # Read the actor token from SOURCE
    --actor-type: string      # The type of the actor token (default: access)
    --requested-type: string  # Request a token of this type
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --cache                   # Cache the new token and reuse it for the same subject token
    --name: string            # Variable to set, with a --format that sets one (default: ACCESS_TOKEN)
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass exchange format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass exchange color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass revoke hint" [] {
    [ "access_token" "refresh_token" ]
  }

  def "nu-complete hallpass revoke own" [] {
    [ "access" "refresh" "all" ]
  }

  def "nu-complete hallpass revoke format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass revoke color" [] {
    [ "auto" "always" "never" ]
  }

  # Revoke a token at the authorization server
  export extern "hallpass revoke" [
    --hint: string@"nu-complete hallpass revoke hint" # Tell the server what kind of token it is
    --own: string@"nu-complete hallpass revoke own" # Revoke the zone's own tokens and delete them locally
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass revoke format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass revoke color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    source?: string           # Where to read the token (default: stdin)
  ]

  def "nu-complete hallpass status format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass status color" [] {
    [ "auto" "always" "never" ]
  }

  # Show zones, their tokens and circuit breakers (offline)
  export extern "hallpass status" [
    --all                     # Show every zone
    --exit-status             # Exit with 1 when the zone has no valid token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass status format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass status color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass discover format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass discover color" [] {
    [ "auto" "always" "never" ]
  }

  # Show an authorization server's metadata and endpoints
  export extern "hallpass discover" [
    --resource: string        # Read the metadata of this protected resource and follow its authorization servers
    --issuer: string          # With --resource: follow this one of its authorization servers (default: the first that answers)
    --raw                     # Print the merged document as served
    --field: string           # Print the bare value of this member, arrays one per line; exit 1 if absent
    --require: string         # Exit 1 unless the server supports this feature, such as grant:client_credentials or pkce:S256; repeatable
    --diff: string            # Compare with this issuer; exit 1 if something differs
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass discover format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass discover color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    issuer?: string           # The issuer or its well-known URL (default: the zone's); with --resource the URL of the resource's metadata
  ]

  def "nu-complete hallpass doctor format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass doctor color" [] {
    [ "auto" "always" "never" ]
  }

  # Find out why the zone, its server or a token does not work
  export extern "hallpass doctor" [
    --offline                 # Make the local checks only; nothing is sent
    --token-from: string      # Examine this token in place of a new one
    --expect-audience: string # The token must name this audience; repeatable
    --expect-role: string     # The token must have this role; repeatable
    --expect-scope: string    # The token must have this scope; repeatable
    --introspect              # Ask the server about the token too
    --subject-token-from: string # Exchange this token, and throw the new one away
    --exchange-audience: string # The audience to exchange it for
    --refresh-token-from: string # Try this refresh token, which may be spent by it
    --redirect-uri: string    # Whether the client may send a browser back to this URI
    --device                  # Whether the client may begin a sign-in on another device
    --register                # Whether clients may register; nothing is registered without --initial-token-from
    --initial-token-from: string # With this initial access token register a client, and remove it again
    --probe-proxy             # Ask with forwarded fields whether the server believes them from anybody
    --report                  # Print Markdown for a ticket: placeholders in place of hosts, clients, realms and users
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass doctor format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass doctor color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    issuer?: string           # The issuer to examine (default: that of the zone)
  ]

  def "nu-complete hallpass inspect format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass inspect color" [] {
    [ "auto" "always" "never" ]
  }

  # Decode a token: header, claims, expiry, identity
  export extern "hallpass inspect" [
    --verify                  # Verify the signature with the issuer's keys, and issuer, audience and times
    --introspect              # Ask the zone's authorization server; works for opaque and encrypted tokens
    --claims                  # Read a JSON object of claims (an introspection or userinfo response) instead of a token
    --kong                    # Read header lines of a gateway (X-User-ID, X-Service-Name …) instead of a token
    --issuer: string          # The required issuer, whose keys --verify uses (default: the zone's)
    --audience: string        # A required audience; repeatable
    --admin-role: string      # Report whether the token has this role; repeatable
    --service-role: string    # Realm role that marks a service account (default: service and service-account); repeatable
    --role-claim: string      # Also read roles from this claim, such as groups or a.b; repeatable
    --leeway: string          # Allowed clock skew (default: 5s for nbf, none for exp)
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass inspect format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass inspect color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    source?: string           # Where to read the token (default: stdin)
  ]

  def "nu-complete hallpass introspect hint" [] {
    [ "access_token" "refresh_token" ]
  }

  def "nu-complete hallpass introspect format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass introspect color" [] {
    [ "auto" "always" "never" ]
  }

  # Ask the server whether a token is active, and its claims
  export extern "hallpass introspect" [
    --hint: string@"nu-complete hallpass introspect hint" # Tell the server what kind of token it is
    --jwt                     # Request a signed answer and verify it (RFC 9701)
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass introspect format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass introspect color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    source?: string           # Where to read the token (default: stdin)
  ]

  def "nu-complete hallpass zone format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone color" [] {
    [ "auto" "always" "never" ]
  }

  # Manage zones: a named issuer with its client and settings
  export extern "hallpass zone" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass zone color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass zone add algorithm" [] {
    [ "RS256" "RS384" "RS512" "PS256" "PS384" "PS512" "ES256" "ES384" "EdDSA" "Ed25519" ]
  }

  def "nu-complete hallpass zone add auth" [] {
    [ "client_secret_basic" "client_secret_post" "client_secret_jwt" "private_key_jwt" "tls_client_auth" "self_signed_tls_client_auth" "none" ]
  }

  def "nu-complete hallpass zone add grant" [] {
    [ "client_credentials" "authorization_code" "device_code" "token_exchange" "jwt_bearer" ]
  }

  def "nu-complete hallpass zone add vault" [] {
    [ "keyring" "sealed" ]
  }

  def "nu-complete hallpass zone add format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone add color" [] {
    [ "auto" "always" "never" ]
  }

  # Add a zone
  export extern "hallpass zone add" [
    --issuer: string          # The issuer, exactly as in the metadata
    --issuer-template: string # Accept this issuer with {tenantid} in the metadata, and with the tenant of the claim tid in tokens
    --client-id: string       # The client_id at the authorization server
    --client-secret-from: string # Copy the client secret from SOURCE into the vault
    --client-secret-ref: string # Read the client secret from SOURCE at every use; nothing is stored
    --private-key-from: string # Copy the private key from SOURCE into the vault: PEM or a private JWK
    --private-key-ref: string # Read the private key from SOURCE at every use; nothing is stored
    --key-id: string          # The private key's kid, also to select it in a JWK set
    --algorithm: string@"nu-complete hallpass zone add algorithm" # Signature algorithm (default: chosen from the key)
    --client-assertion-ref: string # Authenticate with an externally signed assertion, read from SOURCE at every use
    --assertion-audience: string # The audience of the client's assertions (default: the issuer)
    --cert: path              # Present this certificate, a PEM file, to the server (mutual TLS, RFC 8705); with a private key and no key of its own, it certifies that key, and assertions name it (x5t)
    --cert-key-from: string   # Copy the key of the certificate from SOURCE into the vault: PEM
    --cert-key-ref: string    # Read the key of the certificate from SOURCE at every use; nothing is stored
    --auth: string@"nu-complete hallpass zone add auth" # Client authentication method (default: chosen from the metadata)
    --grant: string@"nu-complete hallpass zone add grant" # How tokens are obtained (default: client_credentials for a client with a proof, else authorization_code); the URI of another grant is sent as given
    --assertion-ref: string   # With grant jwt_bearer: read the assertion from SOURCE at every call
    --subject-token-ref: string # With grant token_exchange: read the subject token from SOURCE at every call
    --scope: string           # Request these scopes; repeatable, splits on spaces
    --audience: string        # Request tokens for this audience; repeatable
    --resource: string        # Request tokens for this resource (RFC 8707); repeatable
    --token-endpoint: string  # Override the token endpoint: a URL, or a path on the issuer's host
    --introspection-endpoint: string # Override the introspection endpoint
    --revocation-endpoint: string # Override the revocation endpoint
    --registration-endpoint: string # Override the registration endpoint
    --par-endpoint: string    # Override the pushed authorization request endpoint
    --authorization-endpoint: string # Override the authorization endpoint
    --device-endpoint: string # Override the device authorization endpoint
    --jwks-uri: string        # Override the URL of the issuer's keys
    --assume-defaults         # Assume /oauth2/token and related paths for endpoints neither given nor discovered
    --param: string           # Send this additional parameter with every token request; repeatable
    --host: string            # Host that this zone's tokens may be sent to: h, h:8443 or *.h; repeatable
    --dpop                    # Bind tokens to a key of this zone (DPoP, RFC 9449), generated at the first use and stored in the vault
    --vault: string@"nu-complete hallpass zone add vault" # Vault for its secrets: keyring or sealed (default: `HALLPASS_VAULT`, else keyring)
    --default                 # Make it the default zone
    --replace                 # Replace the zone of this name
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone add format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass zone add color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name?: string             # Its name: lower-case letters, digits, - and _
  ]

  def "nu-complete hallpass zone list format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone list color" [] {
    [ "auto" "always" "never" ]
  }

  # List the zones
  export extern "hallpass zone list" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone list format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass zone list color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass zone show format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show a zone: what is set, with its origin
  export extern "hallpass zone show" [
    --all                     # Show every setting, those that are not set as well
    --show-secrets            # Also print the values of headers
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone show format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass zone show color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name?: string             # The zone (default: the one in effect)
  ]

  def "nu-complete hallpass zone edit algorithm" [] {
    [ "RS256" "RS384" "RS512" "PS256" "PS384" "PS512" "ES256" "ES384" "EdDSA" "Ed25519" ]
  }

  def "nu-complete hallpass zone edit auth" [] {
    [ "client_secret_basic" "client_secret_post" "client_secret_jwt" "private_key_jwt" "tls_client_auth" "self_signed_tls_client_auth" "none" ]
  }

  def "nu-complete hallpass zone edit grant" [] {
    [ "client_credentials" "authorization_code" "device_code" "token_exchange" "jwt_bearer" ]
  }

  def "nu-complete hallpass zone edit vault" [] {
    [ "keyring" "sealed" ]
  }

  def "nu-complete hallpass zone edit unset" [] {
    [ "issuer_template" "client_id" "client_secret" "client_secret_ref" "private_key" "private_key_ref" "key_id" "algorithm" "client_assertion_ref" "assertion_audience" "cert" "cert_key" "cert_key_ref" "auth" "grant" "assertion_ref" "subject_token_ref" "scope" "audience" "resource" "token_endpoint" "introspection_endpoint" "revocation_endpoint" "registration_endpoint" "par_endpoint" "authorization_endpoint" "device_endpoint" "jwks_uri" "assume_defaults" "param" "header" "cacert" "host" "dpop" "redirect_uri" "registration_client_uri" ]
  }

  def "nu-complete hallpass zone edit format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone edit color" [] {
    [ "auto" "always" "never" ]
  }

  # Change settings of a zone
  export extern "hallpass zone edit" [
    --issuer: string          # The issuer, exactly as in the metadata
    --issuer-template: string # Accept this issuer with {tenantid} in the metadata, and with the tenant of the claim tid in tokens
    --client-id: string       # The client_id at the authorization server
    --client-secret-from: string # Copy the client secret from SOURCE into the vault
    --client-secret-ref: string # Read the client secret from SOURCE at every use; nothing is stored
    --private-key-from: string # Copy the private key from SOURCE into the vault: PEM or a private JWK
    --private-key-ref: string # Read the private key from SOURCE at every use; nothing is stored
    --key-id: string          # The private key's kid, also to select it in a JWK set
    --algorithm: string@"nu-complete hallpass zone edit algorithm" # Signature algorithm (default: chosen from the key)
    --client-assertion-ref: string # Authenticate with an externally signed assertion, read from SOURCE at every use
    --assertion-audience: string # The audience of the client's assertions (default: the issuer)
    --cert: path              # Present this certificate, a PEM file, to the server (mutual TLS, RFC 8705); with a private key and no key of its own, it certifies that key, and assertions name it (x5t)
    --cert-key-from: string   # Copy the key of the certificate from SOURCE into the vault: PEM
    --cert-key-ref: string    # Read the key of the certificate from SOURCE at every use; nothing is stored
    --auth: string@"nu-complete hallpass zone edit auth" # Client authentication method (default: chosen from the metadata)
    --grant: string@"nu-complete hallpass zone edit grant" # How tokens are obtained (default: client_credentials for a client with a proof, else authorization_code); the URI of another grant is sent as given
    --assertion-ref: string   # With grant jwt_bearer: read the assertion from SOURCE at every call
    --subject-token-ref: string # With grant token_exchange: read the subject token from SOURCE at every call
    --scope: string           # Request these scopes; repeatable, splits on spaces
    --audience: string        # Request tokens for this audience; repeatable
    --resource: string        # Request tokens for this resource (RFC 8707); repeatable
    --token-endpoint: string  # Override the token endpoint: a URL, or a path on the issuer's host
    --introspection-endpoint: string # Override the introspection endpoint
    --revocation-endpoint: string # Override the revocation endpoint
    --registration-endpoint: string # Override the registration endpoint
    --par-endpoint: string    # Override the pushed authorization request endpoint
    --authorization-endpoint: string # Override the authorization endpoint
    --device-endpoint: string # Override the device authorization endpoint
    --jwks-uri: string        # Override the URL of the issuer's keys
    --assume-defaults         # Assume /oauth2/token and related paths for endpoints neither given nor discovered
    --param: string           # Send this additional parameter with every token request; repeatable
    --host: string            # Host that this zone's tokens may be sent to: h, h:8443 or *.h; repeatable
    --dpop                    # Bind tokens to a key of this zone (DPoP, RFC 9449), generated at the first use and stored in the vault
    --vault: string@"nu-complete hallpass zone edit vault" # Vault for secrets stored from now on; `hallpass vault move` moves the present ones
    --unset: string@"nu-complete hallpass zone edit unset" # Reset this setting to its default; repeatable
    --default                 # Make it the default zone
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone edit format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass zone edit color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string              # The zone
  ]

  def "nu-complete hallpass zone rename format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone rename color" [] {
    [ "auto" "always" "never" ]
  }

  # Rename a zone; its secrets and cached tokens move along
  export extern "hallpass zone rename" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone rename format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass zone rename color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    old: string               # The zone
    new: string               # Its new name
  ]

  def "nu-complete hallpass zone remove format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone remove color" [] {
    [ "auto" "always" "never" ]
  }

  # Remove a zone with its secrets and cached tokens
  export extern "hallpass zone remove" [
    --yes                     # Do not ask for confirmation
    --revoke                  # Revoke its tokens at the server first; if that fails, nothing is removed
    --forget-unreachable-secrets # Remove it even if its vault can't be used; its secrets may stay there
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone remove format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass zone remove color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string              # The zone
  ]

  def "nu-complete hallpass zone default format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone default color" [] {
    [ "auto" "always" "never" ]
  }

  # Print or set the default zone
  export extern "hallpass zone default" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone default format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass zone default color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name?: string             # Make this zone the default
  ]

  def "nu-complete hallpass zone has format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone has color" [] {
    [ "auto" "always" "never" ]
  }

  # Exit 0 if there is a zone of this name, 1 if not
  export extern "hallpass zone has" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone has format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass zone has color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string              # The name
  ]

  def "nu-complete hallpass zone export format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone export color" [] {
    [ "auto" "always" "never" ]
  }

  # Print a zone as TOML, without its secrets
  export extern "hallpass zone export" [
    --show-secrets            # Also print headers, whose values may be credentials
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone export format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass zone export color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string              # The zone
  ]

  def "nu-complete hallpass zone import from_env" [] {
    [ "keycloak" ]
  }

  def "nu-complete hallpass zone import format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone import color" [] {
    [ "auto" "always" "never" ]
  }

  # Add zones from TOML or from the environment of another tool
  export extern "hallpass zone import" [
    --from-env: string@"nu-complete hallpass zone import from_env" # Read the variables of this tool instead
    --replace                 # Replace zones of the same name
    --yes                     # Accept commands that the zones run and endpoints at other servers than the issuer
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone import format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass zone import color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    source?: string           # Where the TOML is read from [default: stdin, unless it is a terminal]
  ]

  def "nu-complete hallpass zone path format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone path color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the path of the configuration file
  export extern "hallpass zone path" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone path format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass zone path color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass vault format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass vault color" [] {
    [ "auto" "always" "never" ]
  }

  # Manage the vault that stores secrets
  export extern "hallpass vault" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass vault format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass vault color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass vault status format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass vault status color" [] {
    [ "auto" "always" "never" ]
  }

  # Show which vault is in use and whether it works; exit 1 if not
  export extern "hallpass vault status" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass vault status format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass vault status color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass vault move to" [] {
    [ "keyring" "sealed" ]
  }

  def "nu-complete hallpass vault move format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass vault move color" [] {
    [ "auto" "always" "never" ]
  }

  # Move a zone's secrets to another vault
  export extern "hallpass vault move" [
    --to: string@"nu-complete hallpass vault move to" # Target vault
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass vault move format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass vault move color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string              # The zone
  ]

  def "nu-complete hallpass vault list format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass vault list color" [] {
    [ "auto" "always" "never" ]
  }

  # List the names of the secrets in the vault
  export extern "hallpass vault list" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass vault list format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass vault list color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass client format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client color" [] {
    [ "auto" "always" "never" ]
  }

  # Register and manage a client at an authorization server
  export extern "hallpass client" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass client color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass client register auth_method" [] {
    [ "client_secret_basic" "client_secret_post" "client_secret_jwt" "private_key_jwt" "tls_client_auth" "self_signed_tls_client_auth" "none" ]
  }

  def "nu-complete hallpass client register generate_key" [] {
    [ "RS256" "RS384" "RS512" "PS256" "PS384" "PS512" "ES256" "ES384" "EdDSA" "Ed25519" ]
  }

  def "nu-complete hallpass client register format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client register color" [] {
    [ "auto" "always" "never" ]
  }

  # Register a client and save it as a zone
  export extern "hallpass client register" [
    --name: string            # Display name (client_name)
    --redirect-uri: string    # Redirect URI; repeatable
    --grant: string           # Grant to register, by its IANA or short name; repeatable
    --response-type: string   # Response type to register; repeatable
    --auth-method: string@"nu-complete hallpass client register auth_method" # How it authenticates at the token endpoint
    --scope: string           # Scopes that it may request; repeatable, splits on spaces
    --contact: string         # Contact address; repeatable
    --jwks-from: string       # Its public keys, a JWK set or one JWK
    --jwks-uri: string        # Where its public keys are served
    --generate-key: string@"nu-complete hallpass client register generate_key" # Generate a key: the private key is stored in the vault, the public key is sent
    --software-statement-from: string # A signed statement about the software
    --set: string             # Any other member, its value as JSON; repeatable
    --metadata-from: string   # Start from this JSON object (flags override it)
    --initial-token-from: string # The initial access token, if the server requires one
    --save-as: string         # Save as this zone (default: a name from the issuer)
    --no-save                 # Save nothing (secrets are printed)
    --replace                 # Replace the zone or its client, even if the outcome of an earlier registration is unknown
    --show-secrets            # Also print the secrets
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client register format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass client register color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    issuer?: string           # The issuer (default: the zone's)
  ]

  def "nu-complete hallpass client show format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show the registration of the zone's client
  export extern "hallpass client show" [
    --token-from: string      # Use this registration access token, and save it if it works
    --show-secrets            # Also print the secrets
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client show format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass client show color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass client update auth_method" [] {
    [ "client_secret_basic" "client_secret_post" "client_secret_jwt" "private_key_jwt" "tls_client_auth" "self_signed_tls_client_auth" "none" ]
  }

  def "nu-complete hallpass client update generate_key" [] {
    [ "RS256" "RS384" "RS512" "PS256" "PS384" "PS512" "ES256" "ES384" "EdDSA" "Ed25519" ]
  }

  def "nu-complete hallpass client update format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client update color" [] {
    [ "auto" "always" "never" ]
  }

  # Change the registration of the zone's client
  export extern "hallpass client update" [
    --name: string            # Display name (client_name)
    --redirect-uri: string    # Redirect URI; repeatable
    --grant: string           # Grant to register, by its IANA or short name; repeatable
    --response-type: string   # Response type to register; repeatable
    --auth-method: string@"nu-complete hallpass client update auth_method" # How it authenticates at the token endpoint
    --scope: string           # Scopes that it may request; repeatable, splits on spaces
    --contact: string         # Contact address; repeatable
    --jwks-from: string       # Its public keys, a JWK set or one JWK
    --jwks-uri: string        # Where its public keys are served
    --generate-key: string@"nu-complete hallpass client update generate_key" # Generate a key: the private key is stored in the vault, the public key is sent
    --software-statement-from: string # A signed statement about the software
    --set: string             # Any other member, its value as JSON; repeatable
    --metadata-from: string   # Start from this JSON object (flags override it)
    --unset: string           # Remove this member; repeatable
    --show-secrets            # Also print the secrets
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client update format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass client update color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass client rotate format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client rotate color" [] {
    [ "auto" "always" "never" ]
  }

  # Renew the secret or key of the zone's client
  export extern "hallpass client rotate" [
    --show-secrets            # Also print the secrets
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client rotate format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass client rotate color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass client delete format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client delete color" [] {
    [ "auto" "always" "never" ]
  }

  # Delete the zone's client at the server, and the zone
  export extern "hallpass client delete" [
    --yes                     # Do not ask for confirmation
    --keep-zone               # Keep the zone, without its client
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client delete format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass client delete color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass client list format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client list color" [] {
    [ "auto" "always" "never" ]
  }

  # List clients registered by this installation, and registrations whose outcome is unknown
  export extern "hallpass client list" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client list format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass client list color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass client metadata format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client metadata color" [] {
    [ "auto" "always" "never" ]
  }

  # Print a client ID metadata document, to host at its URL
  export extern "hallpass client metadata" [
    --url: string             # Where the document will be: https, with a path
    --name: string            # Display name (client_name)
    --redirect-uri: string    # Redirect URI; repeatable
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client metadata format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass client metadata color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass bearer format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer color" [] {
    [ "auto" "always" "never" ]
  }

  # Manage a token file: one bearer token per line
  export extern "hallpass bearer" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass bearer color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass bearer add format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer add color" [] {
    [ "auto" "always" "never" ]
  }

  # Add a token to the file, creating the file if needed
  export extern "hallpass bearer add" [
    --from: string            # Where to read the token (default: stdin)
    --label: string           # A name for the token
    --expires: string         # Expiry: a time, or a span such as 90d
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer add format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass bearer add color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer generate format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer generate color" [] {
    [ "auto" "always" "never" ]
  }

  # Generate a token, add it to the file and print it
  export extern "hallpass bearer generate" [
    --label: string           # A name for the token
    --expires: string         # Expiry of the new token: a time, or a span such as 90d
    --bytes: string           # Number of random bytes, 16 to 256
    --prefix: string          # Prefix, so secret scanners recognise it
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer generate format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass bearer generate color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer remove format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer remove color" [] {
    [ "auto" "always" "never" ]
  }

  # Remove every copy of a token from the file
  export extern "hallpass bearer remove" [
    --from: string            # Where to read the token (default: stdin)
    --fingerprint: string     # The token whose SHA-256 begins with these 12 hexadecimal digits, as `list` shows them
    --label: string           # All tokens of this label
    --allow-empty             # Allow the file to end with no active token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer remove format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass bearer remove color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer check format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer check color" [] {
    [ "auto" "always" "never" ]
  }

  # Exit 0 if the file accepts this token, 1 if not
  export extern "hallpass bearer check" [
    --from: string            # Where to read the token (default: stdin)
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer check format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass bearer check color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer list format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer list color" [] {
    [ "auto" "always" "never" ]
  }

  # List the tokens of the file: line, fingerprint, label, added, expires, state
  export extern "hallpass bearer list" [
    --show-tokens             # Also show the tokens
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer list format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass bearer list color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer rotate format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer rotate color" [] {
    [ "auto" "always" "never" ]
  }

  # Replace the token of a label: print a new one and remove the old one
  export extern "hallpass bearer rotate" [
    --label: string           # Label of the token to replace
    --grace: string           # How long the old one stays valid, instead of being removed at once
    --expires: string         # Expiry of the new token: a time, or a span such as 90d
    --bytes: string           # Number of random bytes, 16 to 256
    --prefix: string          # Prefix, so secret scanners recognise it
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer rotate format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass bearer rotate color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer disable format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer disable color" [] {
    [ "auto" "always" "never" ]
  }

  # Disable a token without deleting it
  export extern "hallpass bearer disable" [
    --fingerprint: string     # The token whose SHA-256 begins with these 12 hexadecimal digits, as `list` shows them
    --label: string           # All tokens of this label
    --allow-empty             # Allow the file to end with no active token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer disable format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass bearer disable color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer enable format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer enable color" [] {
    [ "auto" "always" "never" ]
  }

  # Enable a disabled token
  export extern "hallpass bearer enable" [
    --fingerprint: string     # The token whose SHA-256 begins with these 12 hexadecimal digits, as `list` shows them
    --label: string           # All tokens of this label
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer enable format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass bearer enable color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer lint format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer lint color" [] {
    [ "auto" "always" "never" ]
  }

  # Show problems of the file; exit 1 if there are any
  export extern "hallpass bearer lint" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer lint format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass bearer lint color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer prune format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer prune color" [] {
    [ "auto" "always" "never" ]
  }

  # Remove every line of the tokens that have expired
  export extern "hallpass bearer prune" [
    --allow-empty             # Allow the file to end with no active token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer prune format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass bearer prune color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass gate hmac" [] {
    [ "v1" "v2" ]
  }

  def "nu-complete hallpass gate kind" [] {
    [ "user" "service" ]
  }

  def "nu-complete hallpass gate headers" [] {
    [ "oauth2-proxy" "remote-user" "kong" "auth-gate" ]
  }

  def "nu-complete hallpass gate sign_hmac" [] {
    [ "v1" "v2" ]
  }

  def "nu-complete hallpass gate format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass gate color" [] {
    [ "auto" "always" "never" ]
  }

  # Answer proxies whether a request may pass, and who it is
  export extern "hallpass gate" [
    --listen: string          # Listen here
    --listen-anywhere         # Listen on other addresses than loopback too
    --socket: path            # Listen on a socket in place of a port
    --socket-mode: string     # The mode of the socket, in octal
    --tokens-file: path       # Accept the active tokens of this token file
    --tokens-env: string      # Accept the tokens in this variable, separated by commas
    --secret-from: string     # Accept this shared secret as the whole field value
    --alternate-from: string  # Also accept this secret, during rotation
    --prefix: string          # Prefix of the shared secret (case-insensitive; include the space)
    --introspect              # Ask the zone's authorization server
    --jwks                    # Verify the signature with the issuer's keys, and issuer and times
    --issuer: string          # With --jwks: the required issuer (default: the zone's)
    --claims                  # Trust a JSON object of claims (an introspection or userinfo response)
    --kong                    # Trust header lines of a gateway (X-User-ID, X-Service-Name …)
    --hmac-key-from: string   # With --kong: require a signature by the key that is read from here
    --hmac-alternate-from: string # Accept a signature by this key as well, during rotation
    --method: string          # For v1: the method of the request, as it is sent (get is not GET)
    --path: string            # For v1: the path of the request as the service sees it, without its query
    --hmac: string@"nu-complete hallpass gate hmac" # Required signature version
    --skew: string            # Allowed age of a signature, in the past or the future
    --kind: string@"nu-complete hallpass gate kind" # Require a user or a service
    --role: string            # Require this role, a client's as CLIENT:ROLE; repeatable, all are required
    --any-role: string        # Require one of these roles, separated by commas
    --scope: string           # Require this scope; repeatable, splits on spaces, all are required
    --any-scope: string       # Require one of these scopes, separated by commas
    --audience: string        # Require this audience; repeatable, all are required
    --client-id: string       # Require this client
    --subject: string         # Require this subject
    --admin-role: string      # A credential with this role has every role (not every scope); repeatable
    --service-role: string    # Realm role that marks a service account (default: service and service-account); repeatable
    --role-claim: string      # Also read roles from this claim, such as groups or a.b; repeatable
    --leeway: string          # Allowed clock skew (default: 5s for nbf, none for exp)
    --headers: string@"nu-complete hallpass gate headers" # The identity fields of an answer
    --forward-token           # Add the token to the identity fields of oauth2-proxy
    --sign-key-from: string   # With --headers auth-gate: sign the identity fields with this key
    --sign-hmac: string@"nu-complete hallpass gate sign_hmac" # The version of that signature
    --exclude: string         # Let requests of this path through without asking; repeatable
    --optional: string        # Let requests of this path through without a credential, but not with a bad one; repeatable
    --realm: string           # The realm of challenges
    --resource-metadata: string # The metadata of the resource, for challenges (RFC 9728)
    --cache-ttl: string       # How long the word of the authorization server counts
    --token-review            # Answer Kubernetes webhooks at /tokenreview (authentication.k8s.io/v1)
    --metrics                 # Serve Prometheus metrics at /-/metrics
    --workers: string         # Serve on so many threads
    --max-connections: string # Serve so many connections at once; others wait
    --drain: string           # Time for questions in flight to end after a signal
    --test                    # Read everything, say what would be guarded with, and end
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass gate format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass gate color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass check hmac" [] {
    [ "v1" "v2" ]
  }

  def "nu-complete hallpass check kind" [] {
    [ "user" "service" ]
  }

  def "nu-complete hallpass check format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass check color" [] {
    [ "auto" "always" "never" ]
  }

  # Check whether a credential is valid and meets requirements
  export extern "hallpass check" [
    --tokens-file: path       # Accept the active tokens of this token file
    --tokens-env: string      # Accept the tokens in this variable, separated by commas
    --secret-from: string     # Accept this shared secret as the whole field value
    --alternate-from: string  # Also accept this secret, during rotation
    --prefix: string          # Prefix of the shared secret (case-insensitive; include the space)
    --introspect              # Ask the zone's authorization server
    --jwks                    # Verify the signature with the issuer's keys, and issuer and times
    --issuer: string          # With --jwks: the required issuer (default: the zone's)
    --claims                  # Trust a JSON object of claims (an introspection or userinfo response)
    --kong                    # Trust header lines of a gateway (X-User-ID, X-Service-Name …)
    --hmac-key-from: string   # With --kong: require a signature by the key that is read from here
    --hmac-alternate-from: string # Accept a signature by this key as well, during rotation
    --method: string          # For v1: the method of the request, as it is sent (get is not GET)
    --path: string            # For v1: the path of the request as the service sees it, without its query
    --hmac: string@"nu-complete hallpass check hmac" # Required signature version
    --skew: string            # Allowed age of a signature, in the past or the future
    --field                   # Read an Authorization field value, such as `Bearer TOKEN`, instead of a bare token
    --kind: string@"nu-complete hallpass check kind" # Require a user or a service
    --role: string            # Require this role, a client's as CLIENT:ROLE; repeatable, all are required
    --any-role: string        # Require one of these roles, separated by commas
    --scope: string           # Require this scope; repeatable, splits on spaces, all are required
    --any-scope: string       # Require one of these scopes, separated by commas
    --audience: string        # Require this audience; repeatable, all are required
    --client-id: string       # Require this client
    --subject: string         # Require this subject
    --admin-role: string      # A credential with this role has every role (not every scope); repeatable
    --service-role: string    # Realm role that marks a service account (default: service and service-account); repeatable
    --role-claim: string      # Also read roles from this claim, such as groups or a.b; repeatable
    --leeway: string          # Allowed clock skew (default: 5s for nbf, none for exp)
    --at: string              # Check as of this time, RFC 3339 or epoch seconds (default: now)
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass check format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass check color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    source?: string           # Where to read the credential (default: stdin)
  ]

  def "nu-complete hallpass kong format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass kong color" [] {
    [ "auto" "always" "never" ]
  }

  # Sign header fields as a Kong gateway does
  export extern "hallpass kong" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass kong format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass kong color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass kong sign hmac" [] {
    [ "v1" "v2" ]
  }

  def "nu-complete hallpass kong sign format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass kong sign color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the X-Authz-Ts and X-Authz-Signature lines for a request
  export extern "hallpass kong sign" [
    --key-from: string        # Read the key from SOURCE
    --user: string            # For v1: the user whose request it is (X-User-ID)
    --service: string         # For v1: the service whose request it is (X-Service-Name)
    --session: string         # For v1: its session (X-Session-ID)
    --method: string          # For v1: the method of the request, as it is sent (get is not GET)
    --path: string            # For v1: the path of the request as the service sees it, without its query
    --hmac: string@"nu-complete hallpass kong sign hmac" # Required signature version
    --at: string              # Sign as of this time, RFC 3339 or epoch seconds (default: now)
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass kong sign format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass kong sign color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass curl grant" [] {
    [ "client_credentials" "authorization_code" "device_code" "token_exchange" "jwt_bearer" ]
  }

  def "nu-complete hallpass curl format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass curl color" [] {
    [ "auto" "always" "never" ]
  }

  # Run curl with an access token of the zone
  export extern "hallpass curl" [
    --allow-host: string      # Send the token to this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --retry-401               # If the API answers 401, renew the token and send the request once more
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --grant: string@"nu-complete hallpass curl grant" # Use this grant for this call, or another one by its URI with --param
    --assertion-from: string  # Use grant jwt_bearer with the assertion from SOURCE
    --subject-token-from: string # Use grant token_exchange with the subject token from SOURCE
    --min-ttl: string         # Minimum remaining lifetime (best effort: a shorter-lived token is still printed, with a warning)
    --fresh                   # Ignore the cache; get a new token
    --no-cache                # Do not read or write the cache
    --explain                 # Print to stderr when the token was issued, expires and is renewed, and where it came from
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass curl format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass curl color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass exec grant" [] {
    [ "client_credentials" "authorization_code" "device_code" "token_exchange" "jwt_bearer" ]
  }

  def "nu-complete hallpass exec format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass exec color" [] {
    [ "auto" "always" "never" ]
  }

  # Run a program with an access token
  export extern "hallpass exec" [
    --env: string             # Put the token into this variable, or that of another zone; repeatable
    --file: string            # Put the token into a file (0600) and its path into this variable; repeatable
    --refresh                 # Renew the tokens in the files while the program runs
    --keep-env                # Keep the variables that hold secrets of the zone
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --grant: string@"nu-complete hallpass exec grant" # Use this grant for this call, or another one by its URI with --param
    --assertion-from: string  # Use grant jwt_bearer with the assertion from SOURCE
    --subject-token-from: string # Use grant token_exchange with the subject token from SOURCE
    --min-ttl: string         # Minimum remaining lifetime (best effort: a shorter-lived token is still printed, with a warning)
    --fresh                   # Ignore the cache; get a new token
    --no-cache                # Do not read or write the cache
    --explain                 # Print to stderr when the token was issued, expires and is renewed, and where it came from
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass exec format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass exec color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass proxy format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass proxy color" [] {
    [ "auto" "always" "never" ]
  }

  # Pass requests on to an API, each with a fresh token
  export extern "hallpass proxy" [
    --to: string              # The origin of the API, a URL without a path: https, or http on this machine
    --listen: string          # Address to listen on; loopback only
    --socket: path            # Listen on a Unix socket (0600) instead
    --allow-host: string      # Send the token to this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --allow: string           # Pass on only this method at this path and below it; repeatable
    --max-body: string        # Refuse larger request bodies: bytes, or with k, M or G
    --retry-401               # Renew the token and repeat a request that is refused with 401, if its body has at most 64 KiB
    --metrics                 # Serve Prometheus metrics at /-/metrics
    --max-connections: string # Serve so many connections at once; others wait
    --drain: string           # Time for requests in flight to end after a signal
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass proxy format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass proxy color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass helper format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper color" [] {
    [ "auto" "always" "never" ]
  }

  # Answer another program in its credential protocol
  export extern "hallpass helper" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass helper git format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper git color" [] {
    [ "auto" "always" "never" ]
  }

  # Give git a token for the hosts of the zones
  export extern "hallpass helper git" [
    --allow-host: string      # Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --min-ttl: string         # Minimum remaining lifetime of the token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper git format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper git color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    operation?: string        # What git wants: get, store or erase
  ]

  def "nu-complete hallpass helper docker operation" [] {
    [ "get" "store" "erase" "list" "version" ]
  }

  def "nu-complete hallpass helper docker format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper docker color" [] {
    [ "auto" "always" "never" ]
  }

  # Give docker a token for the registries of the zones
  export extern "hallpass helper docker" [
    --allow-host: string      # Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --min-ttl: string         # Minimum remaining lifetime of the token
    --username: string        # The user name that goes with the token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper docker format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper docker color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    operation: string@"nu-complete hallpass helper docker operation" # What docker wants
  ]

  def "nu-complete hallpass helper kubectl format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper kubectl color" [] {
    [ "auto" "always" "never" ]
  }

  # Give kubectl a token
  export extern "hallpass helper kubectl" [
    --allow-host: string      # Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --min-ttl: string         # Minimum remaining lifetime of the token
    --access-token            # The access token even where the zone has an ID token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper kubectl format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper kubectl color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass helper cargo format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper cargo color" [] {
    [ "auto" "always" "never" ]
  }

  # Give cargo a token for the registries of the zones
  export extern "hallpass helper cargo" [
    --allow-host: string      # Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --min-ttl: string         # Minimum remaining lifetime of the token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper cargo format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper cargo color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass helper bazel operation" [] {
    [ "get" ]
  }

  def "nu-complete hallpass helper bazel format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper bazel color" [] {
    [ "auto" "always" "never" ]
  }

  # Give Bazel the headers for the hosts of the zones
  export extern "hallpass helper bazel" [
    --allow-host: string      # Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --min-ttl: string         # Minimum remaining lifetime of the token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper bazel format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper bazel color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    operation: string@"nu-complete hallpass helper bazel operation" # What Bazel wants
  ]

  def "nu-complete hallpass helper go format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper go color" [] {
    [ "auto" "always" "never" ]
  }

  # Give the go command a token for the hosts of the zones
  export extern "hallpass helper go" [
    --allow-host: string      # Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --min-ttl: string         # Minimum remaining lifetime of the token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper go format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper go color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    url?: string              # The URL that a server refused
  ]

  def "nu-complete hallpass helper terraform operation" [] {
    [ "get" "store" "forget" ]
  }

  def "nu-complete hallpass helper terraform format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper terraform color" [] {
    [ "auto" "always" "never" ]
  }

  # Give Terraform a token for the hosts of the zones
  export extern "hallpass helper terraform" [
    --allow-host: string      # Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --min-ttl: string         # Minimum remaining lifetime of the token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper terraform format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper terraform color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    operation: string@"nu-complete hallpass helper terraform operation" # What Terraform wants
    host: string              # The host
  ]

  def "nu-complete hallpass helper keyring mode" [] {
    [ "password" "creds" ]
  }

  def "nu-complete hallpass helper keyring operation" [] {
    [ "get" "set" "del" ]
  }

  def "nu-complete hallpass helper keyring format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper keyring color" [] {
    [ "auto" "always" "never" ]
  }

  # Give pip and uv a token for the indexes of the zones
  export extern "hallpass helper keyring" [
    --allow-host: string      # Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --min-ttl: string         # Minimum remaining lifetime of the token
    --mode: string@"nu-complete hallpass helper keyring mode" # What is printed
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper keyring format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper keyring color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    operation: string@"nu-complete hallpass helper keyring operation" # What the caller wants
    service: string           # The URL or the host
    user?: string             # The user name of the caller
  ]

  def "nu-complete hallpass helper npm format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper npm color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the line of an .npmrc that takes the token from a variable
  export extern "hallpass helper npm" [
    --name: string            # The variable that holds the token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper npm format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper npm color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    url: string               # The URL of the registry
  ]

  def "nu-complete hallpass helper pnpm format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper pnpm color" [] {
    [ "auto" "always" "never" ]
  }

  # Give pnpm a token of the zone
  export extern "hallpass helper pnpm" [
    --allow-host: string      # Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --min-ttl: string         # Minimum remaining lifetime of the token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper pnpm format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper pnpm color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass helper vault operation" [] {
    [ "get" "store" "erase" ]
  }

  def "nu-complete hallpass helper vault format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper vault color" [] {
    [ "auto" "always" "never" ]
  }

  # Give the program vault a token of the zone
  export extern "hallpass helper vault" [
    --allow-host: string      # Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --min-ttl: string         # Minimum remaining lifetime of the token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper vault format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper vault color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    operation: string@"nu-complete hallpass helper vault operation" # What vault wants
  ]

  def "nu-complete hallpass helper gcp format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper gcp color" [] {
    [ "auto" "always" "never" ]
  }

  # Give Google's libraries a subject token of the zone
  export extern "hallpass helper gcp" [
    --allow-host: string      # Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --min-ttl: string         # Minimum remaining lifetime of the token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper gcp format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper gcp color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass helper mcp format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper mcp color" [] {
    [ "auto" "always" "never" ]
  }

  # Give an MCP client the headers for a server
  export extern "hallpass helper mcp" [
    --allow-host: string      # Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    --scope: string           # Request these scopes instead of the zone's; repeatable, splits on spaces
    --audience: string        # Request a token for this audience instead of the zone's; repeatable
    --resource: string        # Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    --param: string           # Send this additional parameter; repeatable
    --min-ttl: string         # Minimum remaining lifetime of the token
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper mcp format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper mcp color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    url: string               # The URL of the MCP server
  ]

  def "nu-complete hallpass helper install name" [] {
    [ "git" "docker" "kubectl" "cargo" "bazel" "go" "terraform" "keyring" "npm" "pnpm" "vault" "gcp" "mcp" ]
  }

  def "nu-complete hallpass helper install format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper install color" [] {
    [ "auto" "always" "never" ]
  }

  # Make another program call its helper
  export extern "hallpass helper install" [
    --bin-dir: directory      # The directory for links and small programs (default: ~/.local/bin)
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper install format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper install color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string@"nu-complete hallpass helper install name" # The program
  ]

  def "nu-complete hallpass helper uninstall name" [] {
    [ "git" "docker" "kubectl" "cargo" "bazel" "go" "terraform" "keyring" "npm" "pnpm" "vault" "gcp" "mcp" ]
  }

  def "nu-complete hallpass helper uninstall format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper uninstall color" [] {
    [ "auto" "always" "never" ]
  }

  # Take back what helper install changed
  export extern "hallpass helper uninstall" [
    --bin-dir: directory      # The directory for links and small programs (default: ~/.local/bin)
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper uninstall format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper uninstall color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string@"nu-complete hallpass helper uninstall name" # The program
  ]

  def "nu-complete hallpass helper list format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass helper list color" [] {
    [ "auto" "always" "never" ]
  }

  # List the helpers, and whether they are installed
  export extern "hallpass helper list" [
    --bin-dir: directory      # The directory for links and small programs (default: ~/.local/bin)
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass helper list format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass helper list color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass par format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass par color" [] {
    [ "auto" "always" "never" ]
  }

  # Push an authorization request and print its request_uri
  export extern "hallpass par" [
    --client-id: string       # The client_id at the authorization server
    --scope: string           # Request these scopes; repeatable, splits on spaces
    --audience: string        # Request a token for this audience; repeatable
    --resource: string        # Request a token for this resource (RFC 8707); repeatable
    --port: string            # The port of the redirect URI (default: chosen by the system)
    --redirect-uri: string    # The registered redirect URI (default: http://127.0.0.1:PORT/callback)
    --prompt: string          # What the server prompts for: none, login, consent, select_account
    --login-hint: string      # User name to prefill
    --acr: string             # Acceptable authentication context classes, separated by spaces
    --max-age: string         # Sign in again if older than N seconds
    --param: string           # Send this additional parameter; repeatable
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass par format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass par color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    issuer?: string           # The issuer, exactly as in the metadata (default: the zone's)
  ]

  def "nu-complete hallpass authorize-url par" [] {
    [ "auto" "always" "never" ]
  }

  def "nu-complete hallpass authorize-url format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass authorize-url color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the URL for signing in
  export extern "hallpass authorize-url" [
    --client-id: string       # The client_id at the authorization server
    --scope: string           # Request these scopes; repeatable, splits on spaces
    --audience: string        # Request a token for this audience; repeatable
    --resource: string        # Request a token for this resource (RFC 8707); repeatable
    --port: string            # The port of the redirect URI (default: chosen by the system)
    --redirect-uri: string    # The registered redirect URI (default: http://127.0.0.1:PORT/callback)
    --prompt: string          # What the server prompts for: none, login, consent, select_account
    --login-hint: string      # User name to prefill
    --acr: string             # Acceptable authentication context classes, separated by spaces
    --max-age: string         # Sign in again if older than N seconds
    --param: string           # Send this additional parameter; repeatable
    --par: string@"nu-complete hallpass authorize-url par" # Push the request first: the URL is short, single-use and expires soon
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass authorize-url format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass authorize-url color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    issuer?: string           # The issuer, exactly as in the metadata (default: the zone's)
  ]

  def "nu-complete hallpass pkce format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass pkce color" [] {
    [ "auto" "always" "never" ]
  }

  # Make a code verifier and its challenge
  export extern "hallpass pkce" [
    --length: string          # Length of the verifier, 43 to 128 characters
    --verifier-from: string   # Read the verifier from SOURCE instead of making one
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass pkce format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass pkce color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass sandbox format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass sandbox color" [] {
    [ "auto" "always" "never" ]
  }

  # Run a throw-away authorization server on localhost
  export extern "hallpass sandbox" [
    --listen: string          # Address to listen on; loopback only
    --print-env               # Print only the environment, as lines for a shell; with a command, on stderr
    --token-ttl: string       # Lifetime of its tokens
    --latency: string         # Delay each answer
    --auto-consent            # Grant consent without asking
    --fault: string           # Misbehave: KIND at the token endpoint, TARGET:KIND at another one, KIND*N the first N times
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass sandbox format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass sandbox color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass completions shell" [] {
    [ "bash" "zsh" "fish" "elvish" "powershell" "nushell" ]
  }

  def "nu-complete hallpass completions format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass completions color" [] {
    [ "auto" "always" "never" ]
  }

  # Print a completion script
  export extern "hallpass completions" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass completions format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass completions color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    shell: string@"nu-complete hallpass completions shell" # The shell
  ]

  def "nu-complete hallpass man format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass man color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the manual page, or write all pages into a directory
  export extern "hallpass man" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass man format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass man color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    directory?: path          # Write one page per subcommand here
  ]

  def "nu-complete hallpass schema format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass schema color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the JSON Schema of an answer, or list all output schemas
  export extern "hallpass schema" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass schema format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass schema color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...name: string           # The words of the subcommand
  ]

  def "nu-complete hallpass help format" [] {
    [ "text" "json" "env" "env-no-export" "dotenv" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass help color" [] {
    [ "auto" "always" "never" ]
  }

  # Show the help of a subcommand or a topic
  export extern "hallpass help" [
    --zone(-z): string@"nu-complete hallpass zones"        # Use this zone
    --json                    # Output JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass help format" # Output format
    --quiet(-q)               # Print only errors
    --verbose(-v)             # Show steps; -vv also HTTP, secrets redacted
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never prompt
    --deadline: string        # Time limit for the whole command, such as 30s
    --cacert: path            # Also trust the certificates in this PEM file
    --header: string          # Send this header with every request
    --proxy: string           # Use this proxy (http, https, socks5, socks5h), except for loopback
    --no-breaker              # Ignore the circuit breaker
    --har: path               # Write the HTTP of this command to FILE (HAR 1.2, 0600), secrets redacted
    --color: string@"nu-complete hallpass help color" # Colour
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...words: string          # A topic, or the words of a subcommand
  ]

}

export use completions *
