-- Asks hallpass gate whether a request of HAProxy may pass: http-request lua.hallpass_gate URL
--
-- Sets txn.hallpass_allowed on a yes alone; the configuration denies what has not got it, so that an error in here lets
-- nobody in.

local question_fields = { "authorization", "dpop" }

local identity_fields = {
    "x-auth-request-user",
    "x-auth-request-email",
    "x-auth-request-preferred-username",
    "x-auth-request-groups",
    "x-auth-request-scopes",
    "x-auth-request-client-id",
}

local challenge_fields = { "www-authenticate", "retry-after", "cache-control", "content-type" }

-- The values of a field, which HAProxy counts from 0.
local function values_of(fields, name)
    local found = {}
    local at = 0
    while fields[name] and fields[name][at] do
        found[#found + 1] = fields[name][at]
        at = at + 1
    end
    return found
end

local function ask(txn, url)
    local sent = txn.http:req_get_headers()
    local headers = {
        ["x-forwarded-method"] = { txn.sf:method() },
        ["x-forwarded-uri"] = { txn.sf:pathq() },
        ["x-forwarded-proto"] = { txn.f:ssl_fc() == 1 and "https" or "http" },
        ["x-forwarded-host"] = values_of(sent, "host"),
    }
    for _, name in ipairs(question_fields) do
        local values = values_of(sent, name)
        if #values > 0 then
            headers[name] = values
        end
    end
    local answer = core.httpclient():get { url = url, headers = headers, timeout = 5000 }
    if not answer or answer.status ~= 200 then
        local is_refusal = answer and (answer.status == 401 or answer.status == 403)
        local reply = txn:reply { status = is_refusal and answer.status or 503 }
        for _, name in ipairs(is_refusal and challenge_fields or {}) do
            for _, value in ipairs(values_of(answer.headers, name)) do
                reply:add_header(name, value)
            end
        end
        reply:set_body(is_refusal and answer.body or "")
        txn:done(reply)
        return
    end
    for _, name in ipairs(identity_fields) do
        txn.http:req_set_header(name, values_of(answer.headers, name)[1] or "")
    end
    txn:set_var("txn.hallpass_allowed", true)
end

core.register_action("hallpass_gate", { "http-req" }, ask, 1)
