//! The one trait that the backend knows of a channel. Money rules rest on the three kinds of
//! [`Answer`]: what is done is verified, what is rejected had no effect, and everything else is
//! unknown and is asked again with the same number, never with a new one (rule 6.11).

use crate::callback::{CallbackReply, Notice};
use crate::error::{CallbackError, ConfigError, Why};
use crate::evidence::{Evidence, EvidenceRecord, RefundEvidence};
use crate::headers::Headers;
use domain::Money;
use domain::channel::Channel;
use jiff::civil::Date;
use serde::Serialize;

/// What a channel answered.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Answer<T> {
    /// Verified.
    Done(T),
    /// This request was refused and had no effect; it says nothing of earlier ones with the same
    /// number (`OUT_TRADE_NO_USED`: query). `code` is the channel's, or one of ours for an order that was never
    /// sent; branch on it, never on `message`.
    Rejected {
        /// The channel's code.
        code: String,
        /// The channel's text, for logs.
        message: String,
    },
    /// May have taken effect: repeat with the same number, or query.
    Unknown {
        /// What is known about it.
        why: Why,
    },
}

impl<T> Answer<T> {
    pub(crate) fn rejected(code: &str, message: &str) -> Answer<T> {
        Answer::Rejected {
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }

    /// For a number that one of the channels would refuse, or that could leave a URL's path.
    pub(crate) fn bad_number() -> Answer<T> {
        Answer::rejected("NUMBER", "a number must be 6 to 32 of 0-9, A-Z, a-z and _")
    }

    pub(crate) fn of(heard: Result<Answer<T>, Why>) -> Answer<T> {
        heard.unwrap_or_else(|why| Answer::Unknown { why })
    }
}

impl<T> From<Why> for Answer<T> {
    fn from(why: Why) -> Answer<T> {
        Answer::Unknown { why }
    }
}

/// Where and how the payer pays. A product of another channel is rejected as `PRODUCT`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Product {
    /// WeChat's own browser or a mini program; the payer is named by openid of the same app.
    WechatJsapi {
        /// From [`Gateway::openid`].
        openid: String,
    },
    /// A code for WeChat's camera; not a link.
    WechatNative,
    /// A phone's browser outside WeChat.
    WechatH5 {
        /// The phone's address, as the backend's page saw it.
        client_ip: String,
    },
    /// Alipay in a phone's browser, or inside Alipay.
    AlipayWap {
        /// Where the wallet sends the payer afterwards; proves nothing.
        return_url: String,
    },
    /// Alipay in a computer's browser.
    AlipayPage {
        /// Where Alipay sends the payer afterwards; proves nothing.
        return_url: String,
    },
    /// A code for Alipay's camera. Keep it: a second order of the same number is rejected as
    /// `ACQ.APPLY_PC_MERCHANT_CODE_ERROR`, also when the first answer was lost.
    AlipayPrecreate,
}

/// An order to be placed with a channel. Repeating it with the same number must repeat every field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateOrder {
    /// Our number of the attempt: 6 to 32 of `[0-9A-Za-z_]`, computed (rule 6.10).
    pub out_trade_no: String,
    /// What is to be paid, above zero.
    pub amount: Money,
    /// What the wallet shows, at most 127 characters.
    pub description: String,
    /// When the order ends, milliseconds since 1970; cut to the second.
    pub time_expire_ms: i64,
    /// Where the channel calls back: public https, no query string.
    pub notify_url: String,
    /// Where and how the payer pays.
    pub product: Product,
}

/// What the payer's phone or the terminal needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// For `WeixinJSBridge`.
    Jsapi {
        /// WeChat's number of the prepared order, 2 h.
        prepay_id: String,
        /// The signed parameters of the bridge.
        pay_params: PayParams,
    },
    /// A URL to send the phone to, as it stands.
    Redirect {
        /// The URL.
        url: String,
    },
    /// A text to show as a QR code, 2 h.
    Qr {
        /// The text.
        code: String,
    },
}

/// What `WeixinJSBridge.invoke("getBrandWCPayRequest", …)` takes, named as it wants them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PayParams {
    /// The app.
    pub app_id: String,
    /// Seconds since 1970.
    pub time_stamp: String,
    /// One time text.
    pub nonce_str: String,
    /// `prepay_id=…`
    pub package: String,
    /// `RSA`; not part of what is signed.
    pub sign_type: &'static str,
    /// The signature.
    pub pay_sign: String,
}

/// What a query says of a trade.
#[derive(Debug, PartialEq, Eq)]
pub enum TradeState {
    /// Paid.
    Success(Evidence),
    /// Paid, and partly or wholly refunded since: still proof that it was paid.
    Refunded(Evidence),
    /// Not paid yet. Never a failure: close first, then conclude.
    NotPaid,
    /// The payer is typing a password.
    Paying,
    /// Closed without money.
    Closed,
    /// The channel knows no such trade. The one answer that may be unsigned; it ends an attempt only
    /// by rule 6.9 (two minutes past its end, asked twice), because an Alipay code that nobody has
    /// scanned is payable and yet "no trade".
    NoSuchTrade {
        /// Whether the channel signed it.
        signed: bool,
    },
}

