//! One function for each state of an ask, as the payer sees it. Only a payable or paid ask shows an
//! amount; a link that is not ours shows neither amount nor name (rule 6.4), and no page ever has a
//! field to type an amount into.

use super::agent::Client;
use super::html::{Html, Page, Script, qr, text};
use super::words::{Language, moment};
use crate::store::{AskView, PaidReceipt};
use axum::http::StatusCode;
use domain::Timestamp;
use domain::channel::Channel;

/// What is placed with WeChat Pay already for this payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    Nothing,
    /// Parameters of the bridge.
    Bridge(String),
    /// A code for WeChat's camera.
    Code(String),
}

/// What a page for a payer depends on, besides the ask.
#[derive(Clone, Debug)]
pub(super) struct Seen<'a> {
    pub(super) language: Language,
    pub(super) client: Client,
    /// The part of the path behind `/p/`.
    pub(super) link: &'a str,
    pub(super) now: Timestamp,
    /// The sandbox's phone with this link, in a demo.
    pub(super) phone: Option<String>,
    /// Where Alipay's form leads.
    pub(super) form_targets: Vec<String>,
}

impl Seen<'_> {
    fn say(&self, chinese: &'static str, english: &'static str) -> &'static str {
        self.language.pick(chinese, english)
    }

    fn page(&self, state: &'static str, title: String, body: String) -> Page {
        Page {
            language: self.language,
            state,
            status: StatusCode::OK,
            title,
            body: Html::raw(body),
            script: None,
            form_targets: Vec::new(),
            names_host: false,
        }
    }

    /// The head that payable, checking and waiting pages share: who asks whom for what.
    fn ask(&self, ask: &AskView) -> String {
        let mut rows = String::new();
        let mut row = |name: &str, value: &str| {
            rows.push_str(&format!("<dt>{name}</dt><dd>{value}</dd>"));
        };
        if !ask.order_numbers.is_empty() {
            let numbers: Vec<String> = ask.order_numbers.iter().map(|n| text(n)).collect();
            row(self.say("订单", "Order"), &numbers.join("<br>"));
        }
        row(self.say("用途", "For"), self.language.purpose(ask.purpose));
        let left = ask.expires_at.since_ms(self.now);
        let form = self.say("M 分 S 秒", "M min S s");
        let left = format!(
            "<span id=\"left\" data-ms=\"{left}\" data-form=\"{form}\">{}</span>",
            self.language.left(left)
        );
        row(self.say("有效期", "Time left"), &left);
        let code = format!(
            "<span class=\"code\" id=\"check-code\">{}</span>",
            text(&ask.check_code)
        );
        row(self.say("校验码", "Check code"), &code);
        let distributor = ask.distributor.as_deref().map_or(String::new(), |name| {
            format!("<p class=\"m\" id=\"distributor\">{}</p>", text(name))
        });
        format!(
            "<h1 id=\"seller\">{seller}</h1><p class=\"m\">{payee}</p>\
             <div class=\"amt\" id=\"amount\">{amount}</div>{distributor}<dl>{rows}</dl>\
             <p class=\"s\">{compare}</p>",
            seller = text(&ask.seller),
            payee = self.say("收款方", "is asking for"),
            amount = text(&ask.amount_fen.to_string()),
            compare = self.say(
                "请与对方屏幕上的校验码核对，一致再付款。",
                "Pay only if the check code equals the one on the seller's screen.",
            ),
        )
    }

    fn button(&self, channel: Channel, class: &str) -> String {
        let (id, path) = match channel {
            Channel::WechatPay => ("pay-wechat", "wechat"),
            Channel::Alipay => ("pay-alipay", "alipay"),
        };
        format!(
            "<form method=\"post\" action=\"/p/{link}/{path}\">\
             <button class=\"{class}\" id=\"{id}\">{name}</button></form>",
            link = text(self.link),
            name = self.language.wallet(channel),
        )
    }

    /// To be paid.
    pub(super) fn payable(
        &self,
        ask: &AskView,
        placed: Placed,
        trouble: Option<&'static str>,
    ) -> Page {
        let has = |channel| ask.channels.contains(&channel);
        let mut ways = String::new();
        match self.client {
            Client::Wechat if has(Channel::WechatPay) => {
                ways.push_str(&self.button(Channel::WechatPay, "b"));
            }
            Client::Alipay if has(Channel::Alipay) => {
                ways.push_str(&self.button(Channel::Alipay, "b"));
            }
            Client::Wechat | Client::Alipay => ways.push_str(&self.other_wallet(ask)),
            Client::Phone | Client::Desktop => ways.push_str(&self.choice(ask, &placed)),
        }
        let trouble = trouble.map_or(String::new(), |words| {
            format!("<p class=\"bad\" id=\"trouble\" role=\"alert\">{words}</p>")
        });
        let said = self.say(
            "付款未完成，可再试一次。",
            "The payment was not finished. Try again.",
        );
        let body = format!(
            "{}{trouble}<p class=\"bad\" id=\"said\" role=\"alert\" hidden>{said}</p>\
             <span class=\"grow\"></span>{ways}",
            self.ask(ask)
        );
        let mut page = self.page("payable", ask.seller.clone(), body);
        let poll = matches!(placed, Placed::Code(_));
        let bridge = match placed {
            Placed::Bridge(params) => Some(params),
            Placed::Nothing | Placed::Code(_) => None,
        };
        page.script = Some(Script { poll, bridge });
        page.form_targets.clone_from(&self.form_targets);
        page.names_host = self.client == Client::Phone && ask.wechat_h5;
        page
    }

    /// No bound channel takes this amount: nothing to press, and what to do instead.
    pub(super) fn outside_limits(&self, ask: &AskView) -> Page {
        let body = format!(
            "{}<span class=\"grow\"></span><p class=\"bad\" id=\"outside-limits\" role=\"alert\">{}</p>",
            self.ask(ask),
            self.say(
                "这笔金额超出对方在线收款的单笔限额，没有产生扣款。请对方分笔出码，或改用其他方式付款。",
                "This amount is outside the seller's limits for one online payment. Nothing was \
                 charged. Ask the seller for codes of other amounts, or pay in another way.",
            ),
        );
        self.page("outside_limits", ask.seller.clone(), body)
    }

    fn other_wallet(&self, ask: &AskView) -> String {
        let words = match ask.channels.first() {
            Some(Channel::Alipay) if ask.outside_limits.contains(&Channel::WechatPay) => self.say(
                "这笔金额超出对方微信支付的单笔限额，请用支付宝扫码。",
                "Scan with Alipay: this amount is outside the seller's limits for WeChat Pay.",
            ),
            Some(Channel::WechatPay) if ask.outside_limits.contains(&Channel::Alipay) => self.say(
                "这笔金额超出对方支付宝的单笔限额，请用微信扫码。",
                "Scan with WeChat: this amount is outside the seller's limits for Alipay.",
            ),
            Some(Channel::Alipay) => self.say(
                "对方未开通微信支付，请用支付宝扫码。",
                "Scan with Alipay: the seller takes no WeChat Pay.",
            ),
            Some(Channel::WechatPay) => self.say(
                "对方未开通支付宝，请用微信扫码。",
                "Scan with WeChat: the seller takes no Alipay.",
            ),
            None => self.say(
                "对方尚未开通在线收款。",
                "The seller takes no online payment yet.",
            ),
        };
        format!("<p class=\"bad\" id=\"wrong-channel\">{words}</p>")
    }

    fn choice(&self, ask: &AskView, placed: &Placed) -> String {
        let mut ways = String::new();
        if ask.channels.is_empty() {
            return self.other_wallet(ask);
        }
        if ask.channels.contains(&Channel::WechatPay) {
            ways.push_str(&self.wechat_elsewhere(ask, placed));
        }
        if ask.channels.contains(&Channel::Alipay) {
            ways.push_str(&self.button(Channel::Alipay, "b"));
        }
        if let Some(phone) = &self.phone {
            ways.push_str(&format!(
                "<a class=\"b o\" id=\"sandbox-phone\" href=\"{}\">{}</a>",
                text(phone),
                self.say(
                    "演练手机（微信或支付宝）",
                    "Sandbox phone (WeChat or Alipay)"
                )
            ));
        }
        ways
    }

    /// WeChat Pay outside WeChat: a code for a computer's screen, H5 on a phone whose seller has it.
    fn wechat_elsewhere(&self, ask: &AskView, placed: &Placed) -> String {
        let code = match placed {
            Placed::Code(code) => qr("wechat-qr", code),
            Placed::Nothing | Placed::Bridge(_) => None,
        };
        if let Some(svg) = code {
            return format!(
                "<p class=\"m c\">{}</p>{}<p class=\"s c\" id=\"slow\" hidden>{}</p>",
                self.say("请用微信扫一扫付款", "Scan with WeChat to pay"),
                svg.as_str(),
                self.say(
                    "付款后可刷新本页查看结果。",
                    "After paying, reload this page for the result."
                ),
            );
        }
        if self.client == Client::Desktop || ask.wechat_h5 {
            return self.button(Channel::WechatPay, "b");
        }
        let words = self.say(
            "用微信付款：请在微信中打开本页，或用微信扫码。",
            "To pay with WeChat, open this page in WeChat or scan the code with it.",
        );
        format!("<p class=\"s\" id=\"open-in-wechat\">{words}</p>")
    }

    /// The payer came back from a wallet; what it said proves nothing, so we look ourselves.
    pub(super) fn checking(&self, ask: &AskView) -> Page {
        let body = format!(
            "{}<span class=\"grow\"></span><p class=\"c\" id=\"checking\" role=\"status\">{}</p>\
             <p class=\"s c\" id=\"slow\" hidden>{}</p>\
             <a class=\"b o\" id=\"pay-again\" href=\"/p/{}\">{}</a>",
            self.ask(ask),
            self.say("正在确认付款结果…", "Checking the payment…"),
            self.say(
                "还没有收到付款结果。若已付款，请勿重复付款。",
                "No result yet. If you have paid, do not pay again.",
            ),
            text(self.link),
            self.say("尚未付款，返回", "I have not paid: back"),
        );
        let mut page = self.page("checking", ask.seller.clone(), body);
        page.script = Some(Script {
            poll: true,
            bridge: None,
        });
        page
    }

    /// A channel's answer is awaited; nothing new can be started.
    pub(super) fn unknown(&self, ask: &AskView) -> Page {
        let body = format!(
            "{}<span class=\"grow\"></span><p class=\"c\" role=\"status\">{}</p>\
             <p class=\"s c\" id=\"slow\" hidden>{}</p>",
            self.ask(ask),
            self.say(
                "正在等待支付渠道答复，请勿重复付款。",
                "Waiting for the payment channel. Do not pay again.",
            ),
            self.say(
                "可稍后刷新本页查看结果。",
                "Reload this page later for the result."
            ),
        );
        let mut page = self.page("unknown", ask.seller.clone(), body);
        page.script = Some(Script {
            poll: true,
            bridge: None,
        });
        page
    }

    /// Paid: the receipt that an offline terminal can check.
    pub(super) fn paid(&self, ask: &AskView, receipt: &PaidReceipt) -> Page {
        let amount = receipt.amount_fen.to_string();
        let title = format!("✓ {} {amount}", self.say("已付款", "Paid"));
        let mut rows = String::new();
        if !ask.order_numbers.is_empty() {
            let numbers: Vec<String> = ask.order_numbers.iter().map(|n| text(n)).collect();
            let order = self.say("订单", "Order");
            rows.push_str(&format!(
                "<dt>{order}</dt><dd>{}</dd>",
                numbers.join("<br>")
            ));
        }
        rows.push_str(&format!(
            "<dt>{}</dt><dd>{}</dd>",
            self.say("流水号", "Reference"),
            text(&shortened(&receipt.provider_no))
        ));
        let code = qr("receipt-qr", &receipt.signed);
        let body = format!(
            "<h1 class=\"ok\" id=\"paid\">{title}</h1>\
             <p class=\"m\">{seller} · {at}</p><dl>{rows}</dl><p class=\"m c\">{show}</p>{code}\
             <div class=\"rc\" id=\"receipt-code\">{groups}</div><p class=\"s c\">{only}</p>",
            title = text(&title),
            seller = text(&ask.seller),
            at = moment(receipt.paid_at),
            show = self.say(
                "若对方处于离线状态，请出示：",
                "If the seller is offline, show them this:",
            ),
            code = code.as_ref().map_or("", Html::as_str),
            groups = text(&grouped(&receipt.receipt_code)),
            only = self.say(
                "回执码只对这一笔有效",
                "The receipt code is good for this payment only"
            ),
        );
        self.page("paid", title, body)
    }

    /// Over, for a reason that the payer can act on.
    pub(super) fn over(&self, state: &'static str) -> Page {
        let (title, words) = match state {
            "expired" => (
                self.say("付款码已过期", "This payment code has expired"),
                self.say("请对方重新出码。", "Ask the seller for a new one."),
            ),
            "superseded" => (
                self.say("付款码已失效", "This payment code is no longer valid"),
                self.say(
                    "订单已变更，请扫对方屏幕上的新码。",
                    "The order has changed: scan the new code.",
                ),
            ),
            "busy" => (
                self.say("访问过于频繁", "Too many tries"),
                self.say("请一分钟后再试。", "Try again in a minute."),
            ),
            "trouble" => (
                self.say("暂时无法打开", "Can't be opened right now"),
                self.say(
                    "没有产生扣款，请稍后再试。",
                    "Nothing was charged. Try again shortly.",
                ),
            ),
            _ => (
                self.say("付款码无效", "Not a valid payment code"),
                self.say(
                    "这不是有效的付款码，请勿向来历不明的二维码付款。",
                    "Do not pay to a code of unknown origin.",
                ),
            ),
        };
        let class = if state == "refused" { "bad" } else { "" };
        let body =
            format!("<h1 class=\"{class}\" id=\"over\">{title}</h1><p class=\"m\">{words}</p>");
        let mut page = self.page(state, title.to_owned(), body);
        page.status = match state {
            "refused" => StatusCode::NOT_FOUND,
            "busy" => StatusCode::TOO_MANY_REQUESTS,
            "trouble" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::GONE,
        };
        page
    }
}

