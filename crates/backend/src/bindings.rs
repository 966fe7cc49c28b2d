//! What an administrator does to the corporate wallet, step by step: details and keys, a live
//! self-test, use. The steps need the network by their nature; each is on record with who did it.

use crate::host::{Host, HostError};
use crate::store::{Act, SavedBinding, StoreError};
use crate::wallet::client;
use domain::channel::Channel;
use domain::code::Code;
use domain::id::{TerminalId, WalletBindingId, crockford};
use domain::time::MINUTE_MS;
use domain::{Money, Timestamp};
use gateways::{Answer, ConfigError, CreateOrder, Gateway, Product};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use wire::protocol::Refused;
use wire::sealed::{Half, Sealed};
use wire::wallet::{Binding, WalletAsk, WalletReply, WalletRequest, seal_context};

/// How long a key exchange that was begun waits for its message.
const EXCHANGE_MS: i64 = 10 * MINUTE_MS;
/// More at once than administrators could begin.
const MOST_EXCHANGES: usize = 64;
/// What a self-test asks for: one fen, for two minutes; nobody is ever shown it.
const TEST_LIFE_MS: i64 = 2 * MINUTE_MS;

/// Key exchanges that were begun, each for one message of one terminal.
#[derive(Debug, Default)]
pub(crate) struct Exchanges(Mutex<HashMap<String, (Half, TerminalId, Timestamp)>>);

impl Exchanges {
    fn begin(&self, name: String, half: Half, terminal: TerminalId, now: Timestamp) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, (_, _, at)| now.since_ms(*at) < EXCHANGE_MS);
        if held.len() < MOST_EXCHANGES {
            held.insert(name, (half, terminal, now));
        }
    }

    /// Takes it: another message needs another exchange.
    fn take(&self, name: &str, terminal: TerminalId, now: Timestamp) -> Option<Half> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (half, whose, at) = held.remove(name)?;
        (whose == terminal && now.since_ms(at) < EXCHANGE_MS).then_some(half)
    }
}

fn refused(reason: Code) -> HostError {
    StoreError::from(Refused::Rule { reason }).into()
}

fn unusable(error: &ConfigError) -> HostError {
    let field = match error {
        ConfigError::Field { field, .. }
        | ConfigError::PrivateKey { field }
        | ConfigError::PublicKey { field } => (*field).to_owned(),
        ConfigError::NoVerificationKey => "platform_keys".to_owned(),
        ConfigError::HttpClient(_) => return refused(Code::Unreachable),
    };
    refused(Code::BadField { field })
}

impl Host {
    /// Answers what an administrator's terminal asks about the wallet.
    ///
    /// # Errors
    /// A refusal with its reason, or the store's.
    pub(crate) async fn wallet(
        self: &Arc<Host>,
        terminal: TerminalId,
        request: WalletRequest,
    ) -> Result<WalletReply, HostError> {
        let act = Act {
            staff: request.staff,
            terminal,
        };
        // Whoever may not look may do nothing else either.
        self.read(move |store, cx| store.wallet(cx, act)).await?;
        let binding = match request.ask {
            WalletAsk::View => None,
            WalletAsk::Exchange => return self.begin_exchange(terminal),
            WalletAsk::Save { exchange, sealed } => {
                Some(self.save_binding(act, &exchange, &sealed).await?)
            }
            WalletAsk::Test { binding } => {
                self.test_binding(act, binding).await?;
                Some(binding)
            }
            WalletAsk::Activate { binding, replaces } => {
                let held = self
                    .act(move |store, cx| {
                        store.activate_binding(cx, act, binding, replaces.as_deref())
                    })
                    .await?;
                let gateway = self.client_of(&held)?;
                self.put_gateway(gateway, &held.details.holder, true);
                Some(binding)
            }
            WalletAsk::MiniProgram { details } => {
                let details = details.checked().map_err(refused)?;
                self.act(move |store, cx| store.bind_mini_program(cx, act, details))
                    .await?;
                None
            }
        };
        let wallet = self.read(move |store, cx| store.wallet(cx, act)).await?;
        Ok(WalletReply::Wallet { wallet, binding })
    }

    fn begin_exchange(&self, terminal: TerminalId) -> Result<WalletReply, HostError> {
        let half = Half::generate().map_err(|error| StoreError::Rule(error.to_string()))?;
        let key = half.public();
        let name = crockford(u128::from(self.central().env().number()), 13);
        self.exchanges
            .begin(name.clone(), half, terminal, self.now());
        Ok(WalletReply::Exchange {
            exchange: name,
            key,
        })
    }