/// What a close led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Closed; no money can come any more.
    Closed,
    /// The channel knows no such trade; as in [`TradeState::NoSuchTrade`].
    NoSuchTrade {
        /// Whether the channel signed it.
        signed: bool,
    },
    /// The trade's state does not allow it (paid, most likely): a query decides.
    QueryDecides,
}

/// A refund to the source of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundOrder {
    /// The attempt whose money goes back.
    pub out_trade_no: String,
    /// Our number of the refund: 6 to 32 of `[0-9A-Za-z_]`, fixed before the call, kept on retries.
    pub out_refund_no: String,
    /// What goes back, above zero.
    pub refund: Money,
    /// What was paid in all.
    pub total: Money,
    /// Why, as the payer reads it.
    pub reason: String,
    /// Where the channel calls back.
    pub notify_url: String,
}

/// Where a refund stands.
#[derive(Debug, PartialEq, Eq)]
pub enum RefundState {
    /// Accepted; not there yet.
    Processing,
    /// Ended; [`RefundEvidence::end`] says how.
    Ended(RefundEvidence),
    /// The channel knows no such refund: repeat it with the same number.
    NoSuchRefund {
        /// Whether the channel signed it.
        signed: bool,
    },
}

/// A day's bill, as fetched: [`read_bill`](crate::bill::read_bill) reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BillFile {
    /// The channel has none for that day, because nothing was paid.
    NoTrades,
    /// The file.
    File {
        /// What to call it in errors.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// One merchant account at one channel.
#[async_trait::async_trait]
pub trait Gateway: Send + Sync {
    /// Which channel.
    fn channel(&self) -> Channel;

    /// The merchant account: WeChat Pay's mchid, Alipay's seller id.
    fn merchant_no(&self) -> &str;

    /// The app that orders are placed with.
    fn app_id(&self) -> &str;

    /// Places an order. `Rejected` may be unsigned here, because a refusal to place moves no money.
    async fn create(&self, order: &CreateOrder) -> Answer<Created>;

    /// Asks where a trade stands.
    async fn query(&self, out_trade_no: &str) -> Answer<TradeState>;

    /// Closes an unpaid trade; may be repeated. Never refunds.
    async fn close(&self, out_trade_no: &str) -> Answer<Closed>;

    /// Sends money back to where it came from; repeat with the same number until it is not unknown.
    async fn refund(&self, refund: &RefundOrder) -> Answer<RefundState>;

    /// Asks where a refund stands.
    async fn refund_query(&self, out_trade_no: &str, out_refund_no: &str) -> Answer<RefundState>;

    /// Fetches the trade bill of a day in Beijing; channels have it from about 10:00 of the next.
    /// Unknown with [`Why::NotYet`] while it is being made: ask again half an hour later.
    async fn bill(&self, day: Date) -> Answer<BillFile>;

    /// Fetches the fund-flow bill of a day, for channels that have one, as [`bill`](Gateway::bill)
    /// does; [`read_flows`](crate::bill::read_flows) reads it.
    async fn flows(&self, day: Date) -> Answer<BillFile> {
        let _ = day;
        Answer::rejected("PRODUCT", "this channel has no fund-flow bill")
    }

    /// Verifies a callback from its raw bytes, as it comes.
    fn read_callback(&self, headers: &Headers, body: &[u8]) -> Result<Notice, CallbackError>;

    /// Verifies a callback that was stored, as at the time it came.
    fn read_stored_callback(
        &self,
        headers: &Headers,
        body: &[u8],
        received_at_ms: i64,
    ) -> Result<Notice, CallbackError>;

    /// What to answer a callback: `accepted` once its bytes are stored and committed.
    fn callback_reply(&self, accepted: bool) -> CallbackReply;

    /// Makes evidence of a stored record again: verifies the bytes in it as at their time, reads the
    /// facts anew and compares them with the stated ones.
    fn reverify(&self, record: &EvidenceRecord) -> Result<Evidence, CallbackError>;

    /// Where the payer's phone goes to be known before [`create`](Gateway::create), for channels
    /// that need it. `state` comes back unchanged: at most 128 of `[0-9A-Za-z]`.
    fn authorise_url(&self, redirect_uri: &str, state: &str) -> Option<String> {
        let _ = (redirect_uri, state);
        None
    }

    /// Exchanges the code that the authorise page handed out (once, 5 minutes) for the payer's
    /// openid. Not signed by the channel; it moves no money.
    async fn openid(&self, code: &str) -> Answer<String> {
        let _ = code;
        Answer::rejected("PRODUCT", "this channel needs no openid")
    }

    /// Whether what was entered may be bound now. An account that serves already is not asked: late
    /// money must find it.
    ///
    /// # Errors
    /// [`ConfigError::Field`] names what is not valid at this time.
    fn bindable(&self) -> Result<(), ConfigError> {
        Ok(())
    }

    /// Whether a message came that is signed with a key which isn't held: time for
    /// [`Gateway::refresh_keys`].
    fn misses_key(&self) -> bool {
        false
    }

    /// Fetches the keys that the channel signs with now and takes them in beside those that are
    /// held; answers how many the channel named. `Rejected` where it publishes none.
    async fn refresh_keys(&self) -> Answer<usize> {
        Answer::rejected("PRODUCT", "this channel publishes no keys")
    }
}