/// Eight characters as 3-2-3: read out loud across a counter.
fn grouped(code: &str) -> String {
    match (code.get(..3), code.get(3..5), code.get(5..)) {
        (Some(a), Some(b), Some(c)) => format!("{a} {b} {c}"),
        _ => code.to_owned(),
    }
}

/// Enough of a number to compare by.
fn shortened(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    if letters.len() <= 12 {
        return number.to_owned();
    }
    let (head, tail) = (&letters[..4], &letters[letters.len() - 4..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::collection::Purpose;
    use domain::id::IntentId;
    use domain::money::Money;

    fn seen(client: Client) -> Seen<'static> {
        Seen {
            language: Language::English,
            client,
            link: "ABC",
            now: Timestamp(0),
            phone: Some("http://x/phone?link=a&b".into()),
            form_targets: Vec::new(),
        }
    }

    fn ask(channels: &[Channel]) -> AskView {
        AskView {
            intent: IntentId(7),
            seller: "<b>Seller</b>".into(),
            distributor: Some("\"><script>alert(1)</script>".into()),
            order_numbers: vec!["T07-261122-0031".into()],
            amount_fen: Money::from_fen(630_600),
            purpose: Purpose::OrderPayment,
            expires_at: Timestamp(822_000),
            check_code: "4827".into(),
            channels: channels.to_vec(),
            outside_limits: Vec::new(),
            wechat_h5: false,
            pending: None,
        }
    }

    #[test]
    fn each_browser_is_offered_what_it_can_do() {
        let both = [Channel::WechatPay, Channel::Alipay];
        for (client, channels, wechat, alipay, wrong, phone) in [
            (Client::Wechat, &both[..], true, false, false, false),
            (Client::Alipay, &both[..], false, true, false, false),
            (Client::Phone, &both[..], false, true, false, true),
            (Client::Wechat, &both[1..], false, false, true, false),
            (Client::Alipay, &both[..1], false, false, true, false),
            (Client::Phone, &[], false, false, true, false),
        ] {
            let page = seen(client).payable(&ask(channels), Placed::Nothing, None);
            let html = page.body.as_str();
            assert_eq!(
                html.contains("id=\"pay-wechat\""),
                wechat,
                "{client:?} {channels:?}"
            );
            assert_eq!(
                html.contains("id=\"pay-alipay\""),
                alipay,
                "{client:?} {channels:?}"
            );
            assert_eq!(
                html.contains("id=\"wrong-channel\""),
                wrong,
                "{client:?} {channels:?}"
            );
            assert_eq!(
                html.contains("id=\"sandbox-phone\""),
                phone,
                "{client:?} {channels:?}"
            );
        }
    }

    #[test]
    fn an_amount_that_a_channel_does_not_take_has_its_own_words() {
        let (wechat, alipay) = (Channel::WechatPay, Channel::Alipay);
        let page = |client, open: &[Channel], outside: &[Channel]| {
            let mut ask = ask(open);
            ask.outside_limits = outside.to_vec();
            seen(client).payable(&ask, Placed::Nothing, None).body
        };
        let html = page(Client::Wechat, &[alipay], &[wechat]);
        assert!(html.as_str().contains("limits for WeChat Pay"));
        let html = page(Client::Alipay, &[wechat], &[alipay]);
        assert!(html.as_str().contains("limits for Alipay"));
        let html = page(Client::Alipay, &[wechat], &[]);
        assert!(html.as_str().contains("takes no Alipay"));
        let page = seen(Client::Phone).outside_limits(&ask(&[]));
        let html = page.body.as_str();
        assert!(html.contains("id=\"outside-limits\"") && !html.contains("<form"));
    }

    #[test]
    fn the_ask_is_shown_whole_and_inert() {
        let page = seen(Client::Phone).payable(&ask(&Channel::ALL), Placed::Nothing, None);
        let html = page.body.as_str();
        for part in [
            "¥6,306.00",
            "T07-261122-0031",
            "4827",
            "13 min 42 s",
            "&lt;b&gt;Seller",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("<input"));
    }

    #[test]
    fn a_refused_link_shows_no_amount_and_no_name() {
        for state in ["refused", "superseded", "expired", "busy", "trouble"] {
            let page = seen(Client::Phone).over(state);
            let html = page.body.as_str();
            assert!(!html.contains("amt") && !html.contains('¥') && !html.contains("<form"));
            assert!(page.status.as_u16() >= 400);
        }
    }

    #[test]
    fn the_receipt_is_a_code_in_groups_and_a_qr() {
        let receipt = PaidReceipt {
            receipt_code: "7K3QX2MP".into(),
            signed: "FTR1.x".into(),
            amount_fen: Money::from_fen(630_600),
            paid_at: Timestamp(1_795_316_000_000),
            provider_no: "4200001234202611221234567781".into(),
        };
        let page = seen(Client::Phone).paid(&ask(&Channel::ALL), &receipt);
        let html = page.body.as_str();
        assert!(html.contains("7K3 QX 2MP") && html.contains("4200…7781"));
        assert!(html.contains("<svg id=\"receipt-qr\"") && html.contains("✓ Paid ¥6,306.00"));
    }
}
