//! Settlement: how many callbacks a second are verified, stored, worked on and booked by the
//! backend on SQLite, against the rows that they left behind written by bare transactions; how far
//! a sweep over 10,000 open attempts lags; how fast a callback's signature is verified, against
//! ring alone. The backend, its two listeners and the channel (the sandbox) are in this process.

use crate::Plan;
use crate::failure::BenchError;
use crate::measure::{median, ms, spread};
use crate::orders::temporary;
use backend::central::Central;
use backend::host::{Host, Settings, Wallet};
use backend::import::Watch;
use backend::jobs::{self, Pace};
use backend::payments::asks::{Answered, Begin};
use backend::vault::Vault;
use backend::wallet::WalletFile;
use backend::{SqliteStore, Tuning, demo};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use domain::Timestamp;
use domain::channel::Channel;
use domain::collection::Purpose;
use domain::id::{CompanyId, IntentId, OpId};
use domain::money::Money;
use domain::operation::{IntentOpen, OpBody};
use domain::role::Role;
use gateways::Headers;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::SystemRandom;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use sandbox::{KeySource, Sandbox, SandboxConfig, SandboxKeys, system_clock};
use serde_json::json;
use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;
use wire::envelope::{Operation, SignedOperation};
use wire::keys::Hash;
use wire::protocol::{Caller, EnrolRequest, Head, PullRequest, PushRequest};
use wire::{Env, Keypair, SystemEnv};

/// Callbacks of a round.
const SETTLES: usize = 200;
/// Open attempts of a sweep.
const OPEN: usize = 10_000;
const VERIFIES: usize = 2_000;
const HOUR_MS: i64 = 3_600_000;
/// Operations in a push.
const BATCH: usize = 50;

/// A backend with its listeners, and the channel's own keys.
struct Office {
    central: Arc<Central>,
    host: Arc<Host>,
    public: SocketAddr,
    signing: RsaKeyPair,
    merchant: sandbox::Merchant,
    /// How many were enrolled.
    terminals: AtomicU32,
    _sandbox: sandbox::RunningSandbox,
}

fn missing(what: &'static str) -> BenchError {
    BenchError::Missing(what)
}

fn part(why: impl ToString) -> BenchError {
    BenchError::Part {
        part: "settle".to_owned(),
        why: why.to_string(),
    }
}

impl Office {
    async fn open(dir: &Path, file: &Path) -> Result<Office, BenchError> {
        let env: Arc<dyn Env> = Arc::new(SystemEnv::new());
        let keys =
            SandboxKeys::load_or_generate(dir, "Fieldtill 演示商贸有限公司", system_clock()())
                .map_err(part)?;
        let kept = dir.join("sandbox.json");
        let kept = std::fs::read(&kept).map_err(|error| BenchError::file(&kept, error))?;
        let kept: serde_json::Value = serde_json::from_slice(&kept)?;
        let pem = kept["pub_key_private_pem"].as_str().unwrap_or_default();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = BASE64_STANDARD.decode(body).map_err(part)?;
        let signing = RsaKeyPair::from_pkcs8(&der).map_err(part)?;
        let sandbox = Sandbox::start(SandboxConfig {
            keys: KeySource::Given(keys),
            ..SandboxConfig::default()
        })
        .await
        .map_err(part)?;
        let tuning = Tuning {
            tickets: 4_000,
            ticket_memory_kib: 8,
        };
        let central = Arc::new(Central::new(
            Arc::new(SqliteStore::open(file)?),
            Arc::clone(&env),
            Keypair::generate(&*env),
            CompanyId(Uuid::from_u128(1)),
            tuning,
        ));
        let mut watch = Watch {
            cancel: &AtomicBool::new(false),
            progress: &mut |_| {},
        };
        let url = "http://127.0.0.1";
        demo::make(
            central.store(),
            &central.context(),
            url,
            None,
            true,
            &mut watch,
        )?;
        let wallet = dir.join("merchant.json");
        std::fs::write(&wallet, serde_json::to_vec(sandbox.merchant())?)
            .map_err(|error| BenchError::file(&wallet, error))?;
        let file = WalletFile::read(&wallet).map_err(part)?;
        let hosts = file.hosts();
        let gateways = file.open(env).map_err(part)?;
        for binding in gateways.bindings() {
            central.act(|store, cx| store.put_binding(cx, &binding))?;
        }
        let settings = Settings {
            public_url: url.to_owned(),
            phone: None,
            pace: Pace::default(),
            proxies: Vec::new(),
        };
        let host = Host::new(
            Arc::clone(&central),
            Wallet {
                gateways,
                hosts,
                vault: Vault::new([0; 32]),
            },
            settings,
        );
        let any = || tokio::net::TcpListener::bind("127.0.0.1:0");
        let (api, public) = (any().await.map_err(part)?, any().await.map_err(part)?);
        let address = public.local_addr().map_err(part)?;
        tokio::spawn(backend::http::serve(Arc::clone(&host), api, public));
        Ok(Office {
            central,
            host,
            public: address,
            signing,
            merchant: sandbox.merchant().clone(),
            terminals: AtomicU32::new(10),
            _sandbox: sandbox,
        })
    }

