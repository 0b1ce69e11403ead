// A step of a shared library: runs a shell script that has an access token in a variable.
//
//   hallpass issuer: 'https://sso.example/realms/acme', clientId: 'deploy', credentialsId: 'deploy-secret',
//       variable: 'API_TOKEN', script: './deploy'
//
// credentialsId is a credential of the kind "secret text", and may be missing where the agent has an identity of its
// own: then set HALLPASS_CLIENT_ASSERTION_FROM around the step. scope and audience may be given. The result is the exit
// code with returnStatus: true, as with sh.
//
// The token is in the process of the script alone. Jenkins never has it, so neither the log nor the saved state of the
// pipeline does, unless the script prints it: Jenkins can't mask what it does not know.
def call(Map options) {
    for (name in ['issuer', 'clientId', 'variable', 'script']) {
        if (!options[name]) {
            error("hallpass: ${name} is missing")
        }
    }
    def variables = [
        "HALLPASS_ISSUER=${options.issuer}",
        "HALLPASS_CLIENT_ID=${options.clientId}",
        "HALLPASS_STEP_VARIABLE=${options.variable}",
        "HALLPASS_STEP_SCRIPT=${options.script}",
        'HALLPASS_NO_CACHE=1',
    ]
    if (options.scope) {
        variables << "HALLPASS_SCOPE=${options.scope}"
    }
    if (options.audience) {
        variables << "HALLPASS_AUDIENCE=${options.audience}"
    }
    def secrets = []
    if (options.credentialsId) {
        secrets << string(credentialsId: options.credentialsId, variable: 'HALLPASS_CLIENT_SECRET')
    }
    withCredentials(secrets) {
        withEnv(variables) {
            // In single quotes: the shell reads the variables, so that no value is part of the command.
            sh(script: 'hallpass exec -z env --env "$HALLPASS_STEP_VARIABLE" -- sh -ec "$HALLPASS_STEP_SCRIPT"',
                returnStatus: options.returnStatus ?: false)
        }
    }
}
