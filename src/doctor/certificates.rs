//! The files of certificates that the settings name: whether they are whole, and until when they are good.

use std::path::{Path, PathBuf};

use api::{CertificateDates, Tls, read_dates};
use schemas::Timestamp;

use super::Check;
use crate::config::{KafkaTokens, Settings};

/// Told where no file is named.
const NAME: &str = "certificates";

/// From so many days before its end on it is time to put another one in its place; the alert and the log say it as early.
const DAYS_BEFORE: i64 = 14;

const MICROS_OF_DAY: i64 = 86_400_000_000;

/// A file that the settings name.
struct Named {
    check: &'static str,
    path: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Ours, which we show: the first of the file is it.
    Own { advice: &'static str },
    /// Authorities, of which one that is good is enough for those that it signed.
    Authorities,
}

/// Looks at each.
pub(super) fn checks(settings: &Settings, now: Timestamp) -> Vec<Check> {
    let named = named(settings);
    if named.is_empty() {
        return vec![Check::skipped(NAME, "the settings name no file of any")];
    }
    named.iter().map(|named| check(settings, named, now)).collect()
}

fn named(settings: &Settings) -> Vec<Named> {
    let mut all = Vec::new();
    let mut add = |check: &'static str, path: Option<&Path>, kind: Kind| {
        all.extend(path.map(|path| Named { check, path: path.to_owned(), kind }));
    };
    let files = settings.http.tls.as_ref().map(|tls| &tls.files);
    let kafka = settings.kafka.as_ref();
    let property = |name: &str| kafka.and_then(|kafka| kafka.properties.get(name)).map(Path::new);
    let listener = "put a new one and its key in their places: the daemon takes them by itself (http.tls.reload_seconds), \
                    or at SIGHUP";
    add("certificate of the listener", files.map(|files| &*files.certificate), Kind::Own { advice: listener });
    let clients = files.and_then(|files| files.clients.as_ref());
    add("authorities of clients", clients.map(|(path, _)| &**path), Kind::Authorities);
    let shown = "put a new one and its key in their places, and start the daemon again";
    add("certificate for the brokers", property("ssl.certificate.location"), Kind::Own { advice: shown });
    add("authorities of the brokers", property("ssl.ca.location"), Kind::Authorities);
    let tokens = match kafka.and_then(|kafka| kafka.tokens.as_ref()) {
        Some(KafkaTokens::Endpoint(endpoint)) => endpoint.ca_file.as_deref(),
        Some(KafkaTokens::File(_)) | None => None,
    };
    add("authorities of the authorization server", tokens, Kind::Authorities);
    let cluster = settings.cassandra.as_ref().and_then(|cluster| cluster.tls.as_ref());
    let own = cluster.and_then(|tls| tls.identity.as_ref());
    add("certificate for Cassandra", own.map(|(certificate, _)| &**certificate), Kind::Own { advice: shown });
    add("authorities of Cassandra", cluster.and_then(|tls| tls.ca.as_deref()), Kind::Authorities);
    let traces = settings.traces.as_ref().and_then(|traces| traces.ca_file.as_deref());
    add("authorities of the collector", traces, Kind::Authorities);
    all
}

fn check(settings: &Settings, named: &Named, now: Timestamp) -> Check {
    let Named { check, path, kind } = named;
    let dates = match read_dates(path) {
        Ok(dates) => dates,
        Err(error) => {
            return Check::failed(check, error.to_string(), "put a file in PEM there that the daemon may read");
        }
    };
    let found = match kind {
        Kind::Own { advice } => of_own(check, path, dates.first(), advice, now),
        Kind::Authorities => of_authorities(check, path, &dates, now),
    };
    // What is not good for its dates is told of these. Else the start's own judgement goes.
    let listener = settings.http.tls.as_ref().filter(|tls| tls.files.certificate == *path && found.advice.is_none());
    if let Some(tls) = listener
        && let Err(error) = Tls::load(tls.files.clone(), tls.look_every)
    {
        return Check::failed(check, error.to_string(), "mend it: a daemon does not start with it");
    }
    found
}

