//! Who pays, inside WeChat: the openid that the authorise page led to, kept in a cookie that the
//! backend signs. Nothing is stored here, so any instance can serve the next request; the cookie
//! names a payer to their own phone and proves nothing about money.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use domain::time::HOUR_MS;
use wire::{Keypair, Signature};

/// The cookie's name.
pub(super) const COOKIE: &str = "fieldtill_payer";
/// As long as WeChat keeps a prepared order.
const LIFE_MS: i64 = 2 * HOUR_MS;

fn signed_text(app_id: &str, openid: &str, until: i64) -> Vec<u8> {
    format!("fieldtill payer\n{app_id}\n{openid}\n{until}").into_bytes()
}

/// The cookie that names this payer.
pub(super) fn set(
    key: &Keypair,
    app_id: &str,
    openid: &str,
    now: Timestamp,
    secure: bool,
) -> String {
    let until = now.plus_ms(LIFE_MS).0;
    let signature = key.sign(&signed_text(app_id, openid, until));
    let name = URL_SAFE_NO_PAD.encode(openid);
    let seconds = LIFE_MS / 1_000;
    let secure = if secure { "; Secure" } else { "" };
    format!(
        "{COOKIE}={name}.{until}.{signature}; Path=/p; Max-Age={seconds}; HttpOnly; \
         SameSite=Lax{secure}"
    )
}

/// The payer that the request's cookies name.
pub(super) fn read(
    key: &Keypair,
    app_id: &str,
    cookies: &[&str],
    now: Timestamp,
) -> Option<String> {
    let value = cookies
        .iter()
        .flat_map(|header| header.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    let mut parts = value.split('.');
    let (name, until, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let openid = String::from_utf8(URL_SAFE_NO_PAD.decode(name).ok()?).ok()?;
    let until: i64 = until.parse().ok()?;
    let signature: Signature = signature.parse().ok()?;
    key.public()
        .verify(&signed_text(app_id, &openid, until), &signature)
        .ok()?;
    (now.0 < until && parts.next().is_none()).then_some(openid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payer_is_named_by_us_only_and_for_one_app() {
        let key = Keypair::from_seed([9; 32]);
        let cookie = set(&key, "wx1", "o-abc", Timestamp(5), false);
        let value = cookie.split(';').next().unwrap();
        let both = format!("other=1; {value}");
        let read_at = |app: &str, text: &str, at| read(&key, app, &[text], Timestamp(at));
        assert_eq!(read_at("wx1", &both, 6).as_deref(), Some("o-abc"));
        assert_eq!(read_at("wx2", &both, 6), None);
        assert_eq!(read_at("wx1", &both, LIFE_MS + 6), None);
        let other = Keypair::from_seed([8; 32]);
        assert_eq!(read(&other, "wx1", &[&both], Timestamp(6)), None);
        for index in COOKIE.len() + 1..value.len() {
            let mut bytes = value.as_bytes().to_vec();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(read_at("wx1", &changed, 6), None, "{changed}");
        }
    }
}
