//! `tributary token`: a signed token for a role.

use std::time::Duration;

use clap::{Args, Subcommand};
use schemas::Uid;

use super::{FormatFlags, ServerFlags};

/// Make a signed token for a role; revoke one.
///
/// It is signed (HS256) with the secret that the daemon's configuration holds: auth.hs256_secret or
/// auth.hs256_secret_file. It bears a name of its own (jti), by which it can be revoked.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  tributary token --role affiliate --uid 7
  tributary token --role operator --ttl 30d --hs256-secret-file secret.txt
  tributary token revoke --leaked leaked.txt --why 'it stood in a log' \\
      --url http://127.0.0.1:8080
  tributary token revoked --url http://127.0.0.1:8080
  curl -H \"Authorization: Bearer $(tributary token --role analyst)\" \\
      http://127.0.0.1:8080/v1/status"
)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    pub(crate) action: Option<TokenAction>,

    /// What its bearer may do.
    #[arg(long, value_enum, required = true)]
    pub(crate) role: Option<Role>,

    /// Whose it is; an affiliate sees and acts for this uid alone.
    #[arg(long, value_name = "UID", value_parser = read_uid, required_if_eq("role", "affiliate"))]
    pub(crate) uid: Option<Uid>,

    /// How long it is good for: seconds, or a number with s, m, h or d.
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = read_duration)]
    pub(crate) ttl: Duration,

    /// The file that holds the secret, where the configuration names none.
    #[arg(long, value_name = "FILE")]
    pub(crate) hs256_secret_file: Option<String>,
}

/// What is done about tokens that were given out.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenAction {
    /// Have a daemon take a token no more, from now on and after a start.
    Revoke {
        #[command(flatten)]
        server: ServerFlags,

        /// The file that holds the token; - for standard input.
        #[arg(long, value_name = "FILE", required_unless_present = "jti")]
        leaked: Option<String>,

        /// The token's jti, where the token itself is not at hand.
        #[arg(long, value_name = "JTI", conflicts_with = "leaked")]
        jti: Option<String>,

        /// When the token of that jti expires, as RFC 3339 has it, or the UTC day at whose end it does; without it, it is revoked
        /// for ever.
        #[arg(long, value_name = "DATE|TIME", requires = "jti")]
        expires_at: Option<String>,

        /// Why, for who looks at it later.
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
    },
    /// List the tokens that are revoked and have not expired.
    Revoked {
        #[command(flatten)]
        server: ServerFlags,

        #[command(flatten)]
        format: FormatFlags,
    },
}

/// What the bearer of a token may do (SPEC 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Role {
    /// Its own data, and acts for itself.
    Affiliate,
    /// Reads any.
    Analyst,
    /// Reads and acts for any.
    Operator,
    /// Reads any and the feed, and posts events.
    Service,
    /// Reads all that anybody reads, and acts on nothing.
    Auditor,
}

impl Role {
    /// The role as a token says it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Role::Affiliate => "affiliate",
            Role::Analyst => "analyst",
            Role::Operator => "operator",
            Role::Service => "service",
            Role::Auditor => "auditor",
        }
    }
}

fn read_uid(text: &str) -> Result<Uid, &'static str> {
    Uid::parse(text).ok_or("expected a uid, 1 to 9007199254740991")
}

/// Reads `90`, `90s`, `15m`, `12h`, `30d`; at least a second, at most a hundred years.
fn read_duration(text: &str) -> Result<Duration, &'static str> {
    const EXPECTED: &str = "expected a time such as 90s, 15m, 12h or 30d";
    const HUNDRED_YEARS: u64 = 36_525 * 86_400;
    let digits = text.trim_end_matches(|char: char| !char.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(EXPECTED),
    };
    let number: u64 = digits.parse().map_err(|_| EXPECTED)?;
    let seconds = number.checked_mul(unit).filter(|seconds| (1..=HUNDRED_YEARS).contains(seconds)).ok_or(EXPECTED)?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_of_the_api_has_its_token() {
        let here: Vec<&str> = <Role as clap::ValueEnum>::value_variants().iter().map(|role| role.as_str()).collect();
        let there: Vec<&str> = api::Role::ALL.iter().map(|role| role.as_str()).collect();
        assert_eq!(here, there);
    }

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("15m", 900), ("12h", 43_200), ("30d", 2_592_000)] {
            assert_eq!(read_duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "s", "0", "-1", "1.5h", "1w", "1 h", "99999999999999999999", "999999d", "١h"] {
            assert!(read_duration(text).is_err(), "{text}");
        }
    }
}
