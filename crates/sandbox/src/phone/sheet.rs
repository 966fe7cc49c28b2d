//! The "Pay ¥…?" page, one for all ways that lead to it.
//!
//! Two buttons in plain forms, so that it works without script and is easy to automate; only
//! the way back into a page that waits on `WeixinJSBridge` needs a line of script.

use super::{InPhone, Phone};
use crate::alipay::notify::way_back;
use crate::control::{PayError, PayOutcome, charge, due};
use crate::html::{Language, page_with_head, text, yuan};
use crate::state::{App, Channel, State as Sandbox};
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use url::Url;

/// Where the page stands and where it leads back to.
#[derive(Clone, Debug)]
pub(crate) enum Surface {
    /// Over the cashier's page, inside WeChat.
    Bridge,
    /// In the cashier's place.
    Page {
        return_url: Option<String>,
        quit_url: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Paid,
    /// The bank refused; the payer may try again.
    Declined,
    /// The payer went away.
    Cancelled,
}

/// One page.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    channel: Channel,
    out_trade_no: String,
    payer: u32,
    surface: Surface,
    decision: Option<Decision>,
}

/// Makes a page for an order; returns its id.
pub(crate) fn open(
    state: &mut Sandbox,
    channel: Channel,
    out_trade_no: String,
    payer: u32,
    surface: Surface,
) -> String {
    let id = state.ids.letters("sheet", 16);
    let sheet = Sheet {
        channel,
        out_trade_no,
        payer,
        surface,
        decision: None,
    };
    state.sheets.insert(id.clone(), sheet);
    id
}

#[derive(Deserialize)]
pub(super) struct SheetPath {
    id: String,
    #[serde(default)]
    decision: String,
}

