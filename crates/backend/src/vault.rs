//! Where merchant keys rest: sealed in the database under a key that stands in a file of its own
//! beside it, which only the backend's account may read. A copy of the database alone opens nothing;
//! a backup needs both.

use crate::store::StoreError;
use domain::id::CompanyId;
use domain::wallet::BindingDetails;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use wire::Env;
use wire::wallet::Credentials;

/// The vault's key.
pub struct Vault {
    key: [u8; 32],
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// The vault of this key.
    pub fn new(key: [u8; 32]) -> Vault {
        Vault { key }
    }

    /// Seals credentials for this account of this company, under a fresh nonce.
    ///
    /// # Errors
    /// [`StoreError::Rule`], which only a defect can cause.
    pub fn seal(
        &self,
        env: &dyn Env,
        company: CompanyId,
        details: &BindingDetails,
        credentials: &Credentials,
    ) -> Result<Vec<u8>, StoreError> {
        let defect = |what: &str| StoreError::Rule(format!("the vault can't seal: {what}"));
        let mut nonce = [0; NONCE_LEN];
        env.random(&mut nonce);
        let mut text = serde_json::to_vec(credentials).map_err(|e| defect(&e.to_string()))?;
        self.aes()
            .ok_or_else(|| defect("its key"))?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(label(company, details)),
                &mut text,
            )
            .map_err(|_| defect("too long"))?;
        Ok([nonce.as_slice(), &text].concat())
    }

    /// Opens what was sealed for this account.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`]: changed, moved to another account, or sealed by another vault.
    pub fn open(
        &self,
        company: CompanyId,
        details: &BindingDetails,
        sealed: &[u8],
    ) -> Result<Credentials, StoreError> {
        let corrupt = || StoreError::Corrupt {
            what: "merchant keys",
            reason: "they don't open with the vault key beside the database".to_owned(),
        };
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or_else(corrupt)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| corrupt())?;
        let mut text = text.to_vec();
        let plain = self
            .aes()
            .ok_or_else(corrupt)?
            .open_in_place(nonce, Aad::from(label(company, details)), &mut text)
            .map_err(|_| corrupt())?;
        serde_json::from_slice(plain).map_err(|_| corrupt())
    }

    fn aes(&self) -> Option<LessSafeKey> {
        let key = UnboundKey::new(&AES_256_GCM, &self.key).ok()?;
        Some(LessSafeKey::new(key))
    }
}

fn label(company: CompanyId, details: &BindingDetails) -> Vec<u8> {
    let BindingDetails {
        channel,
        merchant_no,
        app_id,
        ..
    } = details;
    format!("{company}|{channel:?}|{merchant_no}|{app_id}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::channel::Channel;
    use wire::SystemEnv;
    use wire::wallet::AlipayTrust;

    fn details(merchant_no: &str) -> BindingDetails {
        BindingDetails {
            channel: Channel::Alipay,
            merchant_no: merchant_no.into(),
            app_id: "2021".into(),
            holder: "x".into(),
            credit_code: String::new(),
        }
    }

    #[test]
    fn what_is_sealed_opens_for_its_own_account_alone() {
        let (env, company) = (SystemEnv::new(), CompanyId(uuid::Uuid::from_u128(1)));
        let keys = Credentials::Alipay {
            app_private_key_pem: "-----BEGIN".into(),
            trust: AlipayTrust::PublicKey {
                alipay_public_key_pem: "-----BEGIN".into(),
            },
        };
        let vault = Vault::new([1; 32]);
        let sealed = vault.seal(&env, company, &details("2088"), &keys).unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"BEGIN"));
        let opened = vault.open(company, &details("2088"), &sealed).unwrap();
        assert_eq!(opened, keys);
        assert!(vault.open(company, &details("2089"), &sealed).is_err());
        let other = CompanyId(uuid::Uuid::from_u128(2));
        assert!(vault.open(other, &details("2088"), &sealed).is_err());
        let others = Vault::new([2; 32]);
        assert!(others.open(company, &details("2088"), &sealed).is_err());
        assert!(vault.open(company, &details("2088"), &sealed[..9]).is_err());
    }
}
