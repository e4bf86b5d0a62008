### Refusals.

problems-nowhere = the address may be mistyped, or what was here is gone
problems-to-overview = To the overview
problems-not-for-you = This is not for you
problems-nothing-here = There is nothing here
problems-not-now = Not at the moment
problems-invalid-parameter = A parameter is wrong
problems-invalid-body = The body is not what is expected
problems-invalid-header = A header is wrong
problems-invalid-path = The path cannot be read
problems-tls-needed = Plain http is spoken where https is
problems-not-signed-in = A valid bearer token is needed
problems-read-only = The ledger is only read here
problems-method-not-allowed = The path does not take this method
problems-slow = The request took too long to arrive
problems-conflict = It contradicts what there is
problems-too-large = The body is too large
problems-media-type = The body has another content type
problems-misdirected = The request is meant for another host
problems-too-many = Too much at a time
problems-breaks-rule = A value breaks a rule
problems-internal = Something went wrong here
problems-full = The ledger has no room

problems-no-cookie = your browser kept no cookie of this page: { $why }
problems-form-out-of-date = this form is out of date, or did not come from here: go back, reload the page and send it again
problems-other-sites = pages of other sites may not send forms here
problems-past = the page shows the past, where nothing can be changed: go back to the present
problems-sign-in-first = sign in to see this page
problems-not-utf-8 = the form is not written in UTF-8
problems-of-a-ledger = only a ledger's own pages tell this
