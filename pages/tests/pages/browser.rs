//! A browser without scripts: it keeps cookies, follows redirects after a form, and sends forms as they stand.

use std::collections::BTreeMap;

use axum::http::{Method, header};

use crate::server::{Reply, Server, bearer, full};

/// A browser.
pub struct Browser<'s> {
    server: &'s Server,
    pub cookies: BTreeMap<String, String>,
    /// What a proxy before the server writes into each request.
    pub forwarded: Vec<(&'static str, &'static str)>,
    /// The origin that it takes its pages to come from.
    origin: String,
    /// Whether it keeps cookies that are bound to https: not where it speaks plain http with another machine.
    keeps_secure: bool,
}

/// A page that it was shown.
#[derive(Clone, Debug)]
pub struct Shown {
    pub reply: Reply,
}

impl<'s> Browser<'s> {
    /// A browser that nobody signed in with.
    pub fn new(server: &'s Server) -> Browser<'s> {
        let origin = format!("http://{}", server.address);
        Browser { server, cookies: BTreeMap::new(), forwarded: Vec::new(), origin, keeps_secure: true }
    }

    /// A browser that finds the server at another address, through a proxy that writes these headers.
    pub fn at(server: &'s Server, origin: &str, forwarded: &[(&'static str, &'static str)]) -> Browser<'s> {
        let keeps_secure = origin.starts_with("https://");
        Browser { forwarded: forwarded.to_vec(), origin: origin.to_owned(), keeps_secure, ..Browser::new(server) }
    }

    /// A browser that a role signed in with.
    pub async fn signed_in(server: &'s Server, role: &str, uid: Option<u64>) -> Browser<'s> {
        let mut browser = Browser::new(server);
        let page = browser.get("/sign-in").await;
        let token = bearer(role, uid);
        let token = token.strip_prefix("Bearer ").expect("a token");
        let sent = browser.submit_once(&page, "/sign-in", &[("token", token)]).await;
        assert_eq!(sent.reply.status, 303, "{}", sent.text());
        browser
    }

    /// Shows a page.
    pub async fn get(&mut self, path: &str) -> Shown {
        let mut request = self.server.request(Method::GET, path).header(header::ACCEPT, "text/html");
        for (name, value) in &self.forwarded {
            request = request.header(*name, *value);
        }
        let request = request.header(header::COOKIE, self.cookie_header());
        self.keep(self.server.send(request.body(full("")).expect("a request")).await)
    }

    /// Fills in a form of a page and sends it; the page that it leads to, after redirects.
    pub async fn submit(&mut self, page: &Shown, action: &str, fields: &[(&str, &str)]) -> Shown {
        let mut shown = self.submit_once(page, action, fields).await;
        while shown.reply.status == 303 {
            let location = shown.reply.header("location").to_owned();
            shown = self.get(&location).await;
        }
        shown
    }

    /// The same, without following redirects. The form is the first whose action begins with this.
    pub async fn submit_once(&mut self, page: &Shown, action: &str, fields: &[(&str, &str)]) -> Shown {
        let form = page.form(action);
        let mut sent: Vec<(String, String)> = form.hidden.clone();
        sent.retain(|(name, _)| !fields.iter().any(|(given, _)| given == name));
        sent.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(&form.action, &sent).await
    }

    /// Sends fields as a form does, with a page's origin.
    pub async fn post(&mut self, path: &str, fields: &[(String, String)]) -> Shown {
        let origin = self.origin.clone();
        let mut headers = vec![("origin", &*origin), ("sec-fetch-site", "same-origin")];
        headers.extend(self.forwarded.clone());
        self.post_from(path, fields, &headers).await
    }

    /// Sends fields with these headers besides.
    pub async fn post_from(&mut self, path: &str, fields: &[(String, String)], headers: &[(&str, &str)]) -> Shown {
        let pairs = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let request = self.server.request(Method::POST, path).header(header::COOKIE, self.cookie_header());
        let mut request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.keep(self.server.send(request.body(full(&body)).expect("a request")).await)
    }

    fn cookie_header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, reply: Reply) -> Shown {
        for cookie in reply.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let (name, rest) = cookie.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            if cookie.ends_with("; Secure") && !self.keeps_secure {
                continue;
            }
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Shown { reply }
    }
}

/// A form of a page.
pub struct Form {
    pub action: String,
    pub hidden: Vec<(String, String)>,
    /// The form as it is written.
    pub html: String,
}

impl Shown {
    pub fn text(&self) -> &str {
        self.reply.text()
    }

    #[track_caller]
    pub fn expect(&self, status: u16) -> &Shown {
        assert_eq!(self.reply.status, status, "{}", self.text());
        assert!(self.reply.header("content-type").starts_with("text/html"), "{}", self.text());
        self
    }

    /// What stands from the element with this id to the end of the page.
    #[track_caller]
    pub fn after_id(&self, id: &str) -> &str {
        let at = self.text().find(&format!("id=\"{id}\""));
        &self.text()[at.unwrap_or_else(|| panic!("no {id} in {}", self.text()))..]
    }

    /// The API's text of the first figure within the element with this id.
    #[track_caller]
    pub fn figure(&self, id: &str) -> String {
        attribute(self.after_id(id), "data-value").expect("a figure")
    }

    /// The first POST form whose action begins with this.
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        let forms = self.text().split("<form ").skip(1).filter_map(|form| form.split("</form>").next());
        let mut posted = forms.filter(|form| form.contains("method=\"post\""));
        let found = posted.find(|form| attribute(form, "action").is_some_and(|found| found.starts_with(action)));
        let html = found.unwrap_or_else(|| panic!("no form {action} in {}", self.text()));
        let inputs = html.split("<input ").skip(1).filter_map(|input| input.split('>').next());
        let hidden = inputs.filter(|input| input.contains("type=\"hidden\""));
        let hidden = hidden.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)));
        Form { action: attribute(html, "action").expect("an action"), hidden: hidden.collect(), html: html.to_owned() }
    }

    /// Where the page's links lead that begin with a `/`.
    pub fn links(&self) -> Vec<String> {
        self.text()
            .split("<a ")
            .skip(1)
            .filter_map(|link| attribute(link.split('>').next()?, "href"))
            .filter(|link| link.starts_with('/'))
            .collect()
    }
}

/// The value of an attribute: the first of this name in a text.
pub fn attribute(html: &str, name: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("{name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

/// A text as a form sends it.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
