//! The corporate wallet over HTTP: bound step by step against the sandbox, used at once, and its
//! keys seen nowhere.

use crate::browser::{ALIPAY, Browser, CHROME};
use crate::log::Log;
use crate::paying::{asked, opened, paid, pay_by_alipay};
use crate::refunds::{ask_and_approve, part, refunds};
use crate::world::{Terminal, World};
use domain::channel::Channel;
use domain::code::Code;
use domain::id::WalletBindingId;
use domain::refund::RefundState;
use domain::role::Role;
use domain::time::DAY_MS;
use domain::wallet::{
    BindingDetails, BindingStatus, MiniProgramDetails, OwnerCheck, WalletAct, WalletView,
};
use sandbox::Merchant;
use wire::change::Doc;
use wire::protocol::Refused;
use wire::sealed::seal;
use wire::verdict::VerdictKind;
use wire::wallet::{
    AlipayTrust, Binding, Credentials, PlatformKey, WalletAsk, WalletReply, WalletRequest,
    seal_context,
};

fn binding(world: &World, channel: Channel) -> Binding {
    binding_of(world.sandbox().merchant(), channel)
}

fn binding_of(merchant: &Merchant, channel: Channel) -> Binding {
    let (wechat_pay, alipay) = (merchant.wechat_pay.clone(), merchant.alipay.clone());
    let (merchant_no, app_id, credentials) = match channel {
        Channel::WechatPay => (
            wechat_pay.mchid,
            wechat_pay.appid,
            Credentials::WechatPay {
                app_secret: wechat_pay.app_secret,
                api_v3_key: wechat_pay.api_v3_key,
                merchant_serial: wechat_pay.merchant_serial,
                merchant_private_key_pem: wechat_pay.merchant_private_key_pem,
                platform_keys: wechat_pay
                    .platform_keys
                    .into_iter()
                    .map(|key| PlatformKey {
                        id: match key.pem.contains("CERTIFICATE") {
                            true => String::new(),
                            false => key.id,
                        },
                        pem: key.pem,
                    })
                    .collect(),
            },
        ),
        Channel::Alipay => (
            alipay.seller_id,
            alipay.app_id,
            Credentials::Alipay {
                app_private_key_pem: alipay.app_private_key_pem,
                trust: AlipayTrust::PublicKey {
                    alipay_public_key_pem: alipay.alipay_public_key_pem,
                },
            },
        ),
    };
    Binding {
        details: BindingDetails {
            channel,
            merchant_no,
            app_id,
            holder: "Fieldtill（演示）商贸有限公司".into(),
            credit_code: String::new(),
        },
        credentials,
    }
}

async fn answer(terminal: &Terminal<'_>, role: Role, ask: WalletAsk) -> Result<WalletReply, Code> {
    let staff = terminal.world.staff(role);
    let body = serde_json::to_vec(&WalletRequest { staff, ask }).unwrap();
    let answer = terminal.call("POST", "/v1/wallet", body).await;
    assert!(answer.signed, "{answer:?}");
    no_keys(terminal.world, &answer.body);
    match answer.status {
        200 => Ok(serde_json::from_slice(&answer.body).unwrap()),
        _ => match serde_json::from_slice(&answer.body).unwrap() {
            Refused::Rule { reason } => Err(reason),
            other => panic!("{other:?}"),
        },
    }
}

async fn ask(terminal: &Terminal<'_>, ask: WalletAsk) -> Result<WalletView, Code> {
    match answer(terminal, Role::Admin, ask).await? {
        WalletReply::Wallet { wallet, .. } => Ok(wallet),
        other @ WalletReply::Exchange { .. } => panic!("{other:?}"),
    }
}

async fn exchange(terminal: &Terminal<'_>) -> (String, String) {
    match answer(terminal, Role::Admin, WalletAsk::Exchange).await {
        Ok(WalletReply::Exchange { exchange, key }) => (exchange, key),
        other => panic!("{other:?}"),
    }
}

