//! Bills end to end: the sandbox writes them, the backend fetches and matches them, and what
//! nobody here had heard of is asked about and booked.

use crate::world::{Terminal, World};
use backend::bills::{self, BillFailure, WantedBill};
use backend::jobs::run_due;
use domain::Timestamp;
use domain::bill::{BillFault, BillKey, BillOrigin, BillSummary, BillType, Found};
use domain::channel::Channel;
use domain::code::Code;
use domain::role::Role;
use domain::time::DAY_MS;
use gateways::{Answer, CreateOrder, Gateway, Product, RefundOrder};
use jiff::civil::Date;
use sandbox::{ApiOperation, Faults};
use std::sync::Arc;
use wire::bill::{BillUpload, BillsAsk, BillsReply, BillsRequest};
use wire::protocol::Refused;

pub(crate) fn gateway(world: &World, channel: Channel) -> Arc<dyn Gateway> {
    let mut all = world.host.gateways().of_channel(channel);
    all.next().unwrap().clone()
}

/// A trade that the company's merchant account took without this backend: another system's.
async fn strange(world: &World, channel: Channel, number: &str, fen: i64) {
    let product = match channel {
        Channel::WechatPay => Product::WechatNative,
        Channel::Alipay => Product::AlipayPrecreate,
    };
    let order = CreateOrder {
        out_trade_no: number.to_owned(),
        amount: domain::Money::from_fen(fen),
        description: "床品, 四件套".to_owned(),
        time_expire_ms: world.host.now().0 + 600_000,
        notify_url: "https://other.example/callback".to_owned(),
        product,
    };
    let created = gateway(world, channel).create(&order).await;
    assert!(matches!(created, Answer::Done(_)), "{created:?}");
    world.sandbox().pay(number, 1).unwrap();
}

/// The fund-flow bill, all of whose sums are either in order or told apart.
async fn flows(world: &World, gateway: &Arc<dyn Gateway>, day: Date) -> BillSummary {
    let fetched = world
        .host
        .fetch_bill(gateway, day, BillType::FundFlow, BillOrigin::default())
        .await
        .unwrap();
    assert!(fetched.warnings.is_empty(), "{:?}", fetched.warnings);
    fetched.summary
}

/// Half past ten of the next day in Beijing.
pub(crate) fn to_the_next_morning(world: &World) {
    let now = world.host.now().0;
    let morning = (now + 8 * 3_600_000).div_euclid(DAY_MS) * DAY_MS + DAY_MS - 8 * 3_600_000;
    world
        .env
        .forward(morning + 10 * 3_600_000 + 1_800_000 - now);
}

#[tokio::test]
async fn both_channels_bills_are_fetched_matched_and_what_was_missed_is_booked() {
    for channel in Channel::ALL {
        let world = World::with_sandbox().await;
        let day = world.host.now().business_day();
        strange(&world, channel, "STRANGE_0001", 12_500).await;
        strange(&world, channel, "STRANGE_0002", 99).await;
        let gateway = gateway(&world, channel);
        let early = world
            .host
            .fetch_bill(&gateway, day, BillType::Trade, BillOrigin::default())
            .await;
        assert!(
            matches!(early, Err(BillFailure::NotReady(_))),
            "never today's: {early:?}"
        );
        to_the_next_morning(&world);
        let matched = world
            .host
            .fetch_bill(&gateway, day, BillType::Trade, BillOrigin::default())
            .await
            .unwrap();
        let (summary, settled) = (matched.summary, matched.settled);
        assert_eq!((summary.payments, settled), (2, 2), "{channel:?}");
        assert_eq!(summary.count(Found::Matched), 2, "{summary:?}");
        assert_eq!(summary.fee_fen, domain::Money::from_fen(75 + 1));
        assert!(matched.warnings.is_empty(), "{:?}", matched.warnings);
        world.audited();
        let items = world.store(|store, cx| store.attention(cx)).unwrap();
        let kinds: Vec<&str> = items.iter().map(|item| item.kind.as_str()).collect();
        assert_eq!(kinds, ["unidentified_money"; 2], "signed, and nobody's");
        let again = world
            .host
            .fetch_bill(&gateway, day, BillType::Trade, BillOrigin::default())
            .await
            .unwrap();
        assert_eq!((again.settled, again.summary), (0, summary));
        world.audited();
    }
}

