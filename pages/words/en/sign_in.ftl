### Signing in.

sign-in-title = Sign in
sign-in-what = Tributary shows referrers what their codes brought.
sign-in-cannot = You cannot sign in here: { $why }.
sign-in-with-token = Sign in with a token
sign-in-with-given-token = Sign in with the token that you were given.
sign-in-comes-back = If you come back to this page instead of being signed in: { $why }.
sign-in-already = You came here from another site and are signed in already? { $go_on }.
sign-in-go-on = Go on
sign-in-token = Token
sign-in-token-hint = Three parts with points between them. It is kept in a cookie that no script reads, until you sign out or it expires.
sign-in-by-link = You come here from where your account is.
sign-in-go-on-as = Go on as user { $uid }
sign-in-once = This works once. If that is not you, close this page.
sign-in-with = Sign in with { $name }
sign-in-done = You are signed in
sign-in-why-no-session = over plain http, at an address that begins with http://, a browser keeps no session of another machine: open this page by https. Who runs the server ends TLS in front of it, and says in http.public_url how it is reached

sign-in-token-too-long = the token is too long: it may have { $most } characters
sign-in-no-provider = nobody signs in by a provider here: use a token
sign-in-begun-elsewhere = this sign-in was begun in another browser, or more than ten minutes ago: begin again
sign-in-answer-of-another = this answer belongs to another sign-in: begin again
sign-in-other-provider = this answer is of another provider: begin again
sign-in-provider-refused = { $name } did not sign you in: { $said }
sign-in-no-code = the provider gave no code: begin again
sign-in-no-address = who runs this server has still to say in http.public_url where browsers find it
