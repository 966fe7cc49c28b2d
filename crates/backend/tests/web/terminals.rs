//! Terminals and work under review over HTTP: what an administrator sees, what a revoked terminal may
//! still do, and how its work comes to a decision.

use crate::world::{Terminal, Twist, World};
use domain::Code;
use domain::operation::{DraftDiscard, OpBody};
use domain::role::Role;
use domain::terminal::{IssuedCode, ReviewDecision, ReviewView, TerminalState, TerminalsView};
use wire::Env as _;
use wire::protocol::Refused;
use wire::terminals::{TerminalsAsk, TerminalsReply, TerminalsRequest};
use wire::verdict::{VerdictKind, Wait};

async fn answer(
    terminal: &Terminal<'_>,
    role: Role,
    ask: TerminalsAsk,
) -> Result<TerminalsReply, Code> {
    let staff = terminal.world.staff(role);
    let body = serde_json::to_vec(&TerminalsRequest { staff, ask }).unwrap();
    let answer = terminal.call("POST", "/v1/terminals", body).await;
    assert!(answer.signed, "{answer:?}");
    match answer.status {
        200 => Ok(serde_json::from_slice(&answer.body).unwrap()),
        _ => match serde_json::from_slice(&answer.body).unwrap() {
            Refused::Rule { reason } => Err(reason),
            other => panic!("{other:?}"),
        },
    }
}

async fn manage(terminal: &Terminal<'_>, ask: TerminalsAsk) -> (TerminalsView, Option<IssuedCode>) {
    match answer(terminal, Role::Admin, ask).await {
        Ok(TerminalsReply::Terminals { view, issued }) => (view, issued),
        other => panic!("{other:?}"),
    }
}

async fn review(terminal: &Terminal<'_>, ask: TerminalsAsk) -> ReviewView {
    match answer(terminal, Role::Finance, ask).await {
        Ok(TerminalsReply::Review { view }) => view,
        other => panic!("{other:?}"),
    }
}

fn revoke(terminal_code: &str) -> TerminalsAsk {
    TerminalsAsk::Revoke {
        terminal_code: terminal_code.into(),
        reason: "丢失".into(),
    }
}

#[tokio::test]
async fn an_administrator_sees_the_last_contact_and_gives_a_code_that_enrols() {
    let world = World::plain().await;
    let terminal = world.enrolled("T07").await;
    terminal.pull_all().await;
    // Signed and not sent: the next request tells how far the log has come.
    let body = OpBody::DraftDiscard(DraftDiscard {
        order: domain::id::OrderId(world.env.uuid()),
        number: format!("{}-261122-0001", terminal.code),
    });
    terminal.sign(world.staff(Role::Sales), body);
    let began = world.env.now();
    terminal.pull_all().await;
    let ask = TerminalsAsk::IssueCode {
        terminal_code: "T09".into(),
    };
    let (view, issued) = manage(&terminal, ask).await;
    let issued = issued.unwrap();
    let mut all = view.terminals.iter();
    let t07 = all.find(|one| one.terminal_code == "T07").unwrap();
    let contact = t07.contact.clone().unwrap();
    assert_eq!(contact.unsynced, 1);
    assert!(contact.at >= began && contact.at <= world.env.now());
    let mut all = view.terminals.iter();
    let t09 = all.find(|one| one.terminal_code == "T09").unwrap();
    assert_eq!(t09.state, TerminalState::Awaited);
    let enrol = wire::protocol::EnrolRequest {
        code: issued.code,
        key: wire::Keypair::generate(world.env.as_ref()).public(),
        protocol: wire::PROTOCOL_VERSION,
    };
    let request = world
        .http
        .post(format!("{}/v1/enrol", world.api))
        .header("fieldtill-nonce", "enrol00000000000")
        .json(&enrol);
    assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
    for role in [Role::Sales, Role::Finance] {
        let refused = answer(&terminal, role, TerminalsAsk::View).await;
        assert_eq!(refused, Err(Code::NotAllowed { role }));
    }
    let body = b"{\"staff\":1}".to_vec();
    let odd = terminal.call("POST", "/v1/terminals", body).await;
    assert_eq!((odd.status, odd.signed), (422, true));
    let forged = Twist {
        send_body: Some(b"{}".to_vec()),
        ..Twist::default()
    };
    let forged = terminal
        .twisted("POST", "/v1/terminals", Vec::new(), forged)
        .await;
    assert_eq!(forged.status, 401);
}

#[tokio::test]
async fn a_revoked_terminal_may_only_hand_over_its_work_which_waits_until_finance_releases_it() {
    let world = World::plain().await;
    let (admin, lost) = (world.enrolled("T02").await, world.enrolled("T07").await);
    let (view, _) = manage(&admin, revoke("T07")).await;
    assert_eq!(view.changes[0].after, "revoked");
    let known = world.store(|store, cx| store.known(cx)).unwrap();
    let buyer = known.distributors.values().next().unwrap();
    let product = known.products.values().next().unwrap();
    let before = world.store(|store, cx| store.orders(cx)).unwrap().len();
    let order = lost.order(buyer, product);
    let (id, number) = (order.order, order.number.clone());
    let signed = lost.sign(world.staff(Role::Sales), OpBody::OrderSubmit(order));
    // Twice, as after a lost answer.
    for _ in 0..2 {
        let reply = lost.push(vec![signed.clone()]).await;
        let kind = reply.verdicts[0].kind.clone();
        assert_eq!(kind, VerdictKind::Blocked { wait: Wait::Review });
        assert_eq!(reply.head, lost.head());
    }
    let head = lost.head();
    let query = format!(
        "incarnation={}&seq={}&hash={}",
        head.incarnation, head.seq, head.hash
    );
    for (method, target) in [
        ("GET", format!("/v1/changes?after=1.0.0&tickets=9&{query}")),
        ("GET", format!("/v1/snapshot?{query}")),
        ("GET", "/v1/events".to_owned()),
        ("POST", "/v1/wallet".to_owned()),
        ("POST", "/v1/terminals".to_owned()),
        ("POST", "/v1/slip".to_owned()),
    ] {
        let told = lost.call(method, &target, Vec::new()).await;
        assert_eq!((told.status, told.signed), (403, true), "{target}");
    }
    let orders = |world: &World| world.store(|store, cx| store.orders(cx)).unwrap();
    assert_eq!(orders(&world).len(), before);

    let waiting = review(&admin, TerminalsAsk::Review).await;
    let [work] = waiting.work.as_slice() else {
        panic!("{waiting:?}")
    };
    assert_eq!(work.content.clone().unwrap().number, number);
    let decide = TerminalsAsk::Decide {
        op: work.op,
        decision: ReviewDecision::Release,
    };
    let left = review(&admin, decide.clone()).await;
    assert_eq!((left.total, left.decided[0].after.as_str()), (0, "applied"));
    assert!(orders(&world).iter().any(|held| held.id == id));
    let again = answer(&admin, Role::Finance, decide).await;
    assert_eq!(again, Err(Code::AlreadyDecided));
}
