module completions {

  def "nu-complete hallpass zones" [] {
    ^hallpass zone list | lines | each { split row "\t" | first }
  }

  def "nu-complete hallpass format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass color" [] {
    [ "auto" "always" "never" ]
  }

  # Gets, keeps, hands over, looks at, checks and guards OAuth tokens, against any authorization server
  export extern hallpass [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass token format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass token color" [] {
    [ "auto" "always" "never" ]
  }

  # Print an access token of the zone
  export extern "hallpass token" [
    --scope: string           # Ask for these scopes instead of the zone's; repeats, and splits on spaces
    --audience: string        # Ask for a token for this audience instead of the zone's; repeats
    --resource: string        # Ask for a token for this resource (RFC 8707) instead of the zone's; repeats
    --param: string           # Send this parameter as well; repeats
    --assertion-from: string  # Ask by the grant jwt_bearer, with the assertion from here
    --subject-token-from: string # Ask by the grant token_exchange, with the subject token from here
    --min-ttl: string         # Renew when less than this is left; a wish, not an order
    --fresh                   # Hand out only a token obtained after this command began
    --no-cache                # Neither read nor write the cache
    --explain                 # Tell on stderr when the token was issued, expires and is renewed, and why this one
    --id-token                # Print the ID token; in JSON, beside the access token
    --name: string            # Name the variable of a --format that sets one
    --output(-o): path        # Write to this file, 0600 and at once, instead of stdout, which is -
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass token format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass token color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass token list format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass token list color" [] {
    [ "auto" "always" "never" ]
  }