#[tokio::test]
async fn a_refund_that_these_books_do_not_hold_is_a_difference() {
    for channel in Channel::ALL {
        let world = World::with_sandbox().await;
        let day = world.host.now().business_day();
        strange(&world, channel, "STRANGE_0001", 12_500).await;
        let gateway = gateway(&world, channel);
        let refund = RefundOrder {
            out_trade_no: "STRANGE_0001".to_owned(),
            out_refund_no: "STRANGE_R001".to_owned(),
            refund: domain::Money::from_fen(2_500),
            total: domain::Money::from_fen(12_500),
            reason: "returned".to_owned(),
            notify_url: "https://other.example/callback".to_owned(),
        };
        let answer = gateway.refund(&refund).await;
        assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
        to_the_next_morning(&world);
        let matched = world
            .host
            .fetch_bill(&gateway, day, BillType::Trade, BillOrigin::default())
            .await
            .unwrap();
        let summary = matched.summary;
        assert_eq!((summary.payments, summary.refunds), (1, 1));
        assert_eq!(summary.count(Found::Matched), 1);
        assert_eq!(summary.count(Found::OnlyProvider), 1);
        assert_eq!(
            summary.net_fen(),
            Some(domain::Money::from_fen(10_000 - 60))
        );
        if channel == Channel::WechatPay {
            let flows = flows(&world, &gateway, day).await;
            assert_eq!(
                (flows.payments, flows.refunds, flows.count(Found::Matched)),
                (1, 1, 4)
            );
            let balance = domain::Money::from_fen(10_000 - 60);
            assert_eq!(
                (flows.net_fen(), flows.balance_fen),
                (Some(balance), Some(balance))
            );
        }
        let items = world.store(|store, cx| store.attention(cx)).unwrap();
        assert!(
            items
                .iter()
                .any(|item| item.kind == "bill_only_provider"
                    && item.subject.contains("STRANGE_R001")),
            "{items:?}"
        );
        world.audited();
    }
}

#[tokio::test]
async fn each_account_is_billed_once_a_day_by_itself() {
    let world = World::with_sandbox().await;
    let day = world.host.now().business_day();
    strange(&world, Channel::Alipay, "STRANGE_0001", 100).await;
    for _ in 0..2 {
        bills::schedule(&world.host).await.unwrap();
    }
    let jobs = |at: Timestamp| {
        assert_eq!(world.store(|store, cx| store.summary(cx)).unwrap().jobs, 2);
        let next = world
            .store(|store, cx| store.next_job_at(cx))
            .unwrap()
            .unwrap();
        assert!(next > at && next.since_ms(at) <= DAY_MS);
    };
    jobs(world.host.now());
    to_the_next_morning(&world);
    assert_eq!(run_due(&world.host).await.unwrap(), 2);
    jobs(world.host.now());
    let asked = |name: &str| world.sandbox().counters().get(name).copied().unwrap_or(0);
    let known = |channel| {
        let account = gateway(&world, channel).merchant_no().to_owned();
        let key = BillKey {
            channel,
            merchant_no: account,
            day,
            bill: BillType::Trade,
        };
        world
            .store(|store, cx| store.bill_matched(cx, &key))
            .unwrap()
    };
    assert!(known(Channel::WechatPay) && known(Channel::Alipay));
    let before = (asked("alipay.bill"), asked("alipay.bill.refused"));
    assert_eq!(before.0, 1, "the one day with trades");
    assert_eq!(run_due(&world.host).await.unwrap(), 0, "not again today");
    assert_eq!((asked("alipay.bill"), asked("alipay.bill.refused")), before);
}

#[tokio::test]
async fn a_bill_that_is_late_holds_up_no_other_days() {
    let world = World::with_sandbox().await;
    let day = world.host.now().business_day();
    strange(&world, Channel::Alipay, "STRANGE_0001", 100).await;
    bills::schedule(&world.host).await.unwrap();
    to_the_next_morning(&world);
    // One answer is lost: the first that is asked for, of the oldest day of one account.
    world.sandbox().set_faults(Faults {
        status_503: 1,
        only: Some(ApiOperation::Bill),
        ..Faults::default()
    });
    assert_eq!(run_due(&world.host).await.unwrap(), 2);
    let matched = || {
        let mut count = 0;
        for channel in Channel::ALL {
            for back in 0..3 {
                let key = BillKey {
                    channel,
                    merchant_no: gateway(&world, channel).merchant_no().to_owned(),
                    day: day.saturating_sub(jiff::Span::new().days(back)),
                    bill: BillType::Trade,
                };
                count += usize::from(world.store(|s, cx| s.bill_matched(cx, &key)).unwrap());
            }
        }
        count
    };
    assert_eq!(matched(), 5, "all but the one");
    world.env.forward(30 * 60_000);
    assert_eq!(run_due(&world.host).await.unwrap(), 1, "asked for again");
    assert_eq!(matched(), 6);
}