    async fn save_binding(
        self: &Arc<Host>,
        act: Act,
        exchange: &str,
        sealed: &Sealed,
    ) -> Result<WalletBindingId, HostError> {
        let half = self.exchanges.take(exchange, act.terminal, self.now());
        let half = half.ok_or_else(|| refused(Code::SealExpired))?;
        let plain = half
            .open(&seal_context(act.terminal, exchange), sealed)
            .map_err(|_| refused(Code::Damaged))?;
        let field = || Code::BadField {
            field: "credentials".to_owned(),
        };
        let binding: Binding = serde_json::from_slice(&plain).map_err(|_| refused(field()))?;
        let details = binding.details.checked().map_err(refused)?;
        if binding.credentials.channel() != details.channel {
            return Err(refused(field()));
        }
        let binding = Binding {
            details: details.clone(),
            credentials: binding.credentials,
        };
        let central = self.central();
        let secret = self.vault().seal(
            central.env(),
            central.company_id(),
            &details,
            &binding.credentials,
        )?;
        // Only what a client can be made of is kept.
        client(self.hosts(), binding, central.shared_env())
            .and_then(|gateway| gateway.bindable())
            .map_err(|error| unusable(&error))?;
        self.act(move |store, cx| store.save_binding(cx, act, &details, &secret))
            .await
    }

    async fn test_binding(
        self: &Arc<Host>,
        act: Act,
        binding: WalletBindingId,
    ) -> Result<(), HostError> {
        let held = self
            .read(move |store, cx| store.saved_binding(cx, binding))
            .await?;
        let gateway = self.client_of(&held)?;
        let outcome = self.self_test(&*gateway).await;
        self.act(move |store, cx| store.binding_tested(cx, act, binding, outcome))
            .await
    }

    /// An order of one fen that nobody is shown, placed and closed: the channel knows the account
    /// and the app, takes our signature, and what it answers verifies.
    async fn self_test(&self, gateway: &dyn Gateway) -> Result<(), Code> {
        let product = match gateway.channel() {
            Channel::WechatPay => Product::WechatNative,
            Channel::Alipay => Product::AlipayPrecreate,
        };
        let channel = crate::bills::channel_name(gateway.channel());
        let number = crockford(u128::from(self.central().env().number()), 13);
        let order = CreateOrder {
            out_trade_no: format!("FTTEST{number}"),
            amount: Money::from_fen(1),
            description: "Fieldtill self-test".to_owned(),
            time_expire_ms: self.now().plus_ms(TEST_LIFE_MS).0,
            notify_url: format!("{}/callbacks/{channel}", self.settings().public_url),
            product,
        };
        answered(gateway.create(&order).await)?;
        answered(gateway.close(&order.out_trade_no).await)?;
        Ok(())
    }

    /// The client of a saved binding.
    fn client_of(&self, held: &SavedBinding) -> Result<Arc<dyn Gateway>, HostError> {
        let central = self.central();
        let credentials = self
            .vault()
            .open(central.company_id(), &held.details, &held.secret)?;
        let binding = Binding {
            details: held.details.clone(),
            credentials,
        };
        client(self.hosts(), binding, central.shared_env()).map_err(|error| unusable(&error))
    }

    /// Takes up every account that was bound in the console; at the program's start. One whose keys
    /// don't open stays out, and the log says which: the others still serve.
    ///
    /// # Errors
    /// The store's.
    pub async fn open_bindings(self: &Arc<Host>) -> Result<(), HostError> {
        let all = self.read(|store, cx| store.serving_bindings(cx)).await?;
        for held in all {
            let active = held.status == domain::wallet::BindingStatus::Active;
            match self.client_of(&held) {
                Ok(gateway) => self.put_gateway(gateway, &held.details.holder, active),
                Err(error) => tracing::error!(
                    merchant_no = %held.details.merchant_no, %error,
                    "the keys of a wallet binding can't be used; bind it again in the console"
                ),
            }
        }
        Ok(())
    }
}

fn answered<T>(answer: Answer<T>) -> Result<(), Code> {
    match answer {
        Answer::Done(_) => Ok(()),
        Answer::Rejected { code, .. } => Err(Code::ChannelRefused { reason: code }),
        Answer::Unknown { why } => Err(Code::ChannelSilent {
            reason: why.to_string(),
        }),
    }
}
