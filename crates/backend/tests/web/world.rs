//! A backend with the demo company behind two loopback listeners, a sandbox that plays the
//! channels, and terminals that sign what they send.

use backend::central::Central;
use backend::demo;
use backend::host::{Host, Settings, Wallet};
use backend::import::Watch;
use backend::jobs::Pace;
use backend::vault::Vault;
use backend::wallet::{Gateways, Hosts, WalletFile};
use backend::{Context, SqliteStore, Store, Tuning};
use domain::channel::Channel;
use domain::collection::{Allocation, Purpose};
use domain::config::Config;
use domain::distributor::Distributor;
use domain::id::{CompanyId, IntentId, OpId, OrderId, StaffId, TerminalId};
use domain::operation::{IntentOpen, OpBody, OrderSubmit};
use domain::order::{OrderContent, OrderLine, SalesOrder};
use domain::product::Product;
use domain::quantity::{LineDiscount, Quantity, line_amount};
use domain::role::Role;
use domain::time::MINUTE_MS;
use domain::{Money, Timestamp};
use sandbox::{PlatformKeyKind, RunningSandbox, Sandbox, SandboxConfig, SandboxKeys, system_clock};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use tempfile::TempDir;
use tokio::net::TcpListener;
use uuid::Uuid;
use wire::change::{Cursor, Doc};
use wire::envelope::{Operation, SignedOperation};
use wire::keys::Hash;
use wire::link::LinkBody;
use wire::protocol::{Caller, EnrolReply, EnrolRequest, Head, PullReply, PushReply, PushRequest};
use wire::request::{NONCE, PROTOCOL, RequestText, SIGNATURE, TERMINAL, TIME, verify_reply};
use wire::{Env, Keypair, PublicKey, SystemEnv};

/// The computer's clock, moved.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    by_ms: AtomicI64,
    real: SystemEnv,
}

impl Moved {
    pub(crate) fn forward(&self, ms: i64) {
        self.by_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Env for Moved {
    fn now(&self) -> Timestamp {
        self.real.now().plus_ms(self.by_ms.load(Ordering::SeqCst))
    }

    fn random(&self, bytes: &mut [u8]) {
        self.real.random(bytes);
    }
}

/// Which accounts a world's backend is started with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Accounts {
    None,
    /// WeChat Pay's messages are verified by its public key and its platform certificate.
    Bound,
    /// Of a merchant without a public key.
    CertificatesOnly,
    /// One channel's.
    Only(Channel),
}

pub(crate) struct World {
    pub(crate) env: Arc<Moved>,
    pub(crate) host: Arc<Host>,
    pub(crate) api: String,
    pub(crate) public: String,
    pub(crate) sandbox: Option<RunningSandbox>,
    pub(crate) http: reqwest::Client,
    dir: TempDir,
}

/// The channels' keys, and the file they are kept in: with it a test can sign as the channels do.
/// Making RSA keys takes seconds: once for all tests.
pub(crate) fn keys() -> &'static (SandboxKeys, serde_json::Value) {
    static KEYS: OnceLock<(SandboxKeys, serde_json::Value)> = OnceLock::new();
    KEYS.get_or_init(|| {
        let (dir, holder) = (tempfile::tempdir().unwrap(), "Fieldtill 演示商贸有限公司");
        let now = system_clock()();
        let keys = SandboxKeys::load_or_generate(dir.path(), holder, now).unwrap();
        let file = std::fs::read(dir.path().join("sandbox.json")).unwrap();
        (keys, serde_json::from_slice(&file).unwrap())
    })
}

/// Makes the demo company of its own.
pub(crate) fn make_demo(
    store: &dyn Store,
    cx: &Context<'_>,
    public_url: &str,
    bound: bool,
) -> Vec<String> {
    let cancel = AtomicBool::new(false);
    let mut watch = Watch {
        cancel: &cancel,
        progress: &mut |_| {},
    };
    demo::make(store, cx, public_url, None, bound, &mut watch).unwrap()
}

impl World {
    /// Without channels: for what terminals do.
    pub(crate) async fn plain() -> World {
        World::start(Arc::default(), None, Accounts::Bound, None).await
    }

    /// The sandbox's clock is the backend's; its accounts are bound by file.
    pub(crate) async fn with_sandbox() -> World {
        World::beside_sandbox(Accounts::Bound).await
    }

