//! Why no node can be spoken with, in words that say what to do.

use scylla::errors::{
    ConnectionError, ConnectionPoolError, ConnectionSetupRequestErrorKind, DbError, MetadataError, NewSessionError,
};

/// What the driver says, after what it comes to. The error of TLS is told by words, as the driver keeps no other.
pub(super) fn why(error: &NewSessionError, is_over_tls: bool) -> String {
    let advice = match of_setup(error) {
        Some(ConnectionSetupRequestErrorKind::DbError(DbError::AuthenticationError, _)) => {
            Some("the user or the password is not taken (cassandra.user, cassandra.password)")
        }
        Some(ConnectionSetupRequestErrorKind::MissingAuthentication) => {
            Some("it asks who comes: set cassandra.user and cassandra.password")
        }
        Some(ConnectionSetupRequestErrorKind::BrokenConnection(_)) if !is_over_tls => {
            Some("it breaks off before it has said anything: perhaps it asks for TLS (cassandra.tls)")
        }
        // What a node says of a certificate that it misses comes after the handshake, and the driver drops it.
        Some(ConnectionSetupRequestErrorKind::BrokenConnection(_)) => Some(
            "it breaks off once TLS is spoken: perhaps it asks for a certificate that it takes (cassandra.certificate_file, \
             cassandra.key_file)",
        ),
        Some(_) | None => of_words(&error.to_string(), is_over_tls),
    };
    match advice {
        Some(advice) => format!("{advice} ({error})"),
        None => error.to_string(),
    }
}

fn of_setup(error: &NewSessionError) -> Option<&ConnectionSetupRequestErrorKind> {
    if let NewSessionError::MetadataError(MetadataError::ConnectionPoolError(ConnectionPoolError::Broken {
        last_connection_error: ConnectionError::ConnectionSetupRequestError(error),
    })) = error
    {
        Some(&error.error)
    } else {
        None
    }
}

fn of_words(said: &str, is_over_tls: bool) -> Option<&'static str> {
    let has = |words: &[&str]| is_over_tls && words.iter().any(|word| said.contains(word));
    if has(&["wrong version number", "packet length too long", "record layer failure"]) {
        Some("it speaks no TLS there (cassandra.tls)")
    } else if has(&["certificate required", "alert bad certificate", "alert number 116", "alert number 42"]) {
        Some("it asks for a certificate that it takes (cassandra.certificate_file, cassandra.key_file)")
    } else {
        None
    }
}
