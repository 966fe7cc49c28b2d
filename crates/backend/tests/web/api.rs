//! What terminals meet: signatures both ways, refusals, the stream of pokes, the demo made once.

use crate::world::{NOBODY, Twist, World, make_demo};
use domain::Money;
use domain::collection::{PaymentMethod, Purpose};
use domain::id::CollectionId;
use domain::operation::{CollectionRecord, DraftDiscard, OpBody};
use domain::role::Role;
use domain::time::MINUTE_MS;
use wire::change::Doc;
use wire::protocol::SnapshotPage;
use wire::slip::{Slip, SlipRequest};
use wire::{Env as _, Keypair};

fn discard(world: &World, number: &str) -> OpBody {
    let order = domain::id::OrderId(world.env.uuid());
    OpBody::DraftDiscard(DraftDiscard {
        order,
        number: number.to_owned(),
    })
}

#[tokio::test]
async fn a_terminal_enrols_pushes_and_pulls_signed() {
    let world = World::plain().await;
    let terminal = world.enrolled("T07").await;
    let docs = terminal.pull_all().await;
    let count = |wanted: fn(&Doc) -> bool| docs.iter().filter(|doc| wanted(doc)).count();
    assert_eq!(count(|doc| matches!(doc, Doc::Product(_))), 300);
    assert_eq!(count(|doc| matches!(doc, Doc::Distributor(_))), 200);
    assert_eq!(count(|doc| matches!(doc, Doc::Ticket(_))), 4);
    let sales = world.staff(Role::Sales);
    let operation = terminal.sign(
        sales,
        discard(&world, &format!("{}-261122-0001", terminal.code)),
    );
    let reply = terminal.push(vec![operation.clone()]).await;
    assert!(reply.verdicts[0].kind.applied());
    assert!(reply.verdicts[0].verify(&terminal.backend_key).is_ok());
    // Repeated, it is answered the same and done once.
    assert_eq!(
        terminal.push(vec![operation]).await.verdicts,
        reply.verdicts
    );
    let stranger = terminal.sign(
        NOBODY,
        discard(&world, &format!("{}-261122-0002", terminal.code)),
    );
    assert!(
        !terminal.push(vec![stranger]).await.verdicts[0]
            .kind
            .applied()
    );
}

#[tokio::test]
async fn a_slip_is_given_to_terminals_by_its_name_alone() {
    let world = World::plain().await;
    let terminal = world.enrolled("T07").await;
    let slip = Slip::of(&[&[0xff, 0xd8, 0xff][..], &[5; 300]].concat());
    let ask = serde_json::to_vec(&SlipRequest {
        sha256: slip.sha256.clone(),
    })
    .unwrap();
    let missing = terminal.call("POST", "/v1/slip", ask.clone()).await;
    assert_eq!((missing.status, missing.signed), (422, true));
    let buyer = domain::id::DistributorId(world.env.uuid());
    let body = OpBody::CollectionRecord(CollectionRecord {
        collection: CollectionId(world.env.uuid()),
        number: format!("{}-261122-0001", terminal.code),
        purpose: Purpose::PrepaidDeposit,
        method: PaymentMethod::Cash,
        distributor: buyer,
        distributor_name: String::new(),
        amount_fen: Money::from_fen(100),
        allocations: Vec::new(),
        note: String::new(),
        slip_sha256: slip.sha256.clone(),
        after_lease: false,
    });
    // Whatever is said to the operation, the photo that it names is what a person may want to see.
    let operation = terminal.sign(world.staff(Role::Sales), body);
    let mut push = terminal.push_request(vec![operation]);
    push.slips = vec![slip.clone()];
    let body = serde_json::to_vec(&push).unwrap();
    assert_eq!(terminal.call("POST", "/v1/ops", body).await.status, 200);
    let given = terminal.call("POST", "/v1/slip", ask).await;
    assert!(given.status == 200 && given.signed, "{given:?}");
    assert_eq!(serde_json::from_slice::<Slip>(&given.body).unwrap(), slip);
    let garbled = terminal.call("POST", "/v1/slip", b"{}".to_vec()).await;
    assert!((400..500).contains(&garbled.status), "{garbled:?}");
}

#[tokio::test]
async fn a_changed_or_replayed_request_is_refused_and_a_wrong_clock_is_told() {
    let world = World::plain().await;
    let terminal = world.enrolled("T07").await;
    let target = "/v1/changes?after=1.0.0&tickets=4&incarnation=1&seq=0&hash=\
                  0000000000000000000000000000000000000000000000000000000000000000";
    let twisted = async |twist| terminal.twisted("GET", target, Vec::new(), twist).await;
    assert_eq!(twisted(Twist::default()).await.status, 200);
    let body = Twist {
        send_body: Some(b"x".to_vec()),
        ..Twist::default()
    };
    assert_eq!(twisted(body).await.status, 401);
    let other = Keypair::generate(world.env.as_ref());
    let answer = twisted(Twist {
        key: Some(&other),
        ..Twist::default()
    })
    .await;
    assert!(
        answer.status == 401 && !answer.signed,
        "a proxy could fetch it: {answer:?}"
    );
    let once = || Twist {
        nonce: Some("0123456789ABCDEF"),
        ..Twist::default()
    };
    assert_eq!(twisted(once()).await.status, 200);
    let again = twisted(once()).await;
    assert_eq!((again.status, again.signed), (401, true));
    // A clock that is a year off learns by how much, and what it then signs is good.
    let off = 365 * 24 * 60 * MINUTE_MS;
    let told = twisted(Twist {
        clock_ms: off,
        ..Twist::default()
    })
    .await;
    assert_eq!((told.status, told.signed), (401, true));
    let at = told.json()["at"].as_i64().unwrap();
    let correction = at - world.env.now().plus_ms(off).0;
    let corrected = Twist {
        clock_ms: off + correction,
        ..Twist::default()
    };
    assert_eq!(twisted(corrected).await.status, 200);
}

