//! What is done about keys while the server runs, whether somebody asks or not: a provider is asked for its own when it is
//! time, and the list of revoked tokens is read again where another process writes it.

use std::sync::Arc;
use std::time::Duration;

use crate::app::{App, blocking};

/// It is looked whether something is to be done this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Looks after the keys of a server until it ends.
pub(crate) async fn look_after_keys(app: App) {
    let mut stopping = app.stopping();
    loop {
        let keys = app.authenticator();
        if let Some(provider) = keys.provider() {
            app.metrics().count_keys_asked(provider.refresh_if_due().await);
        }
        let (revoked, now) = (Arc::clone(keys.revoked()), app.moment());
        drop(keys);
        match blocking(move || revoked.read_again(now)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "those that were known to be revoked stay so"),
            Err(problem) => tracing::error!(%problem, "the list of revoked tokens was not read again"),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            // A sender that is gone means the end too.
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}