    /// Top-ups asked for by an enrolled terminal, each with an open attempt; their numbers.
    fn attempts(&self, count: usize) -> Result<Vec<String>, BenchError> {
        let central = &self.central;
        // A terminal of its own: one that was here before is told of its old tickets too.
        let code = format!("T{:02}", self.terminals.fetch_add(1, Ordering::Relaxed));
        let code =
            central.act(|store, cx| store.issue_enrolment_code(cx, &code, demo::CODE_LIFE_MS))?;
        let key = Keypair::generate(central.env());
        let reply = central.enrol_now(&EnrolRequest {
            code,
            key: key.public(),
            protocol: wire::PROTOCOL_VERSION,
        })?;
        let staff = central.act(|store, cx| store.staff(cx))?;
        let seller = staff.iter().find(|member| member.role == Role::Sales);
        let seller = seller.ok_or(missing("a seller"))?.id;
        let known = central.act(|store, cx| store.known(cx))?;
        let buyer = known
            .distributors
            .values()
            .next()
            .ok_or(missing("a buyer"))?;
        let mut head = Head {
            incarnation: reply.incarnation,
            seq: 0,
            hash: Hash::ZERO,
        };
        let (mut after, mut numbers) = (wire::Cursor::default(), Vec::with_capacity(count));
        while numbers.len() < count {
            let caller = Caller {
                terminal: reply.terminal,
                head,
            };
            let pulled = central.pull_now(&PullRequest {
                caller,
                after,
                tickets: 0,
            })?;
            let tickets: Vec<IntentId> = pulled
                .changes
                .iter()
                .filter_map(|change| match &change.doc {
                    wire::Doc::Ticket(ticket) => Some(ticket.id),
                    _ => None,
                })
                .collect();
            after = pulled.complete_to;
            if tickets.is_empty() && !pulled.more {
                // The next pull issues new ones.
                continue;
            }
            for tickets in tickets.chunks(BATCH) {
                let mut operations = Vec::with_capacity(tickets.len());
                for ticket in tickets {
                    let expires_at = Timestamp(central.env().now().0 + HOUR_MS);
                    let body = IntentOpen {
                        intent: *ticket,
                        purpose: Purpose::PrepaidDeposit,
                        distributor: buyer.id,
                        amount_fen: Money::from_fen(630_600),
                        allocations: Vec::new(),
                        revision: 1,
                        expires_at,
                        distributor_number: buyer.number,
                    };
                    let operation = Operation {
                        op_id: OpId(central.env().uuid()),
                        terminal: reply.terminal,
                        incarnation: head.incarnation,
                        seq: head.seq + 1,
                        staff: seller,
                        at: central.env().now(),
                        schema: wire::OPERATION_SCHEMA,
                        depends_on: Vec::new(),
                        replaces: None,
                        prev_hash: head.hash,
                        body: OpBody::IntentOpen(body),
                    };
                    let signed = SignedOperation::seal(&operation, &key).map_err(part)?;
                    head = Head {
                        seq: head.seq + 1,
                        hash: signed.hash(),
                        ..head
                    };
                    operations.push(signed);
                }
                let pushed = central.push_now(&PushRequest {
                    caller: Caller {
                        terminal: reply.terminal,
                        head,
                    },
                    operations,
                    slips: Vec::new(),
                })?;
                let mut verdicts = pushed.verdicts.iter();
                if let Some(other) = verdicts.find(|verdict| !verdict.kind.applied()) {
                    return Err(part(format!("an ask was not taken: {:?}", other.kind)));
                }
                for ticket in tickets.iter().take(count - numbers.len()) {
                    let begun = central.act(|store, cx| {
                        store.begin_attempt(cx, *ticket, Channel::WechatPay, "payer")
                    })?;
                    let Begin::Create(attempt) = begun else {
                        return Err(part(format!("an attempt was not begun: {begun:?}")));
                    };
                    let offer = "{}".to_owned();
                    let number = attempt.out_trade_no;
                    central.act(|store, cx| {
                        store.attempt_answered(cx, &number, Answered::Created { offer })
                    })?;
                    numbers.push(number);
                }
            }
        }
        Ok(numbers)
    }