fn of_own(check: &str, path: &Path, dates: Option<&CertificateDates>, advice: &str, now: Timestamp) -> Check {
    let Some(dates) = dates else {
        return Check::failed(check, format!("{}: it holds none", path.display()), advice);
    };
    let found = in_words_of(path, dates, now);
    if dates.until < now || dates.from > now {
        Check::failed(check, found, advice)
    } else if ends_soon(dates, now) {
        Check::warning(check, found, advice)
    } else {
        Check::ok(check, found)
    }
}

fn of_authorities(check: &str, path: &Path, all: &[CertificateDates], now: Timestamp) -> Check {
    let is_good = |dates: &&CertificateDates| dates.from <= now && now <= dates.until;
    let last = all.iter().filter(is_good).max_by_key(|dates| dates.until);
    let Some(last) = last else {
        let found = all.first().map_or_else(|| "it holds none".to_owned(), |dates| in_words_of(path, dates, now));
        return Check::failed(check, found, "ask for the authority's new certificate: nobody is believed by this one");
    };
    // The one that ends first of those that are good, and those that are no longer.
    let first = all.iter().filter(is_good).min_by_key(|dates| dates.until).unwrap_or(last);
    if let Some(ended) = all.iter().find(|dates| dates.until < now) {
        let advice = "if others are in its place, take it out of the file; whom it signed is not believed";
        return Check::warning(check, in_words_of(path, ended, now), advice);
    }
    if ends_soon(first, now) {
        let advice = "ask for the authority's new certificate, and put it into the file beside this one until then";
        return Check::warning(check, in_words_of(path, first, now), advice);
    }
    Check::ok(check, in_words_of(path, first, now))
}

fn ends_soon(dates: &CertificateDates, now: Timestamp) -> bool {
    dates.until.0 - now.0 < DAYS_BEFORE * MICROS_OF_DAY
}

fn in_words_of(path: &Path, dates: &CertificateDates, now: Timestamp) -> String {
    let CertificateDates { name, from, until } = dates;
    let path = path.display();
    if *from > now {
        return format!("{path}: {name} is not valid before {from}");
    }
    let days = (until.0 - now.0) / MICROS_OF_DAY;
    if *until < now {
        format!("{path}: {name} ended at {until}")
    } else {
        format!("{path}: {name} ends at {until}, in {days} days")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000_000);

    fn dates(from_days: i64, until_days: i64) -> CertificateDates {
        let at = |days: i64| Timestamp(NOW.0 + days * MICROS_OF_DAY);
        CertificateDates { name: "CN=tributary".to_owned(), from: at(from_days), until: at(until_days) }
    }

    #[test]
    fn our_own_is_good_until_two_weeks_before_its_end() {
        let status = |from, until| of_own("a", Path::new("a.pem"), Some(&dates(from, until)), "do", NOW).status;
        let found =
            [(-1, 90), (-1, 14), (-1, 13), (-1, 0), (-90, -1), (1, 90)].map(|(from, until)| status(from, until));
        use Status::{Failed, Ok, Warning};
        assert_eq!(found, [Ok, Ok, Warning, Warning, Failed, Failed]);
    }

    #[test]
    fn of_authorities_one_that_is_good_is_enough_and_one_that_ended_is_told() {
        let status = |all: &[(i64, i64)]| {
            let all: Vec<CertificateDates> = all.iter().map(|(from, until)| dates(*from, *until)).collect();
            of_authorities("a", Path::new("a.pem"), &all, NOW).status
        };
        use Status::{Failed, Ok, Warning};
        let found = [
            status(&[(-1, 900)]),
            status(&[(-1, 900), (-1, 400)]),
            status(&[(-1, 900), (-1, 10)]),
            status(&[(-1, 900), (-9, -1)]),
            status(&[(-9, -1)]),
            status(&[(1, 900)]),
            status(&[]),
        ];
        assert_eq!(found, [Ok, Ok, Warning, Warning, Failed, Failed, Failed]);
    }
}