    /// The same without a wallet: online payment is off.
    pub(crate) async fn unbound() -> World {
        World::beside_sandbox(Accounts::None).await
    }

    /// With an account of one channel's.
    pub(crate) async fn with_only(channel: Channel) -> World {
        World::beside_sandbox(Accounts::Only(channel)).await
    }

    /// With the sandbox's platform certificate as the only key of WeChat Pay's.
    pub(crate) async fn with_certificates_only() -> World {
        World::beside_sandbox(Accounts::CertificatesOnly).await
    }

    async fn beside_sandbox(accounts: Accounts) -> World {
        let env: Arc<Moved> = Arc::default();
        let sandbox = sandbox_of(keys().0.clone(), &env).await;
        World::start(env, Some(sandbox), accounts, None).await
    }

    /// Its accounts are bound by file at one sandbox; what is bound next is bound at the other,
    /// which has other accounts.
    pub(crate) async fn moved_on() -> (World, RunningSandbox) {
        let env: Arc<Moved> = Arc::default();
        let other = SandboxKeys::generate("另一家演示商贸有限公司", system_clock()()).unwrap();
        let there = sandbox_of(other, &env).await;
        let (_, hosts, _) = wallet(&tempfile::tempdir().unwrap(), &there, &env, Accounts::Bound);
        let here = sandbox_of(keys().0.clone(), &env).await;
        let world = World::start(env, Some(here), Accounts::Bound, Some(hosts)).await;
        (world, there)
    }