async fn save(terminal: &Terminal<'_>, binding: &Binding) -> Result<WalletBindingId, Code> {
    let (exchange, key) = exchange(terminal).await;
    let plain = serde_json::to_vec(binding).unwrap();
    let sealed = seal(&key, &seal_context(terminal.id, &exchange), &plain).unwrap();
    let saved = answer(terminal, Role::Admin, WalletAsk::Save { exchange, sealed }).await?;
    match saved {
        WalletReply::Wallet { binding, .. } => Ok(binding.unwrap()),
        other @ WalletReply::Exchange { .. } => panic!("{other:?}"),
    }
}

fn status(wallet: &WalletView, binding: WalletBindingId) -> BindingStatus {
    let mut all = wallet.bindings.iter();
    all.find(|held| held.binding == Some(binding))
        .unwrap()
        .status
}

/// The middle of each private key, and the secrets that are words.
fn secrets(world: &World) -> Vec<String> {
    let merchant = world.sandbox().merchant();
    let middle = |pem: &str| pem.lines().nth(3).unwrap().to_owned();
    vec![
        middle(&merchant.wechat_pay.merchant_private_key_pem),
        merchant.wechat_pay.api_v3_key.clone(),
        merchant.wechat_pay.app_secret.clone(),
        middle(&merchant.alipay.app_private_key_pem),
    ]
}

fn no_keys(world: &World, bytes: &[u8]) {
    for secret in secrets(world) {
        let secret = secret.as_bytes();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret));
    }
}

#[tokio::test]
async fn an_account_is_bound_step_by_step_and_used_without_a_restart() {
    let world = World::unbound().await;
    let terminal = world.enrolled("T07").await;
    for channel in Channel::ALL {
        let draft = save(&terminal, &binding(&world, channel)).await.unwrap();
        let activate = WalletAsk::Activate {
            binding: draft,
            replaces: None,
        };
        // No step can be left out.
        let early = ask(&terminal, activate.clone()).await;
        assert_eq!(early, Err(Code::WalletNotTested));
        let tested = ask(&terminal, WalletAsk::Test { binding: draft })
            .await
            .unwrap();
        assert_eq!(status(&tested, draft), BindingStatus::Tested, "{tested:?}");
        let active = ask(&terminal, activate).await.unwrap();
        assert_eq!(status(&active, draft), BindingStatus::Active);
    }
    let wallet = ask(&terminal, WalletAsk::View).await.unwrap();
    let acts: Vec<WalletAct> = wallet
        .changes
        .iter()
        .rev()
        .map(|change| change.act)
        .collect();
    let steps = [WalletAct::Saved, WalletAct::Tested, WalletAct::Activated];
    assert_eq!(acts, [steps, steps].concat());
    let admin = world.staff(Role::Admin);
    assert!(wallet.changes.iter().all(|change| change.staff == admin));

    world.enable();
    world.work();
    let (_, asked, link) = asked(&world).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "alipay").await;
    pay_by_alipay(&mut phone, &page).await;
    paid(&world, &asked).await;
    for file in ["backend.db", "backend.db-wal"] {
        no_keys(&world, &std::fs::read(world.file(file)).unwrap_or_default());
    }
}

/// The same account, by certificates.
fn by_certificates(world: &World) -> Binding {
    let mut binding = binding(world, Channel::Alipay);
    let made = world.sandbox().merchant().alipay.certificates.clone();
    if let Credentials::Alipay { trust, .. } = &mut binding.credentials {
        *trust = AlipayTrust::Certificates {
            app_certificate_pem: made.app_certificate_pem,
            alipay_certificate_pem: made.alipay_certificate_pem,
            alipay_root_pem: made.alipay_root_pem,
        };
    }
    binding
}