#[tokio::test]
async fn a_bill_of_another_account_or_day_is_refused() {
    let world = World::with_sandbox().await;
    let day = world.host.now().business_day();
    let header = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
    let row = format!(
        "`{day} 10:00:00,`wx,`999,`0,`,`42001,`FT1,`o,`JSAPI,`SUCCESS,`OTHERS,`CNY,`1.00,`0.00,`0,`0,`0.00,`0.00,`,`,`x,`,`0.01000,`0.60%,`1.00,`0.00,`"
    );
    let summary = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\n`1,`1.00,`0.00,`0.00,`0.01,`1.00,`0.00\n";
    let text = format!("{header}\n{row}\n{summary}");
    let import = |text: String, day| {
        let host = Arc::clone(&world.host);
        async move {
            let bytes = text.into_bytes();
            let wanted = WantedBill {
                channel: Channel::WechatPay,
                merchant_no: None,
                day,
                bill: BillType::Trade,
            };
            let origin = BillOrigin::default();
            host.import_bill(wanted, "bill.csv", &bytes, origin).await
        }
    };
    let other = import(text.clone(), day).await;
    assert!(
        matches!(other, Err(BillFailure::OtherMerchant { .. })),
        "{other:?}"
    );
    let wrong_day = import(text.clone(), day.tomorrow().unwrap())
        .await
        .unwrap_err();
    assert!(
        wrong_day
            .to_string()
            .starts_with("bill.csv, line 2, column 交易时间: "),
        "{wrong_day}"
    );
    let mine = text.replace(
        "`999",
        &format!("`{}", gateway(&world, Channel::WechatPay).merchant_no()),
    );
    let matched = import(mine, day).await.unwrap();
    // The channel does not know it: the bill alone books nothing.
    assert_eq!(
        (matched.settled, matched.summary.count(Found::OnlyProvider)),
        (0, 1)
    );
    assert!(
        world
            .store(|store, cx| store.collections(cx))
            .unwrap()
            .is_empty()
    );
    let postings = world.store(|store, cx| store.trial_balance(cx)).unwrap();
    assert!(postings.is_empty(), "{postings:?}");
}

async fn ask(terminal: &Terminal<'_>, role: Role, ask: BillsAsk) -> Result<BillsReply, Code> {
    let staff = terminal.world.staff(role);
    let body = serde_json::to_vec(&BillsRequest { staff, ask }).unwrap();
    let answer = terminal.call("POST", "/v1/bills", body).await;
    assert!(answer.signed, "{answer:?}");
    match answer.status {
        200 => Ok(serde_json::from_slice(&answer.body).unwrap()),
        _ => match serde_json::from_slice(&answer.body).unwrap() {
            Refused::Rule { reason } => Err(reason),
            other => panic!("{other:?}"),
        },
    }
}

#[tokio::test]
async fn finance_fetches_both_bills_from_the_window_and_nobody_else_does() {
    let world = World::with_sandbox().await;
    let terminal = world.enrolled("T01").await;
    let day = world.host.now().business_day();
    strange(&world, Channel::WechatPay, "STRANGE_0001", 12_500).await;
    let merchant_no = gateway(&world, Channel::WechatPay).merchant_no().to_owned();
    let key = |bill| BillKey {
        channel: Channel::WechatPay,
        merchant_no: merchant_no.clone(),
        day,
        bill,
    };
    for role in [Role::Sales, Role::Admin] {
        for what in [
            BillsAsk::List,
            BillsAsk::Fetch {
                key: key(BillType::Trade),
            },
        ] {
            let refused = ask(&terminal, role, what).await;
            assert_eq!(refused, Err(Code::NotAllowed { role }));
        }
    }
    let fetch = |bill| ask(&terminal, Role::Finance, BillsAsk::Fetch { key: key(bill) });
    assert_eq!(fetch(BillType::Trade).await, Err(Code::BillNotReady));
    let alipays = BillKey {
        channel: Channel::Alipay,
        merchant_no: gateway(&world, Channel::Alipay).merchant_no().to_owned(),
        ..key(BillType::FundFlow)
    };
    let none = ask(&terminal, Role::Finance, BillsAsk::Fetch { key: alipays }).await;
    assert_eq!(
        none,
        Err(Code::NotFound {
            what: "bill".into()
        })
    );
    to_the_next_morning(&world);
    assert_eq!(fetch(BillType::FundFlow).await, Err(Code::TradeBillFirst));
    let Ok(BillsReply::Done { done }) = fetch(BillType::Trade).await else {
        panic!("not fetched")
    };
    assert_eq!((done.settled, done.warnings), (1, 0));
    let matched = done.view.entry.matched.unwrap();
    let by = (
        matched.origin.staff,
        matched.origin.terminal,
        matched.origin.file,
    );
    let finance = world.staff(Role::Finance);
    assert_eq!(by, (Some(finance), Some(terminal.id), None));
    assert_eq!(done.view.items[0].number, "STRANGE_0001");
    assert_eq!(
        done.view.items[0].fee_fen,
        Some(domain::Money::from_fen(75))
    );
    let Ok(BillsReply::Done { done }) = fetch(BillType::FundFlow).await else {
        panic!("not fetched")
    };
    let flows = done.view.entry.matched.unwrap().summary;
    assert_eq!(flows.count(Found::Matched), 2, "the payment and its fee");
    assert_eq!(flows.balance_fen, Some(domain::Money::from_fen(12_425)));
    let Ok(BillsReply::List { entries }) = ask(&terminal, Role::FinanceLead, BillsAsk::List).await
    else {
        panic!("no list")
    };
    let of = |key: BillKey| entries.iter().find(|entry| entry.key == key).unwrap();
    assert!(of(key(BillType::FundFlow)).matched.is_some());
    let before = BillKey {
        day: day.yesterday().unwrap(),
        ..key(BillType::Trade)
    };
    assert_eq!(of(before).matched, None, "a missing one is listed");
    world.audited();
}

