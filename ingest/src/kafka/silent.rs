//! What is told of a client that lives for a moment: nothing. What it meets, the one that reads meets too.

use std::error::Error;

use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError as ClientError;
use rdkafka::{ClientContext, Statistics};

use super::tokens::{TokenSource, oauth_token};

/// Says nothing, and shows the tokens of the one that reads.
pub(super) struct Silent {
    pub(super) tokens: Option<TokenSource>,
}

impl ClientContext for Silent {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {}

    fn error(&self, _: ClientError, _: &str) {}

    fn stats(&self, _: Statistics) {}

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        oauth_token(self.tokens.as_ref())
    }
}

impl ConsumerContext for Silent {}
