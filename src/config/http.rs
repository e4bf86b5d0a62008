//! How the API is reached and bounded: the section `[http]`.

use std::net::SocketAddr;
use std::time::Duration;

use api::{
    ClientAuth, ClientHeader, HttpOptions, Origin, PublicUrl, Rate, RateLimits, Reach, ServeLimits, TlsFiles,
    read_proxies,
};

use super::read::Read;
use super::{ConfigError, Key};

/// How the API is reached and bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Http {
    /// Where probes and metrics are answered besides; none: only where the API listens.
    pub(crate) probes_listen: Option<SocketAddr>,
    /// The TLS that is spoken where the API listens; none: plain HTTP is.
    pub(crate) tls: Option<HttpTls>,
    pub(crate) limits: ServeLimits,
    pub(crate) options: HttpOptions,
}

/// Where the listener's certificate is, and how often it is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpTls {
    pub(crate) files: TlsFiles,
    /// None: at SIGHUP alone.
    pub(crate) look_every: Option<Duration>,
}

impl Read<'_> {
    pub(super) fn http(&self) -> Result<Http, ConfigError> {
        let seconds = |key| Ok::<_, ConfigError>(Duration::from_secs(self.at_least_one(key)?));
        let limits = ServeLimits {
            connections_max: self.size(Key::HttpConnectionsMax)?,
            connections_reserved: self.size(Key::HttpConnectionsReserved)?,
            connections_per_address: self.size(Key::HttpConnectionsPerAddress)?,
            header_timeout: seconds(Key::HttpHeaderSeconds)?,
            idle_timeout: seconds(Key::HttpIdleSeconds)?,
            stall_timeout: seconds(Key::HttpStallSeconds)?,
            ..ServeLimits::default()
        };
        let options = HttpOptions {
            reach: self.reach()?,
            keeps_addresses: self.flag(Key::AuditAddresses),
            live_pages_max: self.size(Key::HttpLivePagesMax)?,
            live_feeds_max: self.size(Key::HttpLiveFeedsMax)?,
            rates: RateLimits {
                of_caller: self.rate(Key::HttpRateCallerPerSecond, Key::HttpRateCallerBurst)?,
                of_address: self.rate(Key::HttpRateAddressPerSecond, Key::HttpRateAddressBurst)?,
            },
        };
        // What goes on live holds a connection for as long as it likes: some have to be left for questions.
        if options.live_pages_max.saturating_add(options.live_feeds_max) >= limits.connections_max {
            let expected = "more than http.live_pages_max and http.live_feeds_max together";
            return Err(self.invalid(Key::HttpConnectionsMax, expected, limits.connections_max.to_string()));
        }
        let probes_listen = self.text(Key::HttpProbesListen).map(|text| {
            let expected = "an address and a port such as 127.0.0.1:9090";
            text.parse().map_err(|_| self.invalid(Key::HttpProbesListen, expected, text))
        });
        Ok(Http { probes_listen: probes_listen.transpose()?, tls: self.tls()?, limits, options })
    }

    fn tls(&self) -> Result<Option<HttpTls>, ConfigError> {
        let auth = self.parsed(Key::HttpTlsClientAuth, "required or optional", |text| match text {
            "required" => Some(ClientAuth::Required),
            "optional" => Some(ClientAuth::Optional),
            _ => None,
        })?;
        let needs = |key: Key, needs: Key| ConfigError::Incomplete {
            origin: self.origin(key),
            key: key.name(),
            needs: needs.name(),
        };
        let client_ca = self.path(Key::HttpTlsClientCa);
        let files = match (self.path(Key::HttpTlsCertificate), self.path(Key::HttpTlsKeyFile)) {
            (Some(certificate), Some(key)) => {
                TlsFiles { certificate, key, clients: client_ca.map(|authorities| (authorities, auth)) }
            }
            (Some(_), None) => return Err(needs(Key::HttpTlsCertificate, Key::HttpTlsKeyFile)),
            (None, Some(_)) => return Err(needs(Key::HttpTlsKeyFile, Key::HttpTlsCertificate)),
            (None, None) if client_ca.is_some() => {
                return Err(needs(Key::HttpTlsClientCa, Key::HttpTlsCertificate));
            }
            (None, None) => return Ok(None),
        };
        let seconds = self.not_too_much(Key::HttpTlsReloadSeconds)?;
        Ok(Some(HttpTls { files, look_every: (seconds > 0).then(|| Duration::from_secs(seconds)) }))
    }

    /// How often may be asked; 0: as often as one likes. At once it is ten seconds' worth where nothing is said.
    fn rate(&self, per_second: Key, burst: Key) -> Result<Option<Rate>, ConfigError> {
        let expected = "from 0, which is no limit, to 1000000";
        let most =
            |key| Ok::<_, ConfigError>(u32::try_from(self.within(key, &(0..=1_000_000), expected)?).unwrap_or(0));
        let (per_second, burst) = (most(per_second)?, most(burst)?);
        let burst = if burst == 0 { per_second.saturating_mul(10) } else { burst };
        Ok((per_second > 0).then_some(Rate { per_second, burst }))
    }

    fn reach(&self) -> Result<Reach, ConfigError> {
        let expected = "an address that begins with https:// or http://, such as https://exchange.example/ledger";
        let public_url = self
            .text(Key::HttpPublicUrl)
            .map(|text| PublicUrl::parse(&text).ok_or_else(|| self.invalid(Key::HttpPublicUrl, expected, text)));
        Ok(Reach {
            trusted_proxies: self.each(
                Key::HttpTrustedProxies,
                "addresses or nets such as 10.0.0.0/8",
                read_proxies,
            )?,
            client_header: self.parsed(Key::HttpClientAddress, "x-forwarded-for or forwarded", |text| match text {
                "x-forwarded-for" => Some(ClientHeader::XForwardedFor),
                "forwarded" => Some(ClientHeader::Forwarded),
                _ => None,
            })?,
            public_url: public_url.transpose()?,
            cors_origins: self.each(
                Key::HttpCorsOrigins,
                "origins such as https://console.example: a scheme and a host, without a path",
                Origin::parse,
            )?,
        })
    }

    /// The values of a list, each read alone.
    fn each<T>(
        &self,
        key: Key,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, ConfigError> {
        let texts = self.texts(key).into_iter();
        texts.map(|text| read(&text).ok_or_else(|| self.invalid(key, expected, text))).collect()
    }
}