    async fn start(
        env: Arc<Moved>,
        sandbox: Option<RunningSandbox>,
        accounts: Accounts,
        next: Option<Hosts>,
    ) -> World {
        let bound = accounts != Accounts::None;
        // An error means that another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&dir.path().join("backend.db")).unwrap());
        let tuning = Tuning {
            tickets: 4,
            ticket_memory_kib: 8,
        };
        let (key, company) = (Keypair::generate(env.as_ref()), CompanyId(env.uuid()));
        let central = Central::new(
            store,
            Arc::clone(&env) as Arc<dyn Env>,
            key,
            company,
            tuning,
        );
        let (api, public) = (
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let api_url = format!("http://{}", api.local_addr().unwrap());
        let public_url = format!("http://{}", public.local_addr().unwrap());
        make_demo(central.store(), &central.context(), &public_url, bound);
        let (gateways, hosts, phone) = match &sandbox {
            Some(sandbox) if bound => wallet(&dir, sandbox, &env, accounts),
            Some(sandbox) => {
                let (_, hosts, phone) = wallet(&dir, sandbox, &env, accounts);
                (Gateways::default(), hosts, phone)
            }
            None => (Gateways::default(), Hosts::default(), None),
        };
        for binding in gateways.bindings() {
            central
                .act(|store, cx| store.put_binding(cx, &binding))
                .unwrap();
        }
        let settings = Settings {
            public_url: public_url.clone(),
            phone,
            pace: Pace::fast(),
            proxies: vec![std::net::IpAddr::from([127, 0, 0, 1])],
        };
        let wallet = Wallet {
            gateways,
            hosts: next.unwrap_or(hosts),
            vault: Vault::new([4; 32]),
        };
        let host = Host::new(Arc::new(central), wallet, settings);
        tokio::spawn(backend::http::serve(Arc::clone(&host), api, public));
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        World {
            env,
            host,
            api: api_url,
            public: public_url,
            sandbox,
            http,
            dir,
        }
    }

    /// A copy of the store, made by SQLite itself while the backend runs.
    pub(crate) fn backup(&self) -> std::path::PathBuf {
        let path = self.dir.path().join("backup.db");
        let file = rusqlite::Connection::open(self.dir.path().join("backend.db")).unwrap();
        file.execute("VACUUM INTO ?1", [path.to_str().unwrap()])
            .unwrap();
        path
    }

    /// The same company's backend on a backup that was put back: other listeners, the same keys,
    /// channels and clock.
    pub(crate) async fn restored(&self, backup: &std::path::Path) -> World {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("backend.db");
        std::fs::copy(backup, &path).unwrap();
        let old = self.host.central();
        let tuning = *old.context().tuning;
        let central = Central::new(
            Arc::new(SqliteStore::open(&path).unwrap()),
            Arc::clone(&self.env) as Arc<dyn Env>,
            Keypair::from_seed(*old.key().seed()),
            old.company_id(),
            tuning,
        );
        let (api, public) = (
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let settings = self.host.settings().clone();
        let wallet = Wallet {
            gateways: Gateways::clone(&self.host.gateways()),
            hosts: Hosts::default(),
            vault: Vault::new([4; 32]),
        };
        let host = Host::new(Arc::new(central), wallet, settings);
        let (api_url, public_url) = (
            format!("http://{}", api.local_addr().unwrap()),
            format!("http://{}", public.local_addr().unwrap()),
        );
        tokio::spawn(backend::http::serve(Arc::clone(&host), api, public));
        World {
            env: Arc::clone(&self.env),
            host,
            api: api_url,
            public: public_url,
            sandbox: None,
            http: self.http.clone(),
            dir,
        }
    }

    /// Nothing that asks for money can be read from now on.
    pub(crate) fn break_store(&self) {
        let file = rusqlite::Connection::open(self.dir.path().join("backend.db")).unwrap();
        file.execute_batch("ALTER TABLE payment_intent RENAME TO gone")
            .unwrap();
    }

    /// How many rows each table of the store has, read past the program.
    pub(crate) fn rows(&self) -> Vec<(String, i64)> {
        let path = self.dir.path().join("backend.db");
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let file = rusqlite::Connection::open_with_flags(path, flags).unwrap();
        let mut tables = file
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
            .unwrap();
        let names = tables.query_map([], |row| row.get(0)).unwrap();
        let names: Vec<String> = names.map(Result::unwrap).collect();
        let count = |name: &String| -> i64 {
            let query = format!("SELECT count(*) FROM \"{name}\"");
            file.query_row(&query, [], |row| row.get(0)).unwrap()
        };
        names
            .iter()
            .map(|name| (name.clone(), count(name)))
            .collect()
    }

    pub(crate) fn sandbox(&self) -> &RunningSandbox {
        self.sandbox.as_ref().unwrap()
    }

    /// Works on background jobs until the world ends.
    pub(crate) fn work(&self) {
        tokio::spawn(backend::jobs::run(
            Arc::clone(&self.host),
            std::future::pending(),
        ));
    }

    pub(crate) fn store<T>(&self, read: impl FnOnce(&dyn Store, &Context<'_>) -> T) -> T {
        read(self.host.central().store(), &self.host.central().context())
    }

    /// Turns online payment on, as an administrator does once a wallet is bound.
    pub(crate) fn enable(&self) {
        self.configure(|config| config.online_payment_enabled = true);
    }

    /// Changes the configuration in force.
    pub(crate) fn configure(&self, change: impl FnOnce(&mut Config)) {
        let mut config = self.store(|store, cx| store.config(cx)).unwrap().config;
        change(&mut config);
        let done = self
            .host
            .central()
            .act(|store, cx| store.put_config(cx, &config));
        done.unwrap();
    }

    /// A file of the backend's folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn staff(&self, role: Role) -> StaffId {
        let all = self.store(|store, cx| store.staff(cx)).unwrap();
        all.iter().find(|member| member.role == role).unwrap().id
    }

    /// Waits until the store says so; every change of the feed is a reason to look again.
    pub(crate) async fn until(&self, what: &str, done: impl Fn(&dyn Store, &Context<'_>) -> bool) {
        let mut news = self.host.central().news();
        let looking = async {
            while !self.store(&done) {
                news.changed().await.unwrap();
            }
        };
        let limit = std::time::Duration::from_secs(30);
        tokio::time::timeout(limit, looking)
            .await
            .unwrap_or_else(|_| panic!("waited for {what}"));
    }

    pub(crate) async fn enrolled(&self, code: &str) -> Terminal<'_> {
        let code = self
            .store(|store, cx| store.issue_enrolment_code(cx, code, 10 * MINUTE_MS))
            .unwrap();
        let key = Keypair::generate(self.env.as_ref());
        let request = EnrolRequest {
            code,
            key: key.public(),
            protocol: wire::PROTOCOL_VERSION,
        };
        let sent = self
            .http
            .post(format!("{}/v1/enrol", self.api))
            .header(NONCE, "enrol000000000001")
            .json(&request);
        let response = sent.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let signature = response.headers()[SIGNATURE]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        let body = response.bytes().await.unwrap();
        let reply: EnrolReply = serde_json::from_slice(&body).unwrap();
        verify_reply(
            &reply.backend_key,
            "enrol000000000001",
            200,
            &body,
            &signature,
        )
        .unwrap();
        let lease = reply.lease.open(&reply.backend_key).unwrap();
        let head = Head {
            incarnation: reply.incarnation,
            seq: 0,
            hash: Hash::ZERO,
        };
        Terminal {
            world: self,
            id: reply.terminal,
            code: lease.terminal_code,
            key,
            backend_key: reply.backend_key,
            log: Mutex::new((head, 0)),
            signed: Mutex::default(),
        }
    }
}

/// Its clock is the backend's.
async fn sandbox_of(keys: SandboxKeys, env: &Arc<Moved>) -> RunningSandbox {
    let clock = Arc::clone(env);
    let config = SandboxConfig {
        keys: sandbox::KeySource::Given(keys),
        clock: Arc::new(move || jiff::Timestamp::from_millisecond(clock.now().0).unwrap()),
        ..SandboxConfig::default()
    };
    Sandbox::start(config).await.unwrap()
}

fn wallet(
    dir: &TempDir,
    sandbox: &RunningSandbox,
    env: &Arc<Moved>,
    accounts: Accounts,
) -> (Gateways, Hosts, Option<String>) {
    let path = dir.path().join("merchant.json");
    let mut merchant = sandbox.merchant().clone();
    if accounts == Accounts::CertificatesOnly {
        let certificate = |key: &sandbox::PlatformKey| key.kind == PlatformKeyKind::Certificate;
        merchant.wechat_pay.platform_keys.retain(certificate);
    }
    let mut merchant = serde_json::to_value(&merchant).unwrap();
    if let Accounts::Only(channel) = accounts {
        let other = match channel {
            Channel::WechatPay => "alipay",
            Channel::Alipay => "wechat_pay",
        };
        merchant.as_object_mut().unwrap().remove(other);
    }
    std::fs::write(&path, serde_json::to_vec(&merchant).unwrap()).unwrap();
    let file = WalletFile::read(&path).unwrap();
    let (hosts, phone) = (file.hosts(), file.phone());
    let gateways = file.open(Arc::clone(env) as Arc<dyn Env>).unwrap();
    (gateways, hosts, phone)
}

/// A signed answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) signed: bool,
    pub(crate) body: Vec<u8>,
    pub(crate) packed: bool,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// How a request differs from an honest one.
#[derive(Default)]
pub(crate) struct Twist<'a> {
    pub(crate) clock_ms: i64,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) send_body: Option<Vec<u8>>,
    pub(crate) key: Option<&'a Keypair>,
    pub(crate) gzip: bool,
}

