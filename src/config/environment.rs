//! `TRIBUTARY_…` variables: one a key, and none that means nothing.

use super::{ConfigError, FILE_VARIABLE, Given, Key, Layers, Origin};

const PREFIX: &str = "TRIBUTARY_";

/// Variables that are no settings: the file's name, and what commands read that ask a daemon.
const OTHERS: [&str; 6] =
    [FILE_VARIABLE, "TRIBUTARY_URL", "TRIBUTARY_TOKEN", "TRIBUTARY_CA", "TRIBUTARY_CERT", "TRIBUTARY_KEY"];

/// Reads the variables into the layers. An empty variable counts as absent; one that cannot be taken joins the problems.
pub(super) fn read(variables: &[(String, String)], layers: &mut Layers, problems: &mut Vec<ConfigError>) {
    for (name, text) in variables {
        if !name.starts_with(PREFIX) || OTHERS.contains(&name.as_str()) || is_service_link(name) || text.is_empty() {
            continue;
        }
        let origin = Origin::Variable { name: name.clone() };
        let Some(key) = Key::ALL.iter().copied().find(|key| key.variable() == *name) else {
            let known = Key::ALL.iter().map(|key| key.variable()).collect::<Vec<_>>().join(", ");
            problems.push(ConfigError::UnknownKey { origin, name: name.clone(), known });
            continue;
        };
        match key.kind().read_text(text) {
            Some(value) => layers.put(key, Given { value, origin }),
            None => problems.push(ConfigError::Invalid {
                origin,
                key: key.name(),
                expected: key.kind().expected(),
                found: if key.is_secret() { super::listing::MASK.to_owned() } else { text.clone() },
            }),
        }
    }
}

/// Kubernetes gives every container variables about the services beside it; those of a service that is itself
/// called `tributary` look like settings.
fn is_service_link(name: &str) -> bool {
    let rest = name.strip_prefix(PREFIX).unwrap_or_default();
    ["PORT", "SERVICE_HOST", "SERVICE_PORT"].iter().any(|mark| {
        rest == *mark
            || rest.starts_with(&format!("{mark}_"))
            || rest.ends_with(&format!("_{mark}"))
            || rest.contains(&format!("_{mark}_"))
    })
}
