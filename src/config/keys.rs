//! The settings there are: each key's name in the file, its kind, its default, and whether it is a secret.

use super::value::{Kind, Value};

/// Declares the keys once, in the order in which they are shown.
macro_rules! keys {
    ($($variant:ident = $name:literal, $kind:ident, $default:expr;)*) => {
        /// A setting.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Key { $($variant,)* }

        impl Key {
            /// All keys.
            pub(crate) const ALL: &'static [Key] = &[$(Key::$variant,)*];

            /// The name in the file, sections before a point.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Key::$variant => $name,)* }
            }

            /// What kind of value it has.
            pub(crate) fn kind(self) -> Kind {
                match self { $(Key::$variant => Kind::$kind,)* }
            }

            /// Its default as a variable would say it; empty means: not set.
            pub(crate) fn default_text(self) -> &'static str {
                match self { $(Key::$variant => $default,)* }
            }
        }
    };
}

keys! {
    Data = "data", Text, "";
    Listen = "listen", Text, "127.0.0.1:8080";
    ReadOnly = "read_only", Flag, "false";
    LinkBase = "link_base", Text, "";
    HttpPublicUrl = "http.public_url", Text, "";
    HttpTrustedProxies = "http.trusted_proxies", Texts, "127.0.0.0/8,::1";
    HttpCorsOrigins = "http.cors_origins", Texts, "";
    HttpProbesListen = "http.probes_listen", Text, "";
    HttpTlsCertificate = "http.tls.certificate", Text, "";
    HttpTlsKeyFile = "http.tls.key", Text, "";
    HttpTlsClientCa = "http.tls.client_ca", Text, "";
    HttpTlsClientAuth = "http.tls.client_auth", Text, "required";
    HttpTlsReloadSeconds = "http.tls.reload_seconds", Count, "60";
    HttpClientAddress = "http.client_address", Text, "x-forwarded-for";
    HttpRateCallerPerSecond = "http.rate.caller_per_second", Count, "0";
    HttpRateCallerBurst = "http.rate.caller_burst", Count, "0";
    HttpRateAddressPerSecond = "http.rate.address_per_second", Count, "0";
    HttpRateAddressBurst = "http.rate.address_burst", Count, "0";
    HttpConnectionsMax = "http.connections_max", Count, "1024";
    HttpConnectionsReserved = "http.connections_reserved", Count, "32";
    HttpConnectionsPerAddress = "http.connections_per_address", Count, "256";
    HttpLivePagesMax = "http.live_pages_max", Count, "512";
    HttpLiveFeedsMax = "http.live_feeds_max", Count, "64";
    HttpHeaderSeconds = "http.header_seconds", Count, "10";
    HttpIdleSeconds = "http.idle_seconds", Count, "60";
    HttpStallSeconds = "http.stall_seconds", Count, "60";
    KafkaBrokers = "kafka.brokers", Texts, "";
    KafkaTopics = "kafka.topics", Texts, "referral-events";
    KafkaMode = "kafka.mode", Text, "static";
    KafkaPartitions = "kafka.partitions", Texts, "";
    KafkaGroup = "kafka.group", Text, "tributary";
    KafkaSecurity = "kafka.security", Text, "plaintext";
    KafkaCaFile = "kafka.ca_file", Text, "";
    KafkaCertificateFile = "kafka.certificate_file", Text, "";
    KafkaKeyFile = "kafka.key_file", Text, "";
    KafkaKeyPassword = "kafka.key_password", Text, "";
    KafkaSaslMechanism = "kafka.sasl_mechanism", Text, "";
    KafkaSaslUsername = "kafka.sasl_username", Text, "";
    KafkaSaslPassword = "kafka.sasl_password", Text, "";
    KafkaSaslPasswordFile = "kafka.sasl_password_file", Text, "";
    KafkaOauthTokenFile = "kafka.oauth_token_file", Text, "";
    KafkaOauthTokenUrl = "kafka.oauth_token_url", Text, "";
    KafkaOauthClientId = "kafka.oauth_client_id", Text, "";
    KafkaOauthClientSecret = "kafka.oauth_client_secret", Text, "";
    KafkaOauthClientSecretFile = "kafka.oauth_client_secret_file", Text, "";
    KafkaOauthScope = "kafka.oauth_scope", Text, "";
    KafkaOauthCaFile = "kafka.oauth_ca_file", Text, "";
    KafkaSkipLost = "kafka.skip_lost", Flag, "false";
    KafkaProperties = "kafka.properties", Pairs, "";
    RoutePrefix = "route.prefix", Text, "referral";
    RouteId = "route.id", Text, "1";
    RouteGroup = "route.group", Text, "tributary-route";
    RouteListen = "route.listen", Text, "";
    ShardNumber = "shard.number", Count, "";
    ShardOf = "shard.of", Count, "";
    AuthHs256Secret = "auth.hs256_secret", Text, "";
    AuthHs256SecretFile = "auth.hs256_secret_file", Text, "";
    AuthJwksFile = "auth.jwks_file", Text, "";
    AuthJwksUrl = "auth.jwks_url", Text, "";
    AuthJwksSeconds = "auth.jwks_seconds", Count, "300";
    AuthJwksPauseSeconds = "auth.jwks_pause_seconds", Count, "10";
    AuthIssuer = "auth.issuer", Text, "";
    AuthAudience = "auth.audience", Texts, "";
    AuthClaimsRole = "auth.claims.role", Text, "role";
    AuthClaimsUid = "auth.claims.uid", Text, "sub";
    AuthClaimsDefaultRole = "auth.claims.default_role", Text, "";
    AuthClaimsRoles = "auth.claims.roles", Pairs, "";
    AuthOidcIssuer = "auth.oidc.issuer", Text, "";
    AuthOidcClientId = "auth.oidc.client_id", Text, "";
    AuthOidcClientSecret = "auth.oidc.client_secret", Text, "";
    AuthOidcClientSecretFile = "auth.oidc.client_secret_file", Text, "";
    AuthOidcScopes = "auth.oidc.scopes", Texts, "openid";
    AuthOidcName = "auth.oidc.name", Text, "your account";
    AuthOidcSessionSeconds = "auth.oidc.session_seconds", Count, "28800";
    AuditAddresses = "audit.addresses", Flag, "true";
    CheckpointSeconds = "checkpoint.seconds", Count, "60";
    CheckpointEvents = "checkpoint.events", Count, "5000000";
    CheckpointKeep = "checkpoint.keep", Count, "16";
    BackupTo = "backup.to", Text, "";
    BackupIntervalSeconds = "backup.interval_seconds", Count, "60";
    BackupS3Endpoint = "backup.s3_endpoint", Text, "";
    BackupS3Region = "backup.s3_region", Text, "";
    BackupS3AccessKeyId = "backup.s3_access_key_id", Text, "";
    BackupS3Secret = "backup.s3_secret_access_key", Text, "";
    BackupS3SecretFile = "backup.s3_secret_access_key_file", Text, "";
    ReplicationFollow = "replication.follow", Text, "";
    ReplicationElectTopic = "replication.elect_topic", Text, "";
    ReplicationUrl = "replication.url", Text, "";
    ReplicationSessionSeconds = "replication.session_seconds", Count, "10";
    ReplicationName = "replication.name", Text, "standby";
    ReplicationTokenFile = "replication.token_file", Text, "";
    ReplicationCaFile = "replication.ca_file", Text, "";
    ReplicationCertificateFile = "replication.certificate_file", Text, "";
    ReplicationKeyFile = "replication.key_file", Text, "";
    ReplicationAcks = "replication.acks", Count, "0";
    ReplicationWithoutStandby = "replication.without_standby", Text, "wait";
    CassandraHosts = "cassandra.hosts", Texts, "";
    CassandraKeyspace = "cassandra.keyspace", Text, "tributary";
    CassandraDatacenter = "cassandra.datacenter", Text, "";
    CassandraUser = "cassandra.user", Text, "";
    CassandraPassword = "cassandra.password", Text, "";
    CassandraPasswordFile = "cassandra.password_file", Text, "";
    CassandraTls = "cassandra.tls", Flag, "false";
    CassandraCaFile = "cassandra.ca_file", Text, "";
    CassandraCertificateFile = "cassandra.certificate_file", Text, "";
    CassandraKeyFile = "cassandra.key_file", Text, "";
    CassandraReplicationFactor = "cassandra.replication_factor", Count, "3";
    PublishIntervalMillis = "publish.interval_ms", Count, "1000";
    PublishAddress = "publish.address", Text, "";
    IndexRunEvents = "index.run_events", Count, "4000000";
    AsOfStates = "as_of.states", Count, "2";
    LimitsChannelBytes = "limits.channel_bytes", Count, "67108864";
    LimitsBatchEvents = "limits.batch_events", Count, "10000";
    LimitsBatchBytes = "limits.batch_bytes", Count, "8388608";
    LimitsDecoders = "limits.decoders", Count, "0";
    LimitsStopSeconds = "limits.stop_seconds", Count, "30";
    LogLevel = "log.level", Text, "info";
    LogFormat = "log.format", Text, "text";
    TracesEndpoint = "traces.endpoint", Text, "";
    TracesCaFile = "traces.ca_file", Text, "";
    TracesOneIn = "traces.one_in", Count, "1";
    TracesQueueSpans = "traces.queue_spans", Count, "2048";
    TracesServiceName = "traces.service_name", Text, "tributary";
}

