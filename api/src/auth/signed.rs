//! Whether a token's signature holds, and with which keys it is held against.

use jsonwebtoken::{Algorithm, DecodingKey};

use super::claims::{Claims, JoseHeader};
use super::jwks::PublicKey;

/// A key, and the one algorithm that it is used with.
pub(super) type KeyOf<'k> = (&'k DecodingKey, Algorithm);

/// The public keys that a token may be signed with: those of its algorithm, and of its kid if it names one.
pub(super) fn keys_of<'k>(jose: &JoseHeader, keys: impl IntoIterator<Item = &'k PublicKey>) -> Vec<KeyOf<'k>> {
    let of_alg = keys.into_iter().filter(|key| key.alg == jose.alg);
    let of_kid = of_alg.filter(|key| jose.kid.is_none() || jose.kid == key.kid);
    of_kid.map(|key| (&key.key, key.algorithm())).collect()
}

/// The claims of a token that one of these keys signed.
pub(super) fn claims(token: &str, keys: &[KeyOf<'_>]) -> Result<Claims, &'static str> {
    let (message, signature) = token.rsplit_once('.').ok_or("it has not three parts")?;
    let holds = |(key, algorithm): &KeyOf<'_>| {
        // What is no base64url does not hold either.
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, *algorithm).unwrap_or(false)
    };
    if !keys.iter().any(holds) {
        return Err("its signature does not hold");
    }
    Claims::of(message).ok_or("its claims are no JSON object")
}