    /// What WeChat Pay posts when an attempt was paid.
    fn callback(&self, number: &str, nth: usize) -> Result<(Headers, Vec<u8>), BenchError> {
        let wechat_pay = &self.merchant.wechat_pay;
        let transaction = json!({
            "mchid": wechat_pay.mchid, "appid": wechat_pay.appid, "out_trade_no": number,
            "transaction_id": format!("42000{nth:023}"), "trade_type": "JSAPI",
            "trade_state": "SUCCESS", "trade_state_desc": "支付成功", "bank_type": "OTHERS",
            "success_time": "2026-11-24T10:00:00+08:00",
            "payer": {"openid": "oSomebodySomebodySomebody123"},
            "amount": {"total": 630_600, "payer_total": 630_600, "currency": "CNY"},
        });
        let key = UnboundKey::new(&AES_256_GCM, wechat_pay.api_v3_key.as_bytes()).map_err(part)?;
        let mut sealed = transaction.to_string().into_bytes();
        let nonce = Nonce::assume_unique_for_key(*b"abcdefghijkl");
        LessSafeKey::new(key)
            .seal_in_place_append_tag(nonce, Aad::from(b"transaction"), &mut sealed)
            .map_err(part)?;
        let body = json!({
            "id": "EV-1", "event_type": "TRANSACTION.SUCCESS", "summary": "支付成功",
            "resource_type": "encrypt-resource",
            "resource": {
                "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": BASE64_STANDARD.encode(sealed),
                "associated_data": "transaction", "nonce": "abcdefghijkl",
            },
        });
        let body = body.to_string();
        let time = (self.central.env().now().0 / 1000).to_string();
        let text = format!("{time}\nn0123456789abcdef\n{body}\n");
        let mut signature = vec![0; self.signing.public().modulus_len()];
        let random = SystemRandom::new();
        self.signing
            .sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
            .map_err(part)?;
        let key = wechat_pay.platform_keys.first();
        let headers = [
            ("Wechatpay-Timestamp", time),
            ("Wechatpay-Nonce", "n0123456789abcdef".to_owned()),
            (
                "Wechatpay-Serial",
                key.map_or_else(String::new, |key| key.id.clone()),
            ),
            ("Wechatpay-Signature", BASE64_STANDARD.encode(signature)),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        Ok((Headers::new(headers.into()), body.into_bytes()))
    }
}

/// Prints the numbers of settlement.
///
/// # Errors
/// When the backend or the channel can't be made, or a callback is refused.
pub(crate) fn measure(plan: &Plan) -> Result<(), BenchError> {
    let runtime = tokio::runtime::Runtime::new().map_err(part)?;
    runtime.block_on(async {
        let dir = temporary(plan)?;
        let file = dir.path().join("backend.db");
        let office = Office::open(dir.path(), &file).await?;
        verification(plan, &office)?;
        settlement(plan, &office, dir.path(), &file).await?;
        sweep(&office, &file).await
    })
}

fn verification(plan: &Plan, office: &Office) -> Result<(), BenchError> {
    let (headers, body) = office.callback("FT0000000000001W01X", 0)?;
    let gateway = office.host.gateways().of_channel(Channel::WechatPay).next();
    let gateway = gateway.ok_or(missing("a WeChat Pay account"))?;
    let get = |wanted: &str| {
        let mut pairs = headers.pairs().iter();
        let found = pairs.find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let mut text = format!(
        "{}\n{}\n",
        get("Wechatpay-Timestamp"),
        get("Wechatpay-Nonce")
    );
    text.push_str(&String::from_utf8_lossy(&body));
    text.push('\n');
    let signature = BASE64_STANDARD
        .decode(get("Wechatpay-Signature"))
        .map_err(part)?;
    let public = office.signing.public().as_ref().to_vec();
    let (mut ratios, mut rates) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let started = Instant::now();
        for _ in 0..VERIFIES {
            black_box(gateway.read_callback(&headers, black_box(&body))).map_err(part)?;
        }
        let ours = ms(started.elapsed());
        let started = Instant::now();
        for _ in 0..VERIFIES {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, black_box(&public))
                .verify(text.as_bytes(), &signature)
                .map_err(part)?;
        }
        ratios.push(ms(started.elapsed()) / ours);
        rates.push(VERIFIES as f64 * 1e3 / ours);
    }
    println!(
        "verify a callback (signature, seal, JSON, evidence): speed {} × ring's verification alone \
         · {:.0} a second, one thread [{} rounds of {VERIFIES}]",
        spread(&ratios),
        median(&rates),
        plan.rounds
    );
    Ok(())
}

