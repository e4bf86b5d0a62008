//! Who gave a command, sent events in, or decided on quarantined ones.

use core::net::IpAddr;

use crate::fields::{Fields, put_bytes};

/// Who did something, as far as it is known. It is no part of an event: whoever sends it, an event is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who, as its token says; none where it names nobody, or no token was needed.
    pub who: Option<String>,
    /// The role in which it was done, by its name.
    pub role: String,
    /// From where, as far as the server can tell; none where that is not to be kept, or it was done on the machine itself.
    pub address: Option<IpAddr>,
    /// The request by which it was done; none if it was none.
    pub request_id: Option<String>,
}

impl Actor {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        // Neither has an empty text, so that an empty one stands for none.
        put_bytes(out, self.who.as_deref().unwrap_or_default().as_bytes());
        put_bytes(out, self.role.as_bytes());
        match self.address {
            None => put_bytes(out, &[]),
            Some(IpAddr::V4(address)) => put_bytes(out, &address.octets()),
            Some(IpAddr::V6(address)) => put_bytes(out, &address.octets()),
        }
        put_bytes(out, self.request_id.as_deref().unwrap_or_default().as_bytes());
    }

    pub(crate) fn take(fields: &mut Fields<'_>) -> Option<Actor> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Some(Actor {
            who: some(fields.text()?),
            role: fields.text()?.to_owned(),
            address: take_address(fields)?,
            request_id: some(fields.text()?),
        })
    }
}

fn take_address(fields: &mut Fields<'_>) -> Option<Option<IpAddr>> {
    let bytes = fields.bytes()?;
    match (<[u8; 4]>::try_from(bytes), <[u8; 16]>::try_from(bytes)) {
        (Ok(octets), _) => Some(Some(IpAddr::from(octets))),
        (_, Ok(octets)) => Some(Some(IpAddr::from(octets))),
        (Err(_), Err(_)) => bytes.is_empty().then_some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_comes_back_with_what_is_known_of_it() {
        for address in [None, Some("203.0.113.7"), Some("2001:db8::7")] {
            for text in [None, Some("7")] {
                let text = text.map(str::to_owned);
                let address = address.map(|address| address.parse().expect("an address"));
                let actor = Actor { who: text.clone(), role: "operator".into(), address, request_id: text };
                let mut bytes = Vec::new();
                actor.put(&mut bytes);
                let mut fields = Fields(&bytes);
                assert_eq!(Actor::take(&mut fields), Some(actor));
                assert!(fields.0.is_empty());
            }
        }
        assert_eq!(Actor::take(&mut Fields(&[0, 1, b'a', 5, 1, 2, 3, 4, 5, 0])), None);
    }
}