#[tokio::test]
async fn an_alipay_account_in_certificate_mode_is_bound_tested_and_paid() {
    let world = World::unbound().await;
    let terminal = world.enrolled("T07").await;
    // Another key's certificate is refused before anything is sent, by its field.
    let mut wrong = by_certificates(&world);
    if let Credentials::Alipay {
        trust:
            AlipayTrust::Certificates {
                app_certificate_pem,
                alipay_certificate_pem,
                ..
            },
        ..
    } = &mut wrong.credentials
    {
        app_certificate_pem.clone_from(alipay_certificate_pem);
    }
    let field = "app_certificate_pem".to_owned();
    assert_eq!(save(&terminal, &wrong).await, Err(Code::BadField { field }));
    let draft = save(&terminal, &by_certificates(&world)).await.unwrap();
    let test = WalletAsk::Test { binding: draft };
    let tested = ask(&terminal, test).await.unwrap();
    assert_eq!(status(&tested, draft), BindingStatus::Tested, "{tested:?}");
    let activate = WalletAsk::Activate {
        binding: draft,
        replaces: None,
    };
    ask(&terminal, activate).await.unwrap();
    world.enable();
    world.work();
    let (_, asked, link) = asked(&world).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "alipay").await;
    pay_by_alipay(&mut phone, &page).await;
    paid(&world, &asked).await;
    // A notice names no certificate; it verifies by the one that is held.
    assert_eq!(world.sandbox().deliveries()[0].outcome, "accepted");
}

#[tokio::test]
async fn a_certificate_past_its_end_is_not_bound() {
    let world = World::unbound().await;
    let terminal = world.enrolled("T07").await;
    // The sandbox's certificates are of five years.
    world.env.forward(6 * 365 * DAY_MS);
    let field = "app_certificate_pem".to_owned();
    let saved = save(&terminal, &by_certificates(&world)).await;
    assert_eq!(saved, Err(Code::BadField { field }));
}

#[tokio::test]
async fn of_two_who_bind_at_once_one_is_refused_and_a_rebinding_names_what_it_replaces() {
    let world = World::unbound().await;
    let (one, other) = (world.enrolled("T07").await, world.enrolled("T08").await);
    let account = binding(&world, Channel::Alipay);
    let first = save(&one, &account).await.unwrap();
    let second = save(&other, &account).await.unwrap();
    ask(&one, WalletAsk::Test { binding: first }).await.unwrap();
    ask(&other, WalletAsk::Test { binding: second })
        .await
        .unwrap();
    let activate = |binding, replaces| WalletAsk::Activate { binding, replaces };
    let (a, b) = tokio::join!(
        ask(&one, activate(first, None)),
        ask(&other, activate(second, None))
    );
    let merchant_no = account.details.merchant_no.clone();
    let refused = [a.as_ref().err(), b.as_ref().err()];
    let limit = Code::WalletLimit {
        merchant_no: merchant_no.clone(),
    };
    assert_eq!(refused.into_iter().flatten().collect::<Vec<_>>(), [&limit]);
    let left = if a.is_ok() { second } else { first };
    let wallet = ask(&one, activate(left, Some(merchant_no))).await.unwrap();
    assert_eq!(status(&wallet, left), BindingStatus::Active);
    let active = wallet
        .bindings
        .iter()
        .filter(|held| held.status == BindingStatus::Active);
    assert_eq!(active.count(), 1);
    // The replaced one stays for refunds and late notices.
    let retired = if left == first { second } else { first };
    assert_eq!(status(&wallet, retired), BindingStatus::Retired);
}

#[tokio::test]
async fn keys_that_can_t_be_used_are_refused_by_their_field() {
    let world = World::unbound().await;
    let terminal = world.enrolled("T07").await;
    let field = |field: &str| Code::BadField {
        field: field.to_owned(),
    };
    let refused = |change: fn(&mut Binding)| {
        let mut changed = binding(&world, Channel::WechatPay);
        change(&mut changed);
        let terminal = &terminal;
        async move { save(terminal, &changed).await.unwrap_err() }
    };
    let reason = refused(|b| {
        if let Credentials::WechatPay {
            merchant_private_key_pem,
            ..
        } = &mut b.credentials
        {
            merchant_private_key_pem.truncate(200);
        }
    });
    assert_eq!(reason.await, field("merchant_key_pem"));
    let reason = refused(|b| {
        if let Credentials::WechatPay { api_v3_key, .. } = &mut b.credentials {
            api_v3_key.pop();
        }
    });
    assert_eq!(reason.await, field("api_v3_key"));
    let reason = refused(|b| {
        if let Credentials::WechatPay { platform_keys, .. } = &mut b.credentials {
            platform_keys.clear();
        }
    });
    assert_eq!(reason.await, field("platform_keys"));
    let reason = refused(|b| b.details.merchant_no = "19 00".into());
    assert_eq!(reason.await, field("merchant_no"));
    // Alipay's keys for a WeChat Pay account.
    let mut crossed = binding(&world, Channel::Alipay);
    crossed.details = binding(&world, Channel::WechatPay).details;
    assert_eq!(
        save(&terminal, &crossed).await.unwrap_err(),
        field("credentials")
    );
    let nothing = ask(&terminal, WalletAsk::View).await.unwrap();
    assert_eq!(nothing, WalletView::default());
}