async fn settlement(
    plan: &Plan,
    office: &Office,
    dir: &Path,
    file: &Path,
) -> Result<(), BenchError> {
    let (mut ratios, mut rates, mut bare_rates) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = 0;
    for round in 0..=plan.rounds {
        let numbers = office.attempts(SETTLES)?;
        let before = dir.join(format!("before-{round}.db"));
        Connection::open(file)?.execute("VACUUM INTO ?1", [before.to_string_lossy()])?;
        let callbacks: Result<Vec<_>, _> = numbers
            .iter()
            .enumerate()
            .map(|(nth, number)| office.callback(number, round * SETTLES + nth + 1))
            .collect();
        let (callbacks, public) = (callbacks?, office.public);
        let started = Instant::now();
        tokio::task::spawn_blocking(move || post_all(public, &callbacks))
            .await
            .map_err(part)??;
        jobs::run_due(&office.host).await.map_err(part)?;
        let ours = ms(started.elapsed());
        // Whatever is new or different in the file since then.
        let changed = changed_rows(file, &before)?;
        let mut bare = Connection::open(&before)?;
        for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL")] {
            bare.pragma_update(None, name, value)?;
        }
        bare.pragma_update(None, "foreign_keys", false)?;
        bare.set_prepared_statement_cache_capacity(64);
        let share = changed.len().div_ceil(SETTLES).max(1);
        let started = Instant::now();
        for rows in changed.chunks(share) {
            let tx = bare.transaction()?;
            for (table, row) in rows {
                let marks = vec!["?"; row.len()].join(", ");
                let put = format!("INSERT OR REPLACE INTO \"{table}\" VALUES ({marks})");
                tx.prepare_cached(&put)?.execute(params_from_iter(row))?;
            }
            tx.commit()?;
        }
        let alone = ms(started.elapsed());
        if round == 0 {
            continue;
        }
        rows = changed.len() / SETTLES;
        ratios.push(alone / ours);
        rates.push(SETTLES as f64 * 1e3 / ours);
        bare_rates.push(SETTLES as f64 * 1e3 / alone);
    }
    println!(
        "settle through a callback on SQLite: {:.0} a second, {} × the speed of the same {rows} \
         rows each in one bare transaction ({:.0} a second) [{} rounds of {SETTLES}]",
        median(&rates),
        spread(&ratios),
        median(&bare_rates),
        plan.rounds
    );
    Ok(())
}