  # List the access tokens in the cache, without the tokens
  export extern "hallpass token list" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass token list format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass token list color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass token forget format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass token forget color" [] {
    [ "auto" "always" "never" ]
  }

  # Take the zone's access tokens out of the cache; the server is not asked
  export extern "hallpass token forget" [
    --all                     # Those of every zone
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass token forget format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass token forget color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass header format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass header color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the Authorization header line with an access token of the zone
  export extern "hallpass header" [
    --scope: string           # Ask for these scopes instead of the zone's; repeats, and splits on spaces
    --audience: string        # Ask for a token for this audience instead of the zone's; repeats
    --resource: string        # Ask for a token for this resource (RFC 8707) instead of the zone's; repeats
    --param: string           # Send this parameter as well; repeats
    --assertion-from: string  # Ask by the grant jwt_bearer, with the assertion from here
    --subject-token-from: string # Ask by the grant token_exchange, with the subject token from here
    --min-ttl: string         # Renew when less than this is left; a wish, not an order
    --fresh                   # Hand out only a token obtained after this command began
    --no-cache                # Neither read nor write the cache
    --explain                 # Tell on stderr when the token was issued, expires and is renewed, and why this one
    --id-token                # Carry the ID token instead of the access token
    --value                   # Print only the value
    --name: string            # Name the header
    --from: string            # Carry this static token or secret instead of a zone's token
    --prefix: string          # Put this before the value of --from
    --tokens-file: path       # Carry the first live token of this token file
    --label: string           # With --tokens-file: the first one of this label
    --basic                   # Carry the zone's client credentials, form-encoded (RFC 6749 §2.3.1)
    --basic-raw               # Carry the zone's client credentials as they are (RFC 7617)
    --user: string            # Use this id with --basic or --basic-raw instead of a zone's
    --secret-from: string     # Read the secret of --user from here
    --read: string            # Read an Authorization value from here and print its bearer token
    --line                    # With --read: take a whole `Authorization: …` line
    --output(-o): path        # Write to this file, 0600 and at once, instead of stdout
    --dpop                    # Print a DPoP token and the proof for one request, two lines (RFC 9449)
    --method: string          # With --dpop: the method of the request
    --url: string             # With --dpop: the URL of the request; its query and fragment do not count
    --nonce: string           # With --dpop: the nonce that the server asked for (its DPoP-Nonce header)
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass header format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass header color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass status format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass status color" [] {
    [ "auto" "always" "never" ]
  }

  # Show the zone, its token and its breaker, without asking anybody
  export extern "hallpass status" [
    --all                     # Show every zone
    --exit-status             # Exit with 1 when the zone has no valid token
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass status format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass status color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass login par" [] {
    [ "auto" "always" "never" ]
  }

  def "nu-complete hallpass login qr" [] {
    [ "auto" "always" "never" ]
  }

  def "nu-complete hallpass login format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass login color" [] {
    [ "auto" "always" "never" ]
  }

  # Sign in to a zone, or to an issuer of which it makes one
  export extern "hallpass login" [
    --device                  # Sign in on another device
    --browser                 # Sign in in a browser on this machine
    --paste                   # Sign in anywhere and paste the address that the browser ended at; read from stdin where that is no terminal
    --no-browser              # Open no browser: the address is shown all the same, to be opened by hand
    --par: string@"nu-complete hallpass login par" # When the request is pushed ahead (RFC 9126)
    --qr: string@"nu-complete hallpass login qr" # With --device: show the page as a QR code
    --client-id: string       # The client's id at the authorization server
    --scope: string           # Ask for these scopes; repeats, and splits on spaces
    --audience: string        # Ask for a token for this audience; repeats
    --resource: string        # Ask for a token for this resource (RFC 8707); repeats
    --port: string            # The port of the redirect URI; left out: the kernel chooses
    --redirect-uri: string    # Have the response sent here, as registered, instead of http://127.0.0.1:PORT/callback
    --prompt: string          # How the person is asked: none, login, consent, select_account
    --login-hint: string      # Who probably signs in
    --acr: string             # The authentication context classes that would do, separated by blanks
    --max-age: string         # How many seconds ago the person may have signed in
    --param: string           # Send this parameter as well; repeats
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass login format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass login color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    issuer?: string           # The issuer, byte for byte as the server says it; else the zone's
  ]

  def "nu-complete hallpass logout format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass logout color" [] {
    [ "auto" "always" "never" ]
  }

  # Sign out of the zone
  export extern "hallpass logout" [
    --all                     # Sign out of every zone
    --revoke                  # Revoke the tokens at the server as well
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass logout format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass logout color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass discover format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass discover color" [] {
    [ "auto" "always" "never" ]
  }

  # Show the metadata of an authorization server and where each endpoint comes from
  export extern "hallpass discover" [
    --resource: string        # Read the metadata of this protected resource and follow its authorization server
    --raw                     # Print the merged document as it is served
    --field: string           # Print this member bare, arrays one per line; exit 1 when it is absent
    --require: string         # Exit 1 unless the server has this feature, such as grant:client_credentials or pkce:S256; repeats
    --diff: string            # Show what differs from this issuer; exit 1 when something does
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass discover format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass discover color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    issuer?: string           # The issuer or its well-known URL; else the zone's
  ]

  def "nu-complete hallpass exchange format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass exchange color" [] {
    [ "auto" "always" "never" ]
  }

  # Exchange a token for another one, for another audience or on behalf of somebody
  export extern "hallpass exchange" [
    --subject-token-from: string # Read the token to exchange from here
    --subject-type: string    # The type of the subject token
    --actor-token-from: string # Read the token of who acts from here
    --actor-type: string      # The type of the actor token; access when left out
    --requested-type: string  # Ask for a token of this type
    --audience: string        # Ask for a token for this audience; repeats
    --resource: string        # Ask for a token for this resource (RFC 8707); repeats
    --scope: string           # Ask for these scopes; repeats, and splits on spaces
    --param: string           # Send this parameter as well; repeats
    --cache                   # Keep the new token and hand it out again for the same subject token
    --name: string            # Name the variable of a --format that sets one
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass exchange format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass exchange color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass inspect format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass inspect color" [] {
    [ "auto" "always" "never" ]
  }

  # Show what a token says: header, claims, times, and who it is
  export extern "hallpass inspect" [
    --verify                  # Verify the signature by the issuer's keys, and issuer, audience and times
    --introspect              # Ask the zone's authorization server; works for opaque and encrypted tokens
    --claims                  # Read a JSON object of claims (an introspection or userinfo answer) instead of a token
    --kong                    # Read header lines of a gateway (X-User-ID, X-Service-Name …) instead of a token
    --issuer: string          # The issuer that it must name; with --verify its keys are asked for, else the zone's
    --audience: string        # The audience that it must name; repeats
    --service-role: string    # The realm role that makes a service, instead of service and service-account; repeats
    --admin-role: string      # Say whether it has this role; repeats
    --role-claim: string      # Read roles from this claim as well, such as groups or a.b; repeats
    --leeway: string          # How far two clocks may be apart
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass inspect format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass inspect color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    source?: string           # Read the token from here; stdin when it is no terminal
  ]

  def "nu-complete hallpass check hmac" [] {
    [ "v1" "v2" ]
  }

  def "nu-complete hallpass check kind" [] {
    [ "user" "service" ]
  }

  def "nu-complete hallpass check format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass check color" [] {
    [ "auto" "always" "never" ]
  }

  # Say whether a credential may pass
  export extern "hallpass check" [
    --tokens-file: path       # Let in the live tokens of this token file
    --tokens-env: string      # Let in the tokens of this variable, separated by commas
    --secret-from: string     # Let in whoever offers this shared secret as the whole field value
    --alternate-from: string  # Let in this secret as well, while one is replaced by the next
    --prefix: string          # Expect this before the shared secret: compared without case, no space is implied
    --introspect              # Ask the zone's authorization server
    --jwks                    # Verify the signature by the issuer's keys, and issuer and times
    --issuer: string          # With --jwks: the issuer that must have signed it; else the zone's
    --claims                  # Believe a JSON object of claims (an introspection or userinfo answer)
    --kong                    # Believe header lines of a gateway (X-User-ID, X-Service-Name …)
    --hmac-key-from: string   # With --kong: demand a signature by the key that is read from here
    --hmac-alternate-from: string # Take a signature by this key as well, while one is replaced by the next
    --method: string          # For v1: the method of the request
    --path: string            # For v1: the path of the request as the service sees it, without its query
    --hmac: string@"nu-complete hallpass check hmac" # Required signature version
    --skew: string            # How old a signature may be, or how far in the future
    --field                   # Read an Authorization field value, such as `Bearer TOKEN`, instead of a bare token
    --kind: string@"nu-complete hallpass check kind" # It must be a person or a service
    --role: string            # It must have this role, a client's as CLIENT:ROLE; repeats, all are needed
    --any-role: string        # It must have one of these roles, separated by commas
    --scope: string           # It must have this scope; repeats and splits on spaces, all are needed
    --any-scope: string       # It must have one of these scopes, separated by commas
    --audience: string        # It must be meant for this audience; repeats, all are needed
    --client-id: string       # It must come from this client
    --subject: string         # It must be this subject
    --service-role: string    # The realm role that makes a service, instead of service and service-account; repeats
    --admin-role: string      # Let this role stand for every role, and for nothing else; repeats
    --role-claim: string      # Read roles from this claim as well, such as groups or a.b; repeats
    --leeway: string          # How far two clocks may be apart
    --at: string              # Judge as at this time, RFC 3339 or epoch seconds, instead of now
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass check format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass check color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    source?: string           # Read the credential from here; stdin when it is no terminal
  ]

  def "nu-complete hallpass introspect hint" [] {
    [ "access_token" "refresh_token" ]
  }

  def "nu-complete hallpass introspect format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass introspect color" [] {
    [ "auto" "always" "never" ]
  }

  # Ask the authorization server whether a token is active and what it stands for
  export extern "hallpass introspect" [
    --hint: string@"nu-complete hallpass introspect hint" # Say what kind of token it is
    --jwt                     # Have the answer signed, and verify it (RFC 9701)
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass introspect format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass introspect color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    source?: string           # Read the token from here; stdin when it is no terminal
  ]

  def "nu-complete hallpass revoke hint" [] {
    [ "access_token" "refresh_token" ]
  }

  def "nu-complete hallpass revoke own" [] {
    [ "access" "refresh" "all" ]
  }

  def "nu-complete hallpass revoke format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass revoke color" [] {
    [ "auto" "always" "never" ]
  }

  # Revoke a token at the authorization server
  export extern "hallpass revoke" [
    --hint: string@"nu-complete hallpass revoke hint" # Say what kind of token it is
    --own: string@"nu-complete hallpass revoke own" # Revoke the zone's own tokens and forget them here
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass revoke format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass revoke color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    source?: string           # Read the token from here; stdin when it is no terminal
  ]

  def "nu-complete hallpass par format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass par color" [] {
    [ "auto" "always" "never" ]
  }

  # Push an authorization request to the server and print its request_uri
  export extern "hallpass par" [
    --client-id: string       # The client's id at the authorization server
    --scope: string           # Ask for these scopes; repeats, and splits on spaces
    --audience: string        # Ask for a token for this audience; repeats
    --resource: string        # Ask for a token for this resource (RFC 8707); repeats
    --port: string            # The port of the redirect URI; left out: the kernel chooses
    --redirect-uri: string    # Have the response sent here, as registered, instead of http://127.0.0.1:PORT/callback
    --prompt: string          # How the person is asked: none, login, consent, select_account
    --login-hint: string      # Who probably signs in
    --acr: string             # The authentication context classes that would do, separated by blanks
    --max-age: string         # How many seconds ago the person may have signed in
    --param: string           # Send this parameter as well; repeats
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass par format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass par color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass authorize-url par" [] {
    [ "auto" "always" "never" ]
  }

  def "nu-complete hallpass authorize-url format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass authorize-url color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the URL at which a person signs in
  export extern "hallpass authorize-url" [
    --client-id: string       # The client's id at the authorization server
    --scope: string           # Ask for these scopes; repeats, and splits on spaces
    --audience: string        # Ask for a token for this audience; repeats
    --resource: string        # Ask for a token for this resource (RFC 8707); repeats
    --port: string            # The port of the redirect URI; left out: the kernel chooses
    --redirect-uri: string    # Have the response sent here, as registered, instead of http://127.0.0.1:PORT/callback
    --prompt: string          # How the person is asked: none, login, consent, select_account
    --login-hint: string      # Who probably signs in
    --acr: string             # The authentication context classes that would do, separated by blanks
    --max-age: string         # How many seconds ago the person may have signed in
    --param: string           # Send this parameter as well; repeats
    --par: string@"nu-complete hallpass authorize-url par" # Push the request ahead first: such a URL says little, and serves once and not for long
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass authorize-url format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass authorize-url color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass pkce format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass pkce color" [] {
    [ "auto" "always" "never" ]
  }

  # Make a code verifier and its challenge for an authorization request
  export extern "hallpass pkce" [
    --length: string          # How many characters the verifier has, 43 to 128
    --verifier-from: string   # Read the verifier from here instead of making one
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass pkce format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass pkce color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass kong format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass kong color" [] {
    [ "auto" "always" "never" ]
  }

  # Sign header fields as a Kong gateway does
  export extern "hallpass kong" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass kong format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass kong color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass kong sign hmac" [] {
    [ "v1" "v2" ]
  }

  def "nu-complete hallpass kong sign format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass kong sign color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the X-Authz-Ts and X-Authz-Signature lines for a request
  export extern "hallpass kong sign" [
    --key-from: string        # Read the key from here
    --user: string            # For v1: the user whose request it is (X-User-ID)
    --service: string         # For v1: the service whose request it is (X-Service-Name)
    --session: string         # For v1: its session (X-Session-ID)
    --method: string          # For v1: the method of the request
    --path: string            # For v1: the path of the request as the service sees it, without its query
    --hmac: string@"nu-complete hallpass kong sign hmac" # Which form
    --at: string              # Sign as of this time, RFC 3339 or epoch seconds, instead of now
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass kong sign format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass kong sign color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass client format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client color" [] {
    [ "auto" "always" "never" ]
  }

  # Register and manage a client at an authorization server
  export extern "hallpass client" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass client color" # Colour on stderr
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
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client register color" [] {
    [ "auto" "always" "never" ]
  }

  # Register a client and save it as a zone
  export extern "hallpass client register" [
    --name: string            # Its name for people (`client_name`)
    --redirect-uri: string    # Redirect URI; repeats
    --grant: string           # A grant that it uses, by its IANA or short name; repeats
    --response-type: string   # A response type that it uses; repeats
    --auth-method: string@"nu-complete hallpass client register auth_method" # How it authenticates at the token endpoint
    --scope: string           # The scopes that it may ask for; repeats, and splits on spaces
    --contact: string         # How people behind it are reached; repeats
    --jwks-from: string       # Its public keys, a JWK set or one JWK
    --jwks-uri: string        # Where its public keys are served
    --generate-key: string@"nu-complete hallpass client register generate_key" # Make a key: the private half goes into the vault, the public half to the server
    --software-statement-from: string # A signed statement about the software
    --set: string             # Any other member, its value as JSON; repeats
    --metadata-from: string   # Start from this JSON object; flags override it
    --initial-token-from: string # The initial access token, where the server wants one
    --save-as: string         # Save it as this zone; default: a name from the issuer
    --no-save                 # Save nothing: secrets are printed
    --replace                 # Replace the zone or its client, and register even if an earlier registration is in doubt
    --show-secrets            # Show the secrets in the answer as well
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client register format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass client register color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    issuer?: string           # The issuer; else the zone's
  ]

  def "nu-complete hallpass client show format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show what the server has registered of the zone's client
  export extern "hallpass client show" [
    --token-from: string      # Use this registration access token, and keep it when it is good
    --show-secrets            # Show the secrets in the answer as well
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client show format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass client show color" # Colour on stderr
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
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client update color" [] {
    [ "auto" "always" "never" ]
  }

  # Change the registration of the zone's client
  export extern "hallpass client update" [
    --name: string            # Its name for people (`client_name`)
    --redirect-uri: string    # Redirect URI; repeats
    --grant: string           # A grant that it uses, by its IANA or short name; repeats
    --response-type: string   # A response type that it uses; repeats
    --auth-method: string@"nu-complete hallpass client update auth_method" # How it authenticates at the token endpoint
    --scope: string           # The scopes that it may ask for; repeats, and splits on spaces
    --contact: string         # How people behind it are reached; repeats
    --jwks-from: string       # Its public keys, a JWK set or one JWK
    --jwks-uri: string        # Where its public keys are served
    --generate-key: string@"nu-complete hallpass client update generate_key" # Make a key: the private half goes into the vault, the public half to the server
    --software-statement-from: string # A signed statement about the software
    --set: string             # Any other member, its value as JSON; repeats
    --metadata-from: string   # Start from this JSON object; flags override it
    --unset: string           # Remove this member; repeats
    --show-secrets            # Show the secrets in the answer as well
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client update format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass client update color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass client rotate format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client rotate color" [] {
    [ "auto" "always" "never" ]
  }

  # Renew the secret or key of the zone's client
  export extern "hallpass client rotate" [
    --show-secrets            # Show the secrets in the answer as well
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client rotate format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass client rotate color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass client delete format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client delete color" [] {
    [ "auto" "always" "never" ]
  }

  # Delete the zone's client at the server, and the zone
  export extern "hallpass client delete" [
    --yes                     # Do not ask
    --keep-zone               # Keep the zone, without its client
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client delete format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass client delete color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass client list format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass client list color" [] {
    [ "auto" "always" "never" ]
  }

  # List clients registered by this installation, and registrations whose outcome is unknown
  export extern "hallpass client list" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass client list format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass client list color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass bearer format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer color" [] {
    [ "auto" "always" "never" ]
  }

  # Look after a token file: one bearer token per line, for small servers and gateways
  export extern "hallpass bearer" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass bearer color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass bearer add format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer add color" [] {
    [ "auto" "always" "never" ]
  }

  # Add a token to the file, which is made if it is missing
  export extern "hallpass bearer add" [
    --from: string            # Read the token from here; stdin when it is no terminal
    --label: string           # Its name, to find it by
    --expires: string         # When it stops to let anybody in: a time, or a span from now on
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer add format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass bearer add color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer generate format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer generate color" [] {
    [ "auto" "always" "never" ]
  }

  # Make a new token, add it to the file, and print it
  export extern "hallpass bearer generate" [
    --label: string           # Its name, to find it by
    --expires: string         # When it stops to let anybody in: a time, or a span from now on
    --bytes: string           # How many random bytes it has, 16 to 256
    --prefix: string          # What it begins with, so that a search for lost secrets knows it
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer generate format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass bearer generate color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer remove format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer remove color" [] {
    [ "auto" "always" "never" ]
  }

  # Remove every copy of a token from the file
  export extern "hallpass bearer remove" [
    --from: string            # Read the token from here; stdin when it is no terminal
    --fingerprint: string     # The token whose SHA-256 begins with these 12 hexadecimal digits, as `list` shows them
    --label: string           # All tokens of this label
    --allow-empty             # Remove the last token too that lets somebody in
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer remove format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass bearer remove color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer check format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer check color" [] {
    [ "auto" "always" "never" ]
  }

  # Exit 0 when the file lets this token in, 1 when it does not
  export extern "hallpass bearer check" [
    --from: string            # Read the token from here; stdin when it is no terminal
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer check format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass bearer check color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer list format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer list color" [] {
    [ "auto" "always" "never" ]
  }

  # List the tokens of the file: line, fingerprint, label, when added, when it expires, state
  export extern "hallpass bearer list" [
    --show-tokens             # Show the tokens themselves too
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer list format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass bearer list color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer rotate format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer rotate color" [] {
    [ "auto" "always" "never" ]
  }

  # Make a new token for a label, print it, and let the old one go
  export extern "hallpass bearer rotate" [
    --label: string           # Whose token is replaced
    --grace: string           # How long the old one stays good, instead of going at once
    --expires: string         # When the new one stops to let anybody in: a time, or a span from now on
    --bytes: string           # How many random bytes it has, 16 to 256
    --prefix: string          # What it begins with, so that a search for lost secrets knows it
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer rotate format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass bearer rotate color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer disable format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer disable color" [] {
    [ "auto" "always" "never" ]
  }

  # Switch a token off, without losing it
  export extern "hallpass bearer disable" [
    --fingerprint: string     # The token whose SHA-256 begins with these 12 hexadecimal digits, as `list` shows them
    --label: string           # All tokens of this label
    --allow-empty             # Switch the last token off too that lets somebody in
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer disable format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass bearer disable color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer enable format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer enable color" [] {
    [ "auto" "always" "never" ]
  }

  # Switch a token on again
  export extern "hallpass bearer enable" [
    --fingerprint: string     # The token whose SHA-256 begins with these 12 hexadecimal digits, as `list` shows them
    --label: string           # All tokens of this label
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer enable format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass bearer enable color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer lint format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer lint color" [] {
    [ "auto" "always" "never" ]
  }

  # Show what is wrong with the file; exit 1 when something is
  export extern "hallpass bearer lint" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer lint format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass bearer lint color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass bearer prune format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass bearer prune color" [] {
    [ "auto" "always" "never" ]
  }

  # Remove every line of the tokens that have expired
  export extern "hallpass bearer prune" [
    --allow-empty             # Prune even when no token is left then
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass bearer prune format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass bearer prune color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file: path                # The token file
  ]

  def "nu-complete hallpass zone format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone color" [] {
    [ "auto" "always" "never" ]
  }

  # Keep zones: a named issuer with its client and settings
  export extern "hallpass zone" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass zone color" # Colour on stderr
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

  def "nu-complete hallpass zone add format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone add color" [] {
    [ "auto" "always" "never" ]
  }

  # Add a zone
  export extern "hallpass zone add" [
    --issuer: string          # The issuer, byte for byte as the server says it
    --client-id: string       # The client's id at the authorization server
    --client-secret-from: string # Copy the client secret from here into the vault
    --client-secret-ref: string # Read the client secret from here at every use; nothing is stored
    --private-key-from: string # Copy the private key from here into the vault: PEM or a private JWK
    --private-key-ref: string # Read the private key from here at every use; nothing is stored
    --key-id: string          # The id of the private key at the server, and which one it is in a JWK set
    --algorithm: string@"nu-complete hallpass zone add algorithm" # What the private key signs with; left out: what fits the key
    --client-assertion-from: string # Prove the client by an assertion that somebody else signs, read from here at every use
    --assertion-audience: string # The audience of the client's assertions, instead of the issuer
    --cert: path              # Present this certificate, a PEM file, to the server (mutual TLS, RFC 8705)
    --cert-key-from: string   # Copy the key of the certificate from here into the vault: PEM
    --cert-key-ref: string    # Read the key of the certificate from here at every use; nothing is stored
    --auth: string@"nu-complete hallpass zone add auth" # How the client authenticates; left out: chosen from the metadata
    --grant: string@"nu-complete hallpass zone add grant" # How tokens are obtained
    --assertion-ref: string   # With the grant jwt_bearer: read the assertion from here at every call
    --subject-token-ref: string # With the grant token_exchange: read the subject token from here at every call
    --scope: string           # Ask for these scopes; repeats, and splits on spaces
    --audience: string        # Ask for tokens for this audience; repeats
    --resource: string        # Ask for tokens for this resource (RFC 8707); repeats
    --token-endpoint: string  # Use this instead of the discovered endpoint: a URL, or a path on the issuer's host
    --introspection-endpoint: string # As --token-endpoint
    --revocation-endpoint: string # As --token-endpoint
    --registration-endpoint: string # As --token-endpoint
    --par-endpoint: string    # As --token-endpoint
    --authorization-endpoint: string # As --token-endpoint
    --device-endpoint: string # As --token-endpoint
    --jwks-uri: string        # As --token-endpoint, for the keys of the issuer
    --assume-defaults         # Assume /oauth2/token and its siblings where nothing is given or discovered
    --param: string           # Send this parameter with every token request; repeats
    --host: string            # Where this zone's tokens may go: h, h:8443 or *.h; repeats
    --dpop                    # Bind tokens to a key of this zone (DPoP, RFC 9449); it is made at the first use and rests in the vault
    --vault: string           # Where its secrets rest
    --default                 # Make it the default zone
    --replace                 # Replace the zone of this name
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone add format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass zone add color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string              # Its name: lower-case letters, digits, - and _
  ]

  def "nu-complete hallpass zone list format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone list color" [] {
    [ "auto" "always" "never" ]
  }

  # List the zones
  export extern "hallpass zone list" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone list format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass zone list color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass zone show format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show a zone: every setting with its origin
  export extern "hallpass zone show" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone show format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass zone show color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name?: string             # The zone; else the one in effect
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

  def "nu-complete hallpass zone edit format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone edit color" [] {
    [ "auto" "always" "never" ]
  }

  # Change settings of a zone
  export extern "hallpass zone edit" [
    --issuer: string          # The issuer, byte for byte as the server says it
    --client-id: string       # The client's id at the authorization server
    --client-secret-from: string # Copy the client secret from here into the vault
    --client-secret-ref: string # Read the client secret from here at every use; nothing is stored
    --private-key-from: string # Copy the private key from here into the vault: PEM or a private JWK
    --private-key-ref: string # Read the private key from here at every use; nothing is stored
    --key-id: string          # The id of the private key at the server, and which one it is in a JWK set
    --algorithm: string@"nu-complete hallpass zone edit algorithm" # What the private key signs with; left out: what fits the key
    --client-assertion-from: string # Prove the client by an assertion that somebody else signs, read from here at every use
    --assertion-audience: string # The audience of the client's assertions, instead of the issuer
    --cert: path              # Present this certificate, a PEM file, to the server (mutual TLS, RFC 8705)
    --cert-key-from: string   # Copy the key of the certificate from here into the vault: PEM
    --cert-key-ref: string    # Read the key of the certificate from here at every use; nothing is stored
    --auth: string@"nu-complete hallpass zone edit auth" # How the client authenticates; left out: chosen from the metadata
    --grant: string@"nu-complete hallpass zone edit grant" # How tokens are obtained
    --assertion-ref: string   # With the grant jwt_bearer: read the assertion from here at every call
    --subject-token-ref: string # With the grant token_exchange: read the subject token from here at every call
    --scope: string           # Ask for these scopes; repeats, and splits on spaces
    --audience: string        # Ask for tokens for this audience; repeats
    --resource: string        # Ask for tokens for this resource (RFC 8707); repeats
    --token-endpoint: string  # Use this instead of the discovered endpoint: a URL, or a path on the issuer's host
    --introspection-endpoint: string # As --token-endpoint
    --revocation-endpoint: string # As --token-endpoint
    --registration-endpoint: string # As --token-endpoint
    --par-endpoint: string    # As --token-endpoint
    --authorization-endpoint: string # As --token-endpoint
    --device-endpoint: string # As --token-endpoint
    --jwks-uri: string        # As --token-endpoint, for the keys of the issuer
    --assume-defaults         # Assume /oauth2/token and its siblings where nothing is given or discovered
    --param: string           # Send this parameter with every token request; repeats
    --host: string            # Where this zone's tokens may go: h, h:8443 or *.h; repeats
    --dpop                    # Bind tokens to a key of this zone (DPoP, RFC 9449); it is made at the first use and rests in the vault
    --vault: string           # Where secrets stored from now on rest; `hallpass vault move` takes the present ones along
    --unset: string           # Take this setting back to its default; repeats
    --default                 # Make it the default zone
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone edit format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass zone edit color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string              # The zone
  ]

  def "nu-complete hallpass zone rename format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone rename color" [] {
    [ "auto" "always" "never" ]
  }

  # Rename a zone; its secrets and cached tokens move along
  export extern "hallpass zone rename" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone rename format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass zone rename color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    old: string               # The zone
    new: string               # Its new name
  ]

  def "nu-complete hallpass zone remove format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone remove color" [] {
    [ "auto" "always" "never" ]
  }

  # Remove a zone with its secrets and cached tokens
  export extern "hallpass zone remove" [
    --yes                     # Do not ask
    --revoke                  # Revoke its tokens at the server first; if that fails, nothing is removed
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone remove format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass zone remove color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string              # The zone
  ]

  def "nu-complete hallpass zone default format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone default color" [] {
    [ "auto" "always" "never" ]
  }

  # Print or set the default zone
  export extern "hallpass zone default" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone default format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass zone default color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name?: string             # Make this zone the default
  ]

  def "nu-complete hallpass zone has format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone has color" [] {
    [ "auto" "always" "never" ]
  }

  # Exit 0 when there is a zone of this name, 1 when there is none
  export extern "hallpass zone has" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone has format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass zone has color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string              # The name
  ]

  def "nu-complete hallpass zone export format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone export color" [] {
    [ "auto" "always" "never" ]
  }

  # Print a zone as TOML without its secrets
  export extern "hallpass zone export" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone export format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass zone export color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string              # The zone
  ]

  def "nu-complete hallpass zone import from_env" [] {
    [ "keycloak" ]
  }

  def "nu-complete hallpass zone import format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone import color" [] {
    [ "auto" "always" "never" ]
  }

  # Add zones from TOML or from the environment of another tool
  export extern "hallpass zone import" [
    --from-env: string@"nu-complete hallpass zone import from_env" # Read the variables of this tool instead
    --replace                 # Replace zones of the same name
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone import format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass zone import color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    source?: string           # Where the TOML is read from [default: stdin, unless it is a terminal]
  ]

  def "nu-complete hallpass zone path format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass zone path color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the path of the configuration file
  export extern "hallpass zone path" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass zone path format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass zone path color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass vault format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass vault color" [] {
    [ "auto" "always" "never" ]
  }

  # Look after the vault, where secrets rest
  export extern "hallpass vault" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass vault format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass vault color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass vault status format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass vault status color" [] {
    [ "auto" "always" "never" ]
  }

  # Show which vault is in use and whether it works; exit 1 when it does not
  export extern "hallpass vault status" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass vault status format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass vault status color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass vault move format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass vault move color" [] {
    [ "auto" "always" "never" ]
  }

  # Move a zone's secrets to another vault
  export extern "hallpass vault move" [
    --to: string              # Where to
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass vault move format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass vault move color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    name: string              # The zone
  ]

  def "nu-complete hallpass vault list format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass vault list color" [] {
    [ "auto" "always" "never" ]
  }

  # List the names of the secrets in the vault
  export extern "hallpass vault list" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass vault list format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass vault list color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass sandbox format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass sandbox color" [] {
    [ "auto" "always" "never" ]
  }

  # Run an authorization server on loopback, for trying out
  export extern "hallpass sandbox" [
    --listen: string          # Listen here; loopback only
    --print-env               # Print the environment and nothing besides; with a command, whose stdout is its own, on stderr
    --token-ttl: string       # How long its tokens live
    --latency: string         # Wait so long before each answer
    --auto-consent            # Say yes at once where a person would be asked
    --fault: string           # Misbehave: KIND at the token endpoint, TARGET:KIND at another one, KIND*N the first N times
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass sandbox format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass sandbox color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete hallpass completions shell" [] {
    [ "bash" "zsh" "fish" "elvish" "powershell" "nushell" ]
  }

  def "nu-complete hallpass completions format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass completions color" [] {
    [ "auto" "always" "never" ]
  }

  # Print a completion script
  export extern "hallpass completions" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass completions format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass completions color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    shell: string@"nu-complete hallpass completions shell" # The shell
  ]

  def "nu-complete hallpass man format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass man color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the manual page, or write all pages into a directory
  export extern "hallpass man" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass man format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass man color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    folder?: path             # Write one page per subcommand here
  ]

  def "nu-complete hallpass schema format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass schema color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the JSON Schema of an answer, or the names of all answers
  export extern "hallpass schema" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass schema format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass schema color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...name: string           # The answer: the words of its subcommand
  ]

  def "nu-complete hallpass help format" [] {
    [ "text" "json" "env" "env-no-export" "fish" "powershell" "windows-cmd" "nu" "curl" "github-env" "github-output" ]
  }

  def "nu-complete hallpass help color" [] {
    [ "auto" "always" "never" ]
  }

  # Show the help of a subcommand, or a topic: exit-codes, sources, environment, zones
  export extern "hallpass help" [
    --zone(-z): string@"nu-complete hallpass zones"        # Speak for this zone
    --json                    # Answer in JSON; an error is one JSON line on stderr
    --format: string@"nu-complete hallpass help format" # Answer in this form
    --quiet(-q)               # Say errors only
    --verbose(-v)             # Tell each step; twice: the redacted HTTP as well
    --dry-run                 # Print the request as a redacted curl command and send nothing
    --no-input                # Never ask a person
    --deadline: string        # End within this time: connects, retries and lock waits included
    --cacert: path            # Trust the certificates in this PEM file as well
    --header: string          # Send this header with every request
    --proxy: string           # Go through this proxy, except to loopback
    --no-breaker              # Ask a server that was down a moment ago all the same
    --color: string@"nu-complete hallpass help color" # Colour on stderr
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...words: string          # A topic, or the words of a subcommand
  ]

}

export use completions *