#[tokio::test]
async fn a_wrong_key_fails_the_self_test_and_never_becomes_active() {
    let world = World::unbound().await;
    let terminal = world.enrolled("T07").await;
    let mut wrong = binding(&world, Channel::WechatPay);
    if let Credentials::WechatPay {
        merchant_serial, ..
    } = &mut wrong.credentials
    {
        *merchant_serial = "00FF".into();
    }
    let draft = save(&terminal, &wrong).await.unwrap();
    let tested = ask(&terminal, WalletAsk::Test { binding: draft })
        .await
        .unwrap();
    assert_eq!(status(&tested, draft), BindingStatus::Failed);
    let reason = tested.bindings[0].refused.clone();
    assert!(
        matches!(
            reason,
            Some(Code::ChannelRefused { .. } | Code::ChannelSilent { .. })
        ),
        "{reason:?}"
    );
    let activate = WalletAsk::Activate {
        binding: draft,
        replaces: None,
    };
    assert_eq!(ask(&terminal, activate).await, Err(Code::WalletNotTested));
}

#[tokio::test]
async fn only_an_administrator_s_exchange_carries_keys_and_only_once() {
    let world = World::unbound().await;
    let (terminal, other) = (world.enrolled("T07").await, world.enrolled("T08").await);
    for role in [Role::Sales, Role::Finance, Role::FinanceLead] {
        let refused = answer(&terminal, role, WalletAsk::View).await;
        assert_eq!(refused, Err(Code::NotAllowed { role }));
    }
    let plain = serde_json::to_vec(&binding(&world, Channel::Alipay)).unwrap();
    let (name, key) = exchange(&terminal).await;
    let sealed = seal(&key, &seal_context(terminal.id, &name), &plain).unwrap();
    let save = WalletAsk::Save {
        exchange: name,
        sealed,
    };
    // Another terminal can't send it, and then it is used up.
    assert_eq!(ask(&other, save.clone()).await, Err(Code::SealExpired));
    assert_eq!(ask(&terminal, save).await, Err(Code::SealExpired));
    let (name, key) = exchange(&terminal).await;
    let mut sealed = seal(&key, &seal_context(terminal.id, &name), &plain).unwrap();
    sealed.text.replace_range(0..4, "AAAA");
    let changed = WalletAsk::Save {
        exchange: name,
        sealed,
    };
    assert_eq!(ask(&terminal, changed).await, Err(Code::Damaged));
}

#[tokio::test]
async fn a_mini_program_s_owner_has_to_be_the_account_s_holder() {
    let world = World::unbound().await;
    let terminal = world.enrolled("T07").await;
    let bind = |owner: &str| WalletAsk::MiniProgram {
        details: MiniProgramDetails {
            app_id: "wx0123456789abcdef".into(),
            owner: owner.into(),
            credit_code: String::new(),
        },
    };
    let owner = |wallet: WalletView| wallet.mini_program.unwrap().owner;
    // With no account to compare with nothing is taken for granted.
    let early = ask(&terminal, bind("Fieldtill(演示)商贸有限公司"))
        .await
        .unwrap();
    assert_eq!(owner(early), OwnerCheck::NoAccount);
    let draft = save(&terminal, &binding(&world, Channel::WechatPay))
        .await
        .unwrap();
    ask(&terminal, WalletAsk::Test { binding: draft })
        .await
        .unwrap();
    let activate = WalletAsk::Activate {
        binding: draft,
        replaces: None,
    };
    // The account that comes later is compared by itself; the brackets' width doesn't matter.
    assert_eq!(
        owner(ask(&terminal, activate).await.unwrap()),
        OwnerCheck::Same
    );
    let other = ask(&terminal, bind("另一家有限公司")).await.unwrap();
    assert_eq!(owner(other), OwnerCheck::NameDiffers);
}