/// Posts them one after the other over one connection; each must be accepted.
fn post_all(to: SocketAddr, callbacks: &[(Headers, Vec<u8>)]) -> Result<(), BenchError> {
    let mut stream = TcpStream::connect(to).map_err(part)?;
    stream.set_nodelay(true).map_err(part)?;
    let mut answer = [0u8; 4096];
    for (headers, body) in callbacks {
        let mut request = format!(
            "POST /callbacks/wechat_pay HTTP/1.1\r\nHost: {to}\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers.pairs() {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        stream
            .write_all(&[request.as_bytes(), body].concat())
            .map_err(part)?;
        let mut read = 0;
        while !answer[..read].windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut answer[read..]).map_err(part)? {
                0 => return Err(part("the backend hung up")),
                more => read += more,
            }
        }
        if !answer.starts_with(b"HTTP/1.1 204") {
            return Err(part(String::from_utf8_lossy(&answer[..read])));
        }
    }
    Ok(())
}

/// Rows of `file` that `before` does not hold as they are, table by table.
fn changed_rows(file: &Path, before: &Path) -> Result<Vec<(String, Vec<Value>)>, BenchError> {
    let now = Connection::open(file)?;
    now.execute("ATTACH ?1 AS old", [before.to_string_lossy()])?;
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let names: Result<Vec<String>, _> = now
        .prepare(tables)?
        .query_map([], |row| row.get(0))?
        .collect();
    let mut changed = Vec::new();
    for name in names? {
        let query = format!("SELECT * FROM main.\"{name}\" EXCEPT SELECT * FROM old.\"{name}\"");
        let mut query = now.prepare(&query)?;
        let width = query.column_count();
        let rows = query.query_map([], |row| (0..width).map(|at| row.get(at)).collect())?;
        for row in rows {
            changed.push((name.clone(), row?));
        }
    }
    // In turn, so that every transaction gets its share of every table.
    let mut turn: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    changed.sort_by_cached_key(|(name, _)| {
        let nth = turn.entry(name.clone()).or_insert(0);
        *nth += 1;
        (*nth, name.clone())
    });
    Ok(changed)
}

/// Everything is due before the sweep begins, as after an outage; the lag is that of the last.
async fn sweep(office: &Office, file: &Path) -> Result<(), BenchError> {
    let numbers = office.attempts(OPEN)?;
    let first_query_ms = backend::payments::query_delay_ms(0);
    tokio::time::sleep(Duration::from_millis(first_query_ms.unsigned_abs())).await;
    let (began, started) = (office.host.now().0, Instant::now());
    let look = Connection::open(file)?;
    let left = "SELECT count(*) FROM job WHERE kind = 'query' AND due_at <= ?1";
    let left = || -> rusqlite::Result<i64> { look.query_row(left, [began], |row| row.get(0)) };
    let waiting = left()?;
    let swept = async {
        while left()? > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok::<Duration, rusqlite::Error>(started.elapsed())
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let working = tokio::spawn(jobs::run(Arc::clone(&office.host), async {
        // An error means that the sweep ended badly, which is a reason to stop as well.
        let _ended = stopped.await;
    }));
    let took = swept.await?;
    let _nobody_listens = stop.send(());
    working.await.map_err(part)?;
    let seconds = took.as_secs_f64();
    println!(
        "sweep: {waiting} of {} open attempts were due at once; the last was asked about {seconds:.1} s \
         later, {:.0} a second (while it can be paid, each is asked about at most 30 s apart)",
        numbers.len(),
        waiting as f64 / seconds
    );
    Ok(())
}