impl Key {
    /// The key of a name.
    pub(crate) fn from_name(name: &str) -> Option<Key> {
        Key::ALL.iter().copied().find(|key| key.name() == name)
    }

    /// The variable that sets it.
    pub(crate) fn variable(self) -> String {
        format!("TRIBUTARY_{}", self.name().replace('.', "_").to_ascii_uppercase())
    }

    /// Whether its value must not be shown.
    pub(crate) fn is_secret(self) -> bool {
        matches!(
            self,
            Key::AuthHs256Secret
                | Key::AuthOidcClientSecret
                | Key::KafkaSaslPassword
                | Key::KafkaKeyPassword
                | Key::KafkaOauthClientSecret
                | Key::BackupS3Secret
                | Key::CassandraPassword
        )
    }

    /// Its default; `None`: not set unless somebody sets it.
    pub(crate) fn default_value(self) -> Option<Value> {
        Some(self.default_text()).filter(|text| !text.is_empty()).and_then(|text| self.kind().read_text(text))
    }

    /// The names of the keys that stand beside `name`, for the message about a name that is none.
    pub(crate) fn known_beside(name: &str) -> String {
        let section = name.rsplit_once('.').map_or("", |(section, _)| section);
        let of_section = |known: &&str| known.rsplit_once('.').map_or("", |(section, _)| section) == section;
        let names = || Key::ALL.iter().map(|key| key.name());
        let beside: Vec<&str> = names().filter(of_section).collect();
        if beside.is_empty() || section.is_empty() { names().collect::<Vec<_>>().join(", ") } else { beside.join(", ") }
    }
}

/// Whether a property of Kafka's client holds a secret, by its name.
pub(crate) fn is_secret_property(name: &str) -> bool {
    let marks = ["password", "secret", "pem", "jaas", "token", "oauthbearer.config", "private"];
    marks.iter().any(|mark| name.to_ascii_lowercase().contains(mark))
}
