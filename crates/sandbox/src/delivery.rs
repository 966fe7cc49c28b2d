//! Callbacks: sent at once, and again on the channel's schedule until the merchant accepts.
//!
//! A notification keeps its id over all attempts, but each attempt is signed anew, because the
//! timestamp is part of what WeChat Pay signs. Waits run on real time (divided for tests), apart
//! from the sandbox's clock, which tests move at will.

use crate::faults::take;
use crate::state::{App, Channel};
use crate::{alipay, wechat_pay};
use reqwest::header::HeaderMap;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// One notification to a merchant.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) out_trade_no: String,
    /// Constant over retries; the merchant's key against repeats.
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) content: Content,
}

/// What a notification says, before it is signed.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    WechatPay(wechat_pay::notify::Event),
    Alipay(alipay::notify::Form),
}

/// A signed notification, ready to post.
pub(crate) struct Envelope {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// Which broken signature an attempt carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoil {
    No,
    BadSignature,
    Signtest,
}

/// One attempt to deliver a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The channel it comes from.
    pub channel: Channel,
    /// The order it is about.
    pub out_trade_no: String,
    /// WeChat Pay's `id`, Alipay's `notify_id`.
    pub notification_id: String,
    /// From 1.
    pub attempt: u32,
    /// `accepted`, `refused 500`, `no answer`, `dropped`.
    pub outcome: String,
}

/// Seconds between attempts, as each channel publishes them.
const WECHAT_PAY_WAITS_S: [u64; 15] = [
    15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600,
];
const ALIPAY_WAITS_S: [u64; 7] = [240, 600, 600, 3600, 7200, 21_600, 54_000];

impl Notice {
    fn channel(&self) -> Channel {
        match self.content {
            Content::WechatPay(_) => Channel::WechatPay,
            Content::Alipay(_) => Channel::Alipay,
        }
    }

    fn waits(&self) -> &'static [u64] {
        match self.channel() {
            Channel::WechatPay => &WECHAT_PAY_WAITS_S,
            Channel::Alipay => &ALIPAY_WAITS_S,
        }
    }
}

/// Starts a notification's journey; returns at once.
pub(crate) fn dispatch(app: &Arc<App>, notice: Notice) {
    let mut state = app.lock();
    if take(&mut state.faults.drop_callback) {
        state.count("fault.drop_callback");
        record(&mut state, &notice, 0, "dropped");
        return;
    }
    if take(&mut state.faults.reorder) {
        state.count("fault.reorder");
        state.held.push(notice);
        return;
    }
    let delay = if take(&mut state.faults.delay) {
        state.count("fault.delay");
        Duration::from_millis(state.faults.delay_ms)
    } else {
        Duration::ZERO
    };
    let mut queue = vec![notice.clone()];
    if take(&mut state.faults.repeat) {
        state.count("fault.repeat");
        queue.push(notice);
    }
    // What was held back follows behind the later one.
    queue.append(&mut state.held);
    drop(state);
    let app = Arc::clone(app);
    tokio::spawn(async move {
        if wait(&app, delay).await {
            for notice in queue {
                deliver(&app, notice).await;
            }
        }
    });
}

/// The first attempt inline, so that an order of notifications holds; retries on their own.
async fn deliver(app: &Arc<App>, notice: Notice) {
    if attempt(app, &notice, 1).await {
        return;
    }
    let app = Arc::clone(app);
    tokio::spawn(async move {
        for (number, seconds) in (2_u32..).zip(notice.waits()) {
            let pause = Duration::from_secs(*seconds) / app.retry_divisor;
            if !wait(&app, pause).await || attempt(&app, &notice, number).await {
                return;
            }
        }
        tracing::warn!(
            out_trade_no = notice.out_trade_no,
            "gave up notifying the merchant"
        );
    });
}

/// Waits; false when the sandbox ends meanwhile.
async fn wait(app: &App, pause: Duration) -> bool {
    let mut shutdown = app.shutdown.clone();
    tokio::select! {
        () = tokio::time::sleep(pause) => true,
        _ = shutdown.wait_for(|stop| *stop) => false,
    }
}

async fn attempt(app: &App, notice: &Notice, number: u32) -> bool {
    let spoil = {
        let mut state = app.lock();
        if take(&mut state.faults.bad_signature_callback) {
            state.count("fault.bad_signature_callback");
            Spoil::BadSignature
        } else if take(&mut state.faults.signtest_callback) {
            state.count("fault.signtest_callback");
            Spoil::Signtest
        } else {
            Spoil::No
        }
    };
    let envelope = match &notice.content {
        Content::WechatPay(event) => wechat_pay::notify::envelope(app, &notice.id, event, spoil),
        Content::Alipay(form) => alipay::notify::envelope(app, &notice.id, form, spoil),
    };
    let outcome = match envelope {
        Ok(envelope) => post(app, notice, envelope).await,
        Err(error) => format!("not signed: {error}"),
    };
    let accepted = outcome == "accepted";
    let mut state = app.lock();
    state.count("callback.sent");
    if accepted {
        state.count("callback.accepted");
    }
    tracing::info!(
        channel = notice.channel().name(),
        out_trade_no = notice.out_trade_no,
        attempt = number,
        outcome,
        "callback"
    );
    record(&mut state, notice, number, &outcome);
    accepted
}

async fn post(app: &App, notice: &Notice, envelope: Envelope) -> String {
    let sent = app
        .courier
        .post(&notice.url)
        .headers(envelope.headers)
        .body(envelope.body)
        .send()
        .await;
    let Ok(answer) = sent else {
        return "no answer".to_owned();
    };
    let status = answer.status().as_u16();
    let accepted = match notice.channel() {
        Channel::WechatPay => matches!(status, 200 | 204),
        // Exactly these seven bytes; a page that contains them is a refusal.
        Channel::Alipay => {
            status == 200
                && answer
                    .bytes()
                    .await
                    .is_ok_and(|body| body.as_ref() == b"success")
        }
    };
    if accepted {
        "accepted".to_owned()
    } else {
        format!("refused {status}")
    }
}

fn record(state: &mut crate::state::State, notice: &Notice, attempt: u32, outcome: &str) {
    state.deliveries.push(Delivery {
        channel: notice.channel(),
        out_trade_no: notice.out_trade_no.clone(),
        notification_id: notice.id.clone(),
        attempt,
        outcome: outcome.to_owned(),
    });
}