#[tokio::test]
async fn a_replaced_account_still_takes_late_money_and_gives_it_back() {
    let (world, there) = World::moved_on().await;
    world.work();
    let (terminal, asked, link) = asked(&world).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "alipay").await;
    let sheet = phone.post(&page.form_of("pay-alipay")).await;
    // The payer is typing a password when an administrator puts another account in its place.
    let old = binding(&world, Channel::Alipay).details.merchant_no;
    let next = binding_of(there.merchant(), Channel::Alipay);
    assert_ne!(old, next.details.merchant_no);
    let draft = save(&terminal, &next).await.unwrap();
    ask(&terminal, WalletAsk::Test { binding: draft })
        .await
        .unwrap();
    let activate = WalletAsk::Activate {
        binding: draft,
        replaces: Some(old.clone()),
    };
    let wallet = ask(&terminal, activate).await.unwrap();
    assert_eq!(status(&wallet, draft), BindingStatus::Active);
    let replaced = wallet
        .bindings
        .iter()
        .find(|held| held.details.merchant_no == old);
    assert_eq!(replaced.unwrap().status, BindingStatus::Retired);

    phone.post(&sheet.form_of("pay")).await;
    paid(&world, &asked).await;
    let docs = terminal.pull_all().await;
    let record = docs.into_iter().find_map(|doc| match doc {
        Doc::TransactionRecord(record) => Some(record),
        _ => None,
    });
    let request = part(&world, &asked, &record.unwrap(), 100);
    let verdicts = ask_and_approve(&world, &terminal, vec![request]).await;
    assert!(verdicts.iter().all(VerdictKind::applied), "{verdicts:?}");
    world
        .until("the refund to be done", |store, cx| {
            let all = store.refunds(cx).unwrap();
            all.iter().all(|refund| refund.state == RefundState::Done)
        })
        .await;
    assert_eq!(refunds(&world).len(), 1);
    world.audited();

    // What is asked for from now on goes to the new account.
    let asked = terminal.ask(true).await;
    let link = world.short_link(&terminal, asked.intent).await;
    let mut phone = Browser::new(&world.http, ALIPAY);
    let page = phone.get(&format!("{}{link}", world.public)).await;
    let form = page.form_of("pay-alipay");
    let sent = phone.once(reqwest::Method::POST, &form, None).await;
    let to = sent.headers()["location"].to_str().unwrap().to_owned();
    assert!(to.starts_with(there.public_url()), "{to}");
}

#[tokio::test]
async fn no_key_is_in_the_store_in_a_reply_or_in_the_log() {
    let log = Log::default();
    let kept = log.kept();
    let world = World::unbound().await;
    let terminal = world.enrolled("T07").await;
    for channel in Channel::ALL {
        // Every reply is looked at where it is received, see `answer`.
        let draft = save(&terminal, &binding(&world, channel)).await.unwrap();
        ask(&terminal, WalletAsk::Test { binding: draft })
            .await
            .unwrap();
        let activate = WalletAsk::Activate {
            binding: draft,
            replaces: None,
        };
        let wallet = ask(&terminal, activate).await.unwrap();
        no_keys(&world, format!("{wallet:?}").as_bytes());
    }
    for doc in terminal.pull_all().await {
        no_keys(&world, &serde_json::to_vec(&doc).unwrap());
    }
    no_keys(&world, &std::fs::read(world.file("backend.db")).unwrap());
    let unwritten = std::fs::read(world.file("backend.db-wal")).unwrap();
    assert!(!unwritten.is_empty());
    no_keys(&world, &unwritten);
    drop(kept);
    let logged = log.bytes();
    assert!(!logged.is_empty());
    no_keys(&world, &logged);
}