/// POST …/pay/{id}/pay or …/decline
pub(super) async fn decide(
    State(app): State<Arc<App>>,
    OriginalUri(uri): OriginalUri,
    Path(path): Path<SheetPath>,
) -> Response {
    let Some(sheet) = app.lock().sheets.get(&path.id).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let decision = match path.decision.as_str() {
        // A second press finds the order paid, which changes nothing here either.
        "pay" => match charge(&app, sheet.channel, &sheet.out_trade_no, sheet.payer) {
            Ok(PayOutcome::Paid) => Some(Decision::Paid),
            Ok(PayOutcome::Declined) => Some(Decision::Declined),
            Err(_) => sheet.decision,
        },
        "decline" if sheet.decision != Some(Decision::Paid) => {
            app.lock().count("phone.cancelled");
            Some(Decision::Cancelled)
        }
        "decline" => sheet.decision,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    if let Some(sheet) = app.lock().sheets.get_mut(&path.id) {
        sheet.decision = decision;
    }
    let back = uri
        .path()
        .rsplit_once('/')
        .map_or("/", |(page, _)| page)
        .to_owned();
    (StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response()
}

/// GET …/pay/{id}
pub(super) async fn show(
    State(app): State<Arc<App>>,
    phone: InPhone,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Path(path): Path<SheetPath>,
) -> Response {
    let Some(sheet) = app.lock().sheets.get(&path.id).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let view = View {
        app: &app,
        phone: phone.0.as_ref(),
        sheet: &sheet,
        language: Language::of(&headers),
    };
    match sheet.decision {
        None => view.question(uri.path()),
        Some(decision) => view.result(decision, uri.path()),
    }
}

struct View<'a> {
    app: &'a App,
    phone: Option<&'a Phone>,
    sheet: &'a Sheet,
    language: Language,
}

impl View<'_> {
    fn say<'a>(&self, chinese: &'a str, english: &'a str) -> &'a str {
        self.language.pick(chinese, english)
    }

    fn wallet(&self) -> &'static str {
        match self.sheet.channel {
            Channel::WechatPay => self.language.pick("微信支付", "WeChat Pay"),
            Channel::Alipay => self.language.pick("支付宝", "Alipay"),
        }
    }

    fn question(&self, path: &str) -> Response {
        let sheet = self.sheet;
        let (fen, description) =
            match due(self.app, sheet.channel, &sheet.out_trade_no, sheet.payer) {
                Ok(due) => due,
                Err(why) => return self.over(why),
            };
        let class = match sheet.channel {
            Channel::WechatPay => "main",
            Channel::Alipay => "alipay",
        };
        let holder = text(self.app.keys.holder());
        let amount = yuan(fen);
        let question = match self.language {
            Language::Chinese => format!("向 {holder} 付款 ¥{amount}？"),
            Language::English => format!("Pay ¥{amount} to {holder}?"),
        };
        let body = format!(
            "<p>{wallet}</p><h1>{question}</h1><p class=\"amount\">¥{amount}</p>\
             <p>{description}</p>\
             <form method=\"post\" action=\"{path}/pay\">\
             <button class=\"{class}\" id=\"pay\" autofocus>{pay}</button></form>\
             <form method=\"post\" action=\"{path}/decline\">\
             <button id=\"decline\">{decline}</button></form>",
            wallet = self.wallet(),
            description = text(&description),
            path = text(path),
            pay = self.say("付款", "Pay"),
            decline = self.say("取消", "Cancel"),
        );
        page_with_head(self.language, self.wallet(), "", &body).into_response()
    }

    fn over(&self, why: PayError) -> Response {
        let words = match why {
            PayError::UnknownOrder => self.say("订单不存在", "There is no such order"),
            PayError::Expired => self.say("订单已过期", "The order has expired"),
            PayError::Closed => self.say("订单已关闭", "The order is closed"),
            PayError::AlreadyPaid => self.say("订单已支付", "The order is already paid"),
            PayError::NotPaid => self.say("订单未支付", "The order isn't paid"),
            PayError::AnotherPayer => self.say(
                "下单账号与支付账号不一致",
                "The order was placed for another payer",
            ),
        };
        self.finish(
            "over",
            words,
            "get_brand_wcpay_request:fail",
            self.quit_url(),
        )
    }

    fn result(&self, decision: Decision, path: &str) -> Response {
        match decision {
            Decision::Paid => {
                let words = self.say("支付成功", "Paid");
                self.finish(
                    "paid",
                    words,
                    "get_brand_wcpay_request:ok",
                    self.return_url(),
                )
            }
            Decision::Cancelled => {
                let words = self.say("已取消", "Cancelled");
                self.finish(
                    "cancelled",
                    words,
                    "get_brand_wcpay_request:cancel",
                    self.quit_url(),
                )
            }
            Decision::Declined if matches!(self.sheet.surface, Surface::Bridge) => {
                let words = self.say("银行拒绝了这笔付款", "The bank declined the payment");
                self.finish("declined", words, "get_brand_wcpay_request:fail", None)
            }
            Decision::Declined => {
                let body = format!(
                    "<h1 id=\"result\" data-result=\"declined\">{}</h1>\
                     <form method=\"post\" action=\"{path}/pay\">\
                     <button class=\"main\" id=\"pay\">{}</button></form>\
                     <form method=\"post\" action=\"{path}/decline\">\
                     <button id=\"decline\">{}</button></form>",
                    self.say("银行拒绝了这笔付款", "The bank declined the payment"),
                    self.say("再试一次", "Try again"),
                    self.say("取消", "Cancel"),
                    path = text(path),
                );
                page_with_head(self.language, self.wallet(), "", &body).into_response()
            }
        }
    }

    fn return_url(&self) -> Option<String> {
        let Surface::Page {
            return_url: Some(url),
            ..
        } = &self.sheet.surface
        else {
            return None;
        };
        let url = match self.sheet.channel {
            Channel::WechatPay => Url::parse(url).ok()?,
            Channel::Alipay => {
                let state = self.app.lock();
                way_back(self.app, state.trades.get(&self.sheet.out_trade_no)?, url)?
            }
        };
        Some(Phone::reach_or_leave(self.phone, self.app, &url))
    }

    fn quit_url(&self) -> Option<String> {
        let Surface::Page { quit_url, .. } = &self.sheet.surface else {
            return None;
        };
        // Without one the payer goes back to where the link was opened.
        let given = quit_url.as_deref().and_then(|url| Url::parse(url).ok());
        let url = given.or_else(|| self.phone.and_then(|phone| phone.cashier.clone()))?;
        matches!(url.scheme(), "http" | "https")
            .then(|| Phone::reach_or_leave(self.phone, self.app, &url))
    }

    /// The last page: what came of it, and the way back by button and by itself.
    fn finish(&self, id: &str, words: &str, message: &str, back: Option<String>) -> Response {
        let done = self.say("完成", "Done");
        let (head, way) = match (&self.sheet.surface, back) {
            (Surface::Bridge, _) => (
                String::new(),
                format!(
                    "<button class=\"main\" id=\"done\">{done}</button><script>\
                     function tell(){{parent.postMessage({{err_msg:'{message}'}},location.origin)}}\
                     document.getElementById('done').onclick=tell;setTimeout(tell,1500)</script>"
                ),
            ),
            (Surface::Page { .. }, Some(back)) => {
                let back = text(&back);
                (
                    format!("<meta http-equiv=\"refresh\" content=\"2;url={back}\">"),
                    format!("<a class=\"button main\" id=\"done\" href=\"{back}\">{done}</a>"),
                )
            }
            (Surface::Page { .. }, None) => (String::new(), String::new()),
        };
        let words = text(words);
        let body = format!("<h1 id=\"result\" data-result=\"{id}\">{words}</h1>{way}");
        page_with_head(self.language, self.wallet(), &head, &body).into_response()
    }
}