#[tokio::test]
async fn a_file_imported_from_the_window_is_taken_whole_or_its_fault_is_named() {
    let world = World::with_sandbox().await;
    let terminal = world.enrolled("T01").await;
    let day = world.host.now().business_day();
    let merchant_no = gateway(&world, Channel::WechatPay).merchant_no().to_owned();
    let import = |bill, merchant_no: &str, text: &str| {
        let key = BillKey {
            channel: Channel::WechatPay,
            merchant_no: merchant_no.to_owned(),
            day,
            bill,
        };
        let file = BillUpload {
            name: "账单.csv".into(),
            content: base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text),
        };
        ask(&terminal, Role::Finance, BillsAsk::Import { key, file })
    };
    let header = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
    let row = format!(
        "`{day} 10:00:00,`wx,`{merchant_no},`0,`,`42001,`FT1,`o,`JSAPI,`SUCCESS,`OTHERS,`CNY,`1.00,`0.00,`0,`0,`0.00,`0.00,`,`,`x,`,`0.01000,`0.60%,`1.00,`0.00,`"
    );
    let summary = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
    let text = format!("{header}\n{row}\n{summary}\n`1,`1.00,`0.00,`0.00,`0.01,`1.00,`0.00\n");
    let bad = |line, column: &str, problem, value: &str, wanted: &str| {
        Err(Code::BadBill {
            file: "账单.csv".into(),
            line,
            column: column.into(),
            problem,
            value: value.into(),
            wanted: wanted.into(),
        })
    };
    let renamed = text.replacen("手续费,", "费用,", 1);
    assert_eq!(
        import(BillType::Trade, &merchant_no, &renamed).await,
        bad(1, "手续费", BillFault::NoColumn, "", "")
    );
    let short = text.replacen("`1.00,`0.00\n", "`2.00,`0.00\n", 1);
    assert_eq!(
        import(BillType::Trade, &merchant_no, &short).await,
        bad(4, "订单总金额", BillFault::Sum, "1", "2")
    );
    let other = import(BillType::Trade, "999", &text).await;
    assert_eq!(
        other,
        Err(Code::BillOfOther {
            merchant_no: merchant_no.clone()
        })
    );
    let taken = import(BillType::Trade, &merchant_no, &text).await;
    let Ok(BillsReply::Done { done }) = taken else {
        panic!("{taken:?}")
    };
    let matched = done.view.entry.matched.unwrap();
    assert_eq!(matched.origin.file.as_deref(), Some("账单.csv"));
    assert_eq!(
        (matched.open, matched.summary.count(Found::OnlyProvider)),
        (1, 1)
    );
    assert_eq!(done.view.items[0].open, Some(true));
    let wrong = import(BillType::FundFlow, &merchant_no, &text).await;
    assert!(
        matches!(
            &wrong,
            Err(Code::BadBill {
                line: 1,
                problem: BillFault::NoColumn,
                ..
            })
        ),
        "{wrong:?}"
    );
    world.audited();
}
