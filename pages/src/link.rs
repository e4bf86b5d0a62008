//! Addresses within the pages. They keep whose data is shown and as of when.

use api::body::is_path_of_pages;
use api::parameters::read_query_string;
pub(crate) use api::question::encoded;
use std::fmt::{self, Display, Write};

use maud::Render;

/// An address within the pages, with its parameters in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// With the path that the pages stand below.
    path: String,
    parameters: Vec<(String, String)>,
}

impl Link {
    pub(super) fn new(path: impl Into<String>, parameters: Vec<(String, String)>) -> Link {
        Link { path: path.into(), parameters }
    }

    /// An address from its path within the pages, which stand below another.
    pub(super) fn below(base: &str, path: impl Into<String>, parameters: Vec<(String, String)>) -> Link {
        Link::new(format!("{base}{}", path.into()), parameters)
    }

    /// With a parameter set to this alone.
    pub(crate) fn with(self, name: &str, value: impl Display) -> Link {
        let mut link = self.without(name);
        link.parameters.push((name.to_owned(), value.to_string()));
        link
    }

    /// Without a parameter.
    pub(crate) fn without(mut self, name: &str) -> Link {
        self.parameters.retain(|(found, _)| found != name);
        self
    }

    /// To the first page of what stands on several: without `cursor` and `page`.
    pub(crate) fn first_page(self) -> Link {
        self.without("cursor").without("page")
    }

    /// Its path, for a form that gives parameters of its own.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Its parameters: hidden fields of a GET form.
    pub(crate) fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }
}

impl Display for Link {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.path)?;
        for (at, (name, value)) in self.parameters.iter().enumerate() {
            out.write_char(if at == 0 { '?' } else { '&' })?;
            out.write_str(&encoded(name))?;
            out.write_char('=')?;
            out.write_str(&encoded(value))?;
        }
        Ok(())
    }
}

impl Render for Link {
    fn render_to(&self, buffer: &mut String) {
        self.to_string().render_to(buffer);
    }
}

/// A path with its query string that leads to a page here and nowhere else; for where to return to.
pub(super) fn local(text: &str) -> Option<&str> {
    is_path_of_pages(text).then_some(text)
}

/// The address that such a path with its query string is.
pub(super) fn read_local(text: &str) -> Option<Link> {
    let (path, query) = local(text)?.split_once('?').unwrap_or((text, ""));
    Some(Link::new(path, read_query_string(query).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_set_once_and_encoded() {
        let link = Link::new("/referrals", vec![("uid".into(), "7".into()), ("q".into(), "a".into())]);
        let link = link.with("q", "<&é \"").with("sort", "volume").without("none");
        assert_eq!(link.to_string(), "/referrals?uid=7&q=%3C%26%C3%A9%20%22&sort=volume");
    }

    #[test]
    fn only_paths_of_this_site_are_returned_to() {
        for good in ["/", "/codes?uid=7&as_of=3", "/referrals/100"] {
            assert_eq!(local(good), Some(good));
            assert_eq!(read_local(good).map(|link| link.to_string()).as_deref(), Some(good));
        }
        for bad in ["", "//evil.example", "https://evil.example", "/\\evil.example", "codes", "/a\tb", "/a\r\nb", "/é"]
        {
            assert_eq!(local(bad), None, "{bad:?}");
        }
    }
}