#[tokio::test]
async fn a_revoked_terminal_is_told_so_and_guessed_codes_are_braked() {
    let world = World::plain().await;
    let terminal = world.enrolled("T07").await;
    world
        .store(|store, cx| store.revoke_terminal(cx, "T07"))
        .unwrap();
    let body = serde_json::to_vec(&terminal.push_request(Vec::new())).unwrap();
    let answer = terminal.call("POST", "/v1/ops", body).await;
    assert_eq!((answer.status, answer.signed), (403, true));
    assert_eq!(answer.json()["refused"], "revoked");
    let guess = async || {
        let request = world
            .http
            .post(format!("{}/v1/enrol", world.api))
            .header("fieldtill-nonce", "guess00000000000")
            .json(&serde_json::json!({
                "code": "AAAAAAAA", "key": terminal.key.public(), "protocol": 1
            }));
        request.send().await.unwrap().status().as_u16()
    };
    for _ in 0..20 {
        assert_eq!(guess().await, 422);
    }
    assert_eq!(guess().await, 429);
    world.env.forward(MINUTE_MS);
    assert_eq!(guess().await, 422);
}

#[tokio::test]
async fn a_snapshot_comes_packed_and_its_signature_covers_the_content() {
    let world = World::plain().await;
    let terminal = world.enrolled("T07").await;
    let mut resume = String::new();
    let (mut seen, mut total) = (0, 1);
    while seen < total {
        let head = terminal.head();
        let target = format!(
            "/v1/snapshot?{resume}incarnation={}&seq={}&hash={}",
            head.incarnation, head.seq, head.hash
        );
        let twist = Twist {
            gzip: true,
            ..Twist::default()
        };
        let answer = terminal.twisted("GET", &target, Vec::new(), twist).await;
        assert!(
            answer.status == 200 && answer.signed && answer.packed,
            "{}",
            answer.status
        );
        let page: SnapshotPage = serde_json::from_slice(&answer.body).unwrap();
        (seen, total) = (seen + page.changes.len() as u64, page.total);
        match page.next {
            Some(token) => resume = format!("resume={token}&"),
            None => break,
        }
    }
    assert_eq!(seen, total);
    assert!(total >= 801, "{total}");
}

#[tokio::test]
async fn a_commit_pokes_the_stream() {
    let world = World::plain().await;
    let terminal = world.enrolled("T07").await;
    let fresh = domain::id::crockford(u128::from(world.env.number()), 25);
    let time = world.env.now();
    let text = wire::request::RequestText {
        method: "GET",
        target: "/v1/events",
        terminal: terminal.id,
        time,
        nonce: &fresh,
        body: b"",
    };
    let request = world
        .http
        .get(format!("{}/v1/events", world.api))
        .header("fieldtill-terminal", terminal.id.to_string())
        .header("fieldtill-time", time.0.to_string())
        .header("fieldtill-nonce", &fresh)
        .header("fieldtill-protocol", "1")
        .header("fieldtill-signature", text.sign(&terminal.key).to_string());
    let mut stream = request.send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let before = world.store(|store, cx| store.head(cx)).unwrap().seq;
    let sales = world.staff(Role::Sales);
    let number = format!("{}-261122-0001", terminal.code);
    terminal
        .push(vec![terminal.sign(sales, discard(&world, &number))])
        .await;
    let mut text = String::new();
    let newest = loop {
        let chunk = stream.chunk().await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
        let newest = text
            .lines()
            .filter_map(|l| l.strip_prefix("data: ")?.parse::<u64>().ok())
            .max();
        if let Some(newest) = newest.filter(|newest| *newest > before) {
            break newest;
        }
    };
    assert_eq!(newest, world.store(|store, cx| store.head(cx)).unwrap().seq);
}

#[tokio::test]
async fn the_demo_is_made_once() {
    let world = World::plain().await;
    let look = || {
        world.store(|store, cx| {
            (
                store.summary(cx).unwrap(),
                store.known(cx).unwrap(),
                store.staff(cx).unwrap(),
            )
        })
    };
    let before = look();
    let said = world.store(|store, cx| make_demo(store, cx, &world.public, true));
    assert!(said[0].contains("already"), "{said:?}");
    assert_eq!(look(), before);
}

#[tokio::test]
async fn health_metrics_and_the_description_answer_on_the_right_face() {
    let world = World::plain().await;
    let get = async |url: String| {
        let response = world.http.get(url).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(
        get(format!("{}/healthz", world.api)).await,
        (200, "ok\n".into())
    );
    assert_eq!(get(format!("{}/healthz", world.public)).await.0, 200);
    let (status, metrics) = get(format!("{}/metrics", world.api)).await;
    assert!(status == 200 && metrics.contains("fieldtill_trial_balance_fen 0\n"));
    let (_, openapi) = get(format!("{}/v1/openapi.json", world.api)).await;
    for path in [
        "/v1/enrol",
        "/v1/ops",
        "/v1/changes",
        "/v1/snapshot",
        "/v1/events",
    ] {
        assert!(openapi.contains(path), "{path}");
    }
    // The world can't reach a terminal's data.
    for path in ["/metrics", "/v1/changes", "/v1/openapi.json"] {
        assert_eq!(
            get(format!("{}{path}", world.public)).await.0,
            404,
            "{path}"
        );
    }
}