pub(crate) struct Terminal<'w> {
    pub(crate) world: &'w World,
    pub(crate) id: TerminalId,
    pub(crate) code: String,
    pub(crate) key: Keypair,
    pub(crate) backend_key: PublicKey,
    /// Head, and how many numbers are used.
    log: Mutex<(Head, u32)>,
    /// Everything signed, oldest first: a terminal keeps it.
    signed: Mutex<Vec<SignedOperation>>,
}

/// An ask with its links.
pub(crate) struct Asked {
    pub(crate) intent: IntentId,
    pub(crate) order: OrderId,
    pub(crate) amount: Money,
    /// `/p/…` by the offline link.
    pub(crate) signed_link: String,
    pub(crate) check_code: String,
    pub(crate) order_number: String,
}

impl Terminal<'_> {
    /// The same terminal before a backend that was put back.
    pub(crate) fn before<'w>(&self, world: &'w World) -> Terminal<'w> {
        Terminal {
            world,
            id: self.id,
            code: self.code.clone(),
            key: Keypair::from_seed(*self.key.seed()),
            backend_key: self.backend_key,
            log: Mutex::new(*self.log.lock().unwrap()),
            signed: Mutex::new(self.signed.lock().unwrap().clone()),
        }
    }

    /// Sends the whole log again, as a terminal does whose backend lacks a part of it.
    pub(crate) async fn send_again(&self) -> PushReply {
        let all = self.signed.lock().unwrap().clone();
        self.push(all).await
    }

    pub(crate) fn head(&self) -> Head {
        self.log.lock().unwrap().0
    }

    pub(crate) async fn call(&self, method: &str, target: &str, body: Vec<u8>) -> Answer {
        self.twisted(method, target, body, Twist::default()).await
    }

    pub(crate) async fn twisted(
        &self,
        method: &str,
        target: &str,
        body: Vec<u8>,
        twist: Twist<'_>,
    ) -> Answer {
        let fresh = domain::id::crockford(u128::from(self.world.env.number()), 25);
        let nonce = twist.nonce.unwrap_or(&fresh);
        let time = self.world.env.now().plus_ms(twist.clock_ms);
        let text = RequestText {
            method,
            target,
            terminal: self.id,
            time,
            nonce,
            body: &body,
        };
        let signature = text.sign(twist.key.unwrap_or(&self.key));
        let mut request = self
            .world
            .http
            .request(
                method.parse().unwrap(),
                format!("{}{target}", self.world.api),
            )
            .header(TERMINAL, self.id.to_string())
            .header(TIME, time.0.to_string())
            .header(NONCE, nonce)
            .header(PROTOCOL, wire::PROTOCOL_VERSION.to_string())
            .header(SIGNATURE, signature.to_string())
            .body(twist.send_body.unwrap_or(body));
        if twist.gzip {
            request = request.header("accept-encoding", "gzip");
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let signature = response.headers().get(SIGNATURE).cloned();
        let packed = response.headers().contains_key("content-encoding");
        let mut body = response.bytes().await.unwrap().to_vec();
        if packed {
            let mut plain = Vec::new();
            std::io::copy(
                &mut flate2::read::GzDecoder::new(body.as_slice()),
                &mut plain,
            )
            .unwrap();
            body = plain;
        }
        let signed = signature.is_some_and(|text| {
            let signature = text.to_str().unwrap().parse().unwrap();
            verify_reply(&self.backend_key, nonce, status, &body, &signature).is_ok()
        });
        Answer {
            status,
            signed,
            body,
            packed,
        }
    }

    pub(crate) async fn pull(&self, after: Cursor) -> PullReply {
        let head = self.head();
        let target = format!(
            "/v1/changes?after={after}&tickets=0&incarnation={}&seq={}&hash={}",
            head.incarnation, head.seq, head.hash
        );
        let answer = self.call("GET", &target, Vec::new()).await;
        assert!(answer.status == 200 && answer.signed, "{answer:?}");
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Everything from the beginning.
    pub(crate) async fn pull_all(&self) -> Vec<Doc> {
        let mut docs = Vec::new();
        let epoch = self.world.store(|store, cx| store.head(cx)).unwrap().epoch;
        let mut after = Cursor {
            epoch,
            seq: 0,
            tag: 0,
        };
        loop {
            let reply = self.pull(after).await;
            docs.extend(reply.changes.into_iter().map(|change| change.doc));
            after = reply.complete_to;
            if !reply.more {
                return docs;
            }
        }
    }

    /// Signs an operation and moves the log on.
    pub(crate) fn sign(&self, staff: StaffId, body: OpBody) -> SignedOperation {
        let mut log = self.log.lock().unwrap();
        let operation = Operation {
            op_id: OpId(self.world.env.uuid()),
            terminal: self.id,
            incarnation: log.0.incarnation,
            seq: log.0.seq + 1,
            staff,
            at: self.world.env.now(),
            schema: wire::OPERATION_SCHEMA,
            depends_on: Vec::new(),
            replaces: None,
            prev_hash: log.0.hash,
            body,
        };
        let signed = SignedOperation::seal(&operation, &self.key).unwrap();
        log.0 = Head {
            seq: log.0.seq + 1,
            hash: signed.hash(),
            ..log.0
        };
        self.signed.lock().unwrap().push(signed.clone());
        signed
    }

    pub(crate) fn push_request(&self, operations: Vec<SignedOperation>) -> PushRequest {
        PushRequest {
            caller: Caller {
                terminal: self.id,
                head: self.head(),
            },
            operations,
            slips: Vec::new(),
        }
    }

    pub(crate) async fn push(&self, operations: Vec<SignedOperation>) -> PushReply {
        let body = serde_json::to_vec(&self.push_request(operations)).unwrap();
        let answer = self.call("POST", "/v1/ops", body).await;
        assert!(answer.status == 200 && answer.signed, "{answer:?}");
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn number(&self) -> String {
        let mut log = self.log.lock().unwrap();
        log.1 += 1;
        format!("{}-261122-{:04}", self.code, log.1)
    }

    /// An order of one line, confirmed.
    pub(crate) fn order(&self, buyer: &Distributor, product: &Product) -> OrderSubmit {
        let quantity = Quantity::parse("2").unwrap();
        let discount = LineDiscount::None;
        let line = OrderLine {
            product: product.id,
            code: product.code.clone(),
            name: product.name.clone(),
            unit: product.unit.clone(),
            quantity,
            unit_price: product.list_price,
            discount,
            price_book: None,
            price_as_of: self.world.env.now(),
            amount_fen: line_amount(quantity, product.list_price, &discount).unwrap(),
        };
        let content = OrderContent {
            distributor: buyer.id,
            distributor_name: buyer.name.clone(),
            lines: vec![line],
            discount,
            payment_method: None,
            remark: String::new(),
        };
        let order = OrderId(self.world.env.uuid());
        OrderSubmit {
            order,
            number: self.number(),
            content,
            confirm: true,
            config: 0,
        }
    }

    /// An order and an ask for all of it; `push` says whether the backend hears of it at once.
    pub(crate) async fn ask(&self, push: bool) -> Asked {
        let docs = self.pull_all().await;
        let ticket = docs
            .iter()
            .filter_map(|doc| match doc {
                Doc::Ticket(ticket) => Some(ticket.id),
                _ => None,
            })
            .next_back()
            .unwrap();
        let known = self.world.store(|store, cx| store.known(cx)).unwrap();
        let (buyer, product) = (
            known.distributors.values().next().unwrap(),
            known.products.values().next().unwrap(),
        );
        let submit = self.order(buyer, product);
        let amount = submit.content.totals().unwrap().total_fen;
        let expires_at = Timestamp(self.world.env.now().plus_ms(15 * MINUTE_MS).0 / 1000 * 1000);
        let body = LinkBody {
            terminal: self.id,
            intent: ticket,
            distributor_number: buyer.number,
            amount_fen: amount,
            expires_at,
            purpose: Purpose::OrderPayment,
            revision: 1,
        };
        let asked = Asked {
            intent: ticket,
            order: submit.order,
            amount,
            signed_link: format!("/p/{}", body.seal(&self.key).unwrap()),
            check_code: body.check_code(),
            order_number: submit.number.clone(),
        };
        if push {
            let open = IntentOpen {
                intent: ticket,
                purpose: Purpose::OrderPayment,
                distributor: buyer.id,
                amount_fen: amount,
                allocations: vec![Allocation {
                    order: submit.order,
                    amount_fen: amount,
                }],
                revision: 1,
                expires_at,
                distributor_number: buyer.number,
            };
            let sales = self.world.staff(Role::Sales);
            let operations = vec![
                self.sign(sales, OpBody::OrderSubmit(submit)),
                self.sign(sales, OpBody::IntentOpen(open)),
            ];
            let reply = self.push(operations).await;
            assert!(reply.verdicts.iter().all(|v| v.kind.applied()), "{reply:?}");
        }
        asked
    }
}

impl World {
    pub(crate) fn the_order(&self, id: OrderId) -> SalesOrder {
        let orders = self.store(|store, cx| store.orders(cx)).unwrap();
        orders.into_iter().find(|order| order.id == id).unwrap()
    }

    /// The backend's short link of an ask.
    pub(crate) async fn short_link(&self, terminal: &Terminal<'_>, intent: IntentId) -> String {
        let docs = terminal.pull_all().await;
        let code = docs.iter().find_map(|doc| match doc {
            Doc::PaymentIntent(doc) if doc.id == intent => doc.pay_code.clone(),
            _ => None,
        });
        format!("/p/{}", code.unwrap())
    }

    /// Nothing contradicts the invariants of money.
    pub(crate) fn audited(&self) {
        let found = self.store(|store, cx| store.audit(cx)).unwrap();
        assert_eq!(found, Vec::<String>::new());
    }
}

/// A nil id, for what must not exist.
pub(crate) const NOBODY: StaffId = StaffId(Uuid::nil());
