//! `fieldtill-backend`: the central backend as a program. Whoever starts it reads its lines: what is
//! needed to enrol and unlock, then `ready`, after which every request is answered.

use backend::bills::{self, BillFailure, WantedBill, channel_name};
use backend::demo::{self, CODE_LIFE_MS, DemoError};
use backend::folder::{Folder, FolderError};
use backend::host::{Host, Settings, Wallet};
use backend::import::{self, Files, ImportError, Limits, Watch};
use backend::jobs::{self, Pace};
use backend::setup::{self, Pin, SetupError};
use backend::wallet::{Gateways, WalletError, WalletFile};
use backend::{Central, Context, SqliteStore, Store, StoreError, Tuning};
use clap::{Parser, Subcommand};
use domain::bill::{BillOrigin, BillType, Found};
use domain::channel::Channel;
use domain::id::StaffId;
use domain::role::Role;
use domain::wallet::BindingStatus;
use std::future::Future as _;
use std::io::{BufRead as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::TcpListener;
use wire::{Env, SystemEnv};

/// Fieldtill's central backend.
#[derive(Parser)]
#[command(name = "fieldtill-backend", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answers terminals, payers and payment channels until it is interrupted.
    Serve(Serve),
    /// Brings the database to this program's schema and ends.
    Migrate(Data),
    /// Makes a demo company if there is none, and serves it.
    Demo(Demo),
    /// Makes a real company and its first administrator, whose PIN is read from the standard input.
    Init(Init),
    /// Adds a member of staff, changes a PIN, or ends somebody's access.
    Staff(StaffArgs),
    /// Prints a one-time code that enrols a terminal.
    EnrolCode(EnrolCode),
    /// Ends a terminal's access, e.g. of one that was lost; what it still sends is kept for review.
    Revoke(Revoke),
    /// Says that a backup was put back into the folder, before it is served again: terminals then
    /// send again what it lacks, and the channels are asked what was paid since.
    Restored(Data),
    /// Takes over products, prices, distributors and past orders from CSV or XLSX files: all of
    /// them, or nothing.
    Import(Import),
    /// Matches a payment channel's bill of a day with the books; fetches it, or reads a file.
    Bill(BillArgs),
}

#[derive(clap::Args)]
struct Data {
    /// The backend's folder; made at the first start.
    #[arg(long)]
    data: PathBuf,
}

#[derive(clap::Args)]
struct Serve {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    addresses: Addresses,
}

#[derive(clap::Args)]
struct Addresses {
    /// Address of the terminals' API.
    #[arg(long, default_value = "127.0.0.1:18610")]
    listen: SocketAddr,
    /// Address of the public pages, which payers' phones and payment channels reach.
    #[arg(long, default_value = "0.0.0.0:18611")]
    public_listen: SocketAddr,
    /// How phones reach the public pages, e.g. https://pay.example.com; by default this computer's
    /// address on its network.
    #[arg(long)]
    public_url: Option<String>,
    /// The address that a proxy in front of the listeners calls from; its X-Forwarded-For header is
    /// believed, nobody else's. May be given several times.
    #[arg(long, value_name = "IP")]
    proxy: Vec<IpAddr>,
}

#[derive(clap::Args)]
struct Demo {
    #[command(flatten)]
    data: Data,
    /// Make the company from this folder of real files instead of the built-in one.
    #[arg(long)]
    import: Option<PathBuf>,
    /// The sandbox's merchant.json.
    #[arg(long)]
    sandbox: PathBuf,
    /// Begin without a wallet: bind it in the console.
    #[arg(long)]
    unbound: bool,
    #[command(flatten)]
    addresses: Addresses,
    /// `fast` shortens the waits between questions to the payment channels.
    #[arg(long, value_parser = ["fast"])]
    speed: Option<String>,
}

#[derive(clap::Args)]
struct Init {
    #[command(flatten)]
    data: Data,
    /// The seller's name, as payers see it.
    #[arg(long)]
    seller: String,
    /// The first administrator's name.
    #[arg(long)]
    admin: String,
}

#[derive(clap::Args)]
#[group(id = "act", required = true, multiple = false, args = ["add", "pin", "leave"])]
struct StaffArgs {
    #[command(flatten)]
    data: Data,
    /// Adds somebody of this name; the PIN is read from the standard input.
    #[arg(long, value_name = "NAME", requires = "role")]
    add: Option<String>,
    /// The role of who is added.
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// Gives somebody a new PIN, read from the standard input.
    #[arg(long, value_name = "NAME")]
    pin: Option<String>,
    /// Ends somebody's access.
    #[arg(long, value_name = "NAME")]
    leave: Option<String>,
}

fn role(word: &str) -> Result<Role, String> {
    let known = Role::ALL.into_iter().find(|role| role.word() == word);
    known.ok_or_else(|| {
        let words: Vec<_> = Role::ALL.iter().map(|role| role.word()).collect();
        format!("a role is one of {}", words.join(", "))
    })
}

#[derive(clap::Args)]
struct Revoke {
    #[command(flatten)]
    data: Data,
    /// The terminal's code: T and two digits.
    #[arg(long)]
    terminal: String,
}

#[derive(clap::Args)]
struct EnrolCode {
    #[command(flatten)]
    data: Data,
    /// The terminal's code: T and two digits.
    #[arg(long)]
    terminal: String,
}

#[derive(clap::Args)]
struct Import {
    #[command(flatten)]
    data: Data,
    /// Products.
    #[arg(long)]
    products: Option<PathBuf>,
    /// Prices, by price book and product code.
    #[arg(long)]
    prices: Option<PathBuf>,
    /// Distributors.
    #[arg(long)]
    distributors: Option<PathBuf>,
    /// Orders of an earlier system.
    #[arg(long)]
    orders: Option<PathBuf>,
    /// Read and check only.
    #[arg(long)]
    dry_run: bool,
}

#[derive(clap::Args)]
struct BillArgs {
    #[command(flatten)]
    data: Data,
    /// The channel.
    #[arg(long, value_parser = ["wechat_pay", "alipay"])]
    channel: String,
    /// The day that the bill is of, in China, e.g. 2026-11-24.
    #[arg(long)]
    day: jiff::civil::Date,
    /// Takes WeChat Pay's fund-flow bill instead of the trade bill.
    #[arg(long)]
    flows: bool,
    /// The bill as downloaded from the merchant's console; by default it is fetched.
    #[arg(long)]
    file: Option<PathBuf>,
    /// The wallet file, or the sandbox's merchant.json; by default the one in the data folder.
    #[arg(long)]
    wallet: Option<PathBuf>,
}

/// Why the program ends early.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Wallet(#[from] WalletError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Demo(#[from] DemoError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error("the PIN can't be read from the standard input: {0}")]
    PinInput(std::io::Error),
    #[error("can't listen on {address}: {source}; choose another with {option}")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
        option: &'static str,
    },
    #[error("`{0}` is no address like http://192.168.1.5:18611; correct --public-url")]
    PublicUrl(String),
    #[error("there is no company in {}: make one with `fieldtill-backend init` or start `fieldtill-backend demo`", .0.display())]
    NoCompany(PathBuf),
    #[error("there is no member of staff whose name past orders could bear; add one first")]
    NoStaff,
    #[error(transparent)]
    Bill(#[from] BillFailure),
    #[error("{} can't be read: {source}; check the path and its rights", path.display())]
    BillFile {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("a listener ended: {0}")]
    Listener(std::io::Error),
    #[error("{0}")]
    Runtime(std::io::Error),
}

impl Failure {
    /// 2 is kept for wrong arguments, which clap reports.
    fn code(&self) -> u8 {
        match self {
            Failure::PublicUrl(_) => 2,
            Failure::Listen { .. } => 3,
            Failure::Folder(FolderError::Unusable { .. } | FolderError::InUse { .. }) => 4,
            Failure::Folder(_) | Failure::Store(StoreError::Migration(_)) => 5,
            Failure::Wallet(_) => 6,
            Failure::Import(_) | Failure::Demo(DemoError::Real(_)) => 7,
            Failure::Bill(_) | Failure::BillFile { .. } => 8,
            _ => 1,
        }
    }
}

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "fieldtill-backend: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(serve) => {
            let open = Open::take(&serve.data)?;
            let wallet = open
                .folder
                .wallet()
                .map(|path| WalletFile::read(&path))
                .transpose()?;
            let at = |_: &str| Ok(Vec::new());
            up(
                &open,
                &serve.addresses,
                wallet,
                true,
                Pace::default(),
                None,
                at,
            )
        }
        Command::Demo(args) => run_demo(&args),
        Command::Migrate(data) => {
            let open = Open::take(&data)?;
            say(&format!(
                "{} has this program's schema",
                open.folder.database().display()
            ));
            Ok(())
        }
        Command::EnrolCode(args) => {
            let open = Open::beside(&args.data)?;
            let cx = open.context();
            let code = open
                .store
                .issue_enrolment_code(&cx, &args.terminal, CODE_LIFE_MS)?;
            say(&format!("enrol {code} {}", args.terminal));
            Ok(())
        }
        Command::Init(args) => {
            let open = Open::take(&args.data)?;
            let pin = read_pin()?;
            let store = open.store.as_ref();
            setup::found(store, &open.context(), &args.seller, &args.admin, &pin)?;
            say(&format!("company {}", args.seller.trim()));
            say(&format!("staff {} admin", args.admin.trim()));
            Ok(())
        }
        Command::Staff(args) => run_staff(args),
        Command::Revoke(args) => {
            let open = Open::beside(&args.data)?;
            let cx = open.context();
            open.store.revoke_terminal(&cx, &args.terminal)?;
            say(&format!("revoked {}", args.terminal));
            Ok(())
        }
        Command::Restored(data) => {
            let open = Open::beside(&data)?;
            let epoch = open.store.begin_epoch(&open.context())?;
            say(&format!("restored epoch {epoch}"));
            Ok(())
        }
        Command::Import(args) => run_import(args),
        Command::Bill(args) => run_bill(args),
    }
}

/// Lines for whoever started the program; if nobody reads them, the work goes on.
fn say(line: &str) {
    let mut out = std::io::stdout();
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        tracing::warn!("nobody reads the standard output");
    }
}

/// An opened folder.
struct Open {
    folder: Folder,
    store: Arc<SqliteStore>,
    env: Arc<dyn Env>,
    company: domain::id::CompanyId,
    key: wire::Keypair,
    tuning: Tuning,
}

impl Open {
    fn take(data: &Data) -> Result<Open, Failure> {
        Open::of(Folder::take(&data.data)?)
    }

    fn beside(data: &Data) -> Result<Open, Failure> {
        Open::of(Folder::beside(&data.data)?)
    }

    fn of(folder: Folder) -> Result<Open, Failure> {
        let env: Arc<dyn Env> = Arc::new(SystemEnv::new());
        let (company, key) = folder.identity(env.as_ref())?;
        let store = Arc::new(folder.open_store()?);
        Ok(Open {
            folder,
            store,
            env,
            company,
            key,
            tuning: Tuning::default(),
        })
    }

    fn central(&self) -> Central {
        Central::new(
            Arc::clone(&self.store) as Arc<dyn Store>,
            Arc::clone(&self.env),
            wire::Keypair::from_seed(*self.key.seed()),
            self.company,
            self.tuning,
        )
    }

    /// The corporate wallet that the program starts with; what was bound in the console is taken
    /// up afterwards.
    fn wallet(&self, file: Option<WalletFile>, bound: bool) -> Result<Wallet, Failure> {
        let hosts = file.as_ref().map(WalletFile::hosts).unwrap_or_default();
        let gateways = match file {
            Some(file) if bound => file.open(Arc::clone(&self.env))?,
            _ => Gateways::default(),
        };
        Ok(Wallet {
            gateways,
            hosts,
            vault: self.folder.vault(self.env.as_ref())?,
        })
    }

    fn context(&self) -> Context<'_> {
        Context {
            company: self.company,
            env: self.env.as_ref(),
            key: &self.key,
            tuning: &self.tuning,
        }
    }
}

fn run_demo(args: &Demo) -> Result<(), Failure> {
    let open = Open::take(&args.data)?;
    let wallet = WalletFile::read(&args.sandbox)?;
    let phone = wallet.phone();
    let bound = !args.unbound;
    let pace = if args.speed.is_some() {
        Pace::fast()
    } else {
        Pace::default()
    };
    let prepare = |public_url: &str| {
        let cancel = AtomicBool::new(false);
        let mut watch = Watch {
            cancel: &cancel,
            progress: &mut |_| {},
        };
        let cx = open.context();
        let store = open.store.as_ref();
        let import = args.import.as_deref();
        let mut lines = demo::make(store, &cx, public_url, import, bound, &mut watch)?;
        for member in demo::STAFF {
            let role = member.role.word();
            lines.push(format!("staff {} {role} {}", member.name, member.pin));
        }
        for terminal in demo::TERMINALS {
            let code = store.issue_enrolment_code(&cx, terminal, CODE_LIFE_MS)?;
            lines.push(format!("enrol {code} {terminal}"));
        }
        Ok(lines)
    };
    up(
        &open,
        &args.addresses,
        Some(wallet),
        bound,
        pace,
        phone,
        prepare,
    )
}

fn run_staff(args: StaffArgs) -> Result<(), Failure> {
    let open = Open::beside(&args.data)?;
    let (store, cx) = (open.store.as_ref(), open.context());
    if let (Some(name), Some(role)) = (args.add, args.role) {
        let name = setup::add_staff(store, &cx, &name, role, &read_pin()?)?;
        say(&format!("staff {name} {}", role.word()));
    } else if let Some(name) = args.pin {
        setup::change_pin(store, &cx, &name, &read_pin()?)?;
        say(&format!("a new PIN for {name}"));
    } else if let Some(name) = args.leave {
        setup::leave(store, &cx, &name)?;
        say(&format!("{name} has left"));
    }
    Ok(())
}

/// From the standard input, so that it stands in no list of processes and no shell's history.
fn read_pin() -> Result<Pin, Failure> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(Failure::PinInput)?;
    Ok(line.parse()?)
}

fn run_import(args: Import) -> Result<(), Failure> {
    let open = Open::beside(&args.data)?;
    let cx = open.context();
    let cancel = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&cancel);
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::Runtime)?;
    runtime.spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopped.store(true, Ordering::Relaxed);
        }
    });
    let staff = open.store.staff(&cx)?;
    let staff: StaffId = staff
        .iter()
        .find(|member| member.role == Role::Admin)
        .or(staff.first())
        .map(|member| member.id)
        .ok_or(Failure::NoStaff)?;
    let files = Files {
        products: args.products.map(Into::into),
        prices: args.prices.map(Into::into),
        distributors: args.distributors.map(Into::into),
        orders: args.orders.map(Into::into),
    };
    let mut progress = |rows: u64| say(&format!("read {rows} rows"));
    let mut watch = Watch {
        cancel: &cancel,
        progress: &mut progress,
    };
    let known = open.store.known(&cx)?;
    let limits = Limits::default();
    let batch = import::prepare(&files, known, staff, open.env.as_ref(), &limits, &mut watch)?;
    if cancel.load(Ordering::Relaxed) {
        return Err(ImportError::Cancelled.into());
    }
    if !args.dry_run {
        open.store.take_over(&cx, &batch)?;
    }
    say(&format!(
        "{}: {} products, {} prices, {} distributors, {} past orders",
        if args.dry_run {
            "checked, nothing imported"
        } else {
            "imported"
        },
        batch.products.len(),
        batch.prices.len(),
        batch.distributors.len(),
        batch.history.len()
    ));
    Ok(())
}

/// Beside a backend that serves: what it books, that one's terminals learn with their next look.
fn run_bill(args: BillArgs) -> Result<(), Failure> {
    let open = Open::beside(&args.data)?;
    let channel = match args.channel.as_str() {
        "alipay" => Channel::Alipay,
        _ => Channel::WechatPay,
    };
    let bill = if args.flows {
        BillType::FundFlow
    } else {
        BillType::Trade
    };
    let wallet = args.wallet.or_else(|| open.folder.wallet());
    let wallet = match wallet {
        Some(path) => Some(WalletFile::read(&path)?),
        None => None,
    };
    let wallet = open.wallet(wallet, true)?;
    let settings = Settings {
        public_url: String::new(),
        phone: None,
        pace: Pace::default(),
        proxies: Vec::new(),
    };
    let host = Host::new(Arc::new(open.central()), wallet, settings);
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::Runtime)?;
    let matched = runtime.block_on(async {
        host.open_bindings().await.map_err(BillFailure::from)?;
        if let Some(path) = args.file {
            let name = path.display().to_string();
            let bytes =
                std::fs::read(&path).map_err(|source| Failure::BillFile { path, source })?;
            let wanted = WantedBill {
                channel,
                merchant_no: None,
                day: args.day,
                bill,
            };
            let origin = BillOrigin {
                file: Some(name.clone()),
                ..BillOrigin::default()
            };
            let matched = host.import_bill(wanted, &name, &bytes, origin).await;
            return matched.map_err(Failure::Bill);
        }
        let gateway = host.gateways().of_channel(channel).next();
        let gateway = gateway.ok_or(BillFailure::NoKeys(channel_name(channel)))?;
        let origin = BillOrigin::default();
        Ok(host.fetch_bill(&gateway, args.day, bill, origin).await?)
    })?;
    for warning in &matched.warnings {
        say(&format!("warning: {warning}"));
    }
    let (summary, name) = (&matched.summary, channel_name(channel));
    say(&format!(
        "bill {name} {}: {} payments of {}, {} refunds of {}, fees {}",
        args.day,
        summary.payments,
        summary.gross_fen,
        summary.refunds,
        summary.refunded_fen,
        summary.fee_fen,
    ));
    if let Some(balance) = summary.balance_fen {
        let other = summary.other_fen;
        say(&format!(
            "other flows {other}, balance at the end {balance}"
        ));
    }
    say(&format!(
        "matched {}, only here {}, only at the channel {}, amount differs {}, fee differs {}; \
         {} were new and are booked now",
        summary.count(Found::Matched),
        summary.count(Found::OnlyHere),
        summary.count(Found::OnlyProvider),
        summary.count(Found::AmountDiffers),
        summary.count(Found::FeeDiffers),
        matched.settled,
    ));
    Ok(())
}

/// Listens, prepares, and serves until interrupted.
fn up(
    open: &Open,
    addresses: &Addresses,
    wallet: Option<WalletFile>,
    bound: bool,
    pace: Pace,
    phone: Option<String>,
    prepare: impl FnOnce(&str) -> Result<Vec<String>, Failure>,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::Runtime)?;
    runtime.block_on(async {
        let (api, api_at) = listen(addresses.listen, "--listen").await?;
        let (public, public_at) = listen(addresses.public_listen, "--public-listen").await?;
        let public_url = match &addresses.public_url {
            Some(url) => checked(url)?,
            None => format!("http://{}", reachable(public_at)),
        };
        let lines = prepare(&public_url)?;
        let wallet = open.wallet(wallet, bound)?;
        put_addresses(open, &public_url, &wallet.gateways)?;
        let central = open.central();
        // This program may know kinds that the one before did not (rule 4.7).
        central.act(|store, cx| store.resume_versions(cx))?;
        let settings = Settings {
            public_url: public_url.clone(),
            phone,
            pace,
            proxies: addresses.proxy.clone(),
        };
        let host = Host::new(Arc::new(central), wallet, settings);
        host.open_bindings().await.map_err(BillFailure::from)?;
        for line in &lines {
            say(line);
        }
        bills::schedule(&host).await.map_err(BillFailure::from)?;
        let work = tokio::spawn(jobs::run(Arc::clone(&host), std::future::pending()));
        let central = Arc::clone(host.central());
        let serving = backend::http::serve(host, api, public);
        tokio::pin!(serving);
        // Polled once before it is said: the sockets answer from here on.
        let early = std::future::poll_fn(|cx| match serving.as_mut().poll(cx) {
            std::task::Poll::Ready(ended) => std::task::Poll::Ready(Some(ended)),
            std::task::Poll::Pending => std::task::Poll::Ready(None),
        });
        if let Some(ended) = early.await {
            return ended.map_err(Failure::Listener);
        }
        say(&format!("ready api=http://{api_at} public={public_url}"));
        let result = tokio::select! {
            ended = &mut serving => ended.map_err(Failure::Listener),
            _ = tokio::signal::ctrl_c() => Ok(()),
        };
        // Whatever was under way is in the store and is done at the next start.
        work.abort();
        central.keep_contacts()?;
        result
    })
}

/// What the store keeps of addresses and accounts: leases carry the public address.
fn put_addresses(open: &Open, public_url: &str, gateways: &Gateways) -> Result<(), Failure> {
    let cx = open.context();
    let company = match open.store.company(&cx) {
        Ok(company) => company,
        Err(StoreError::NoCompany(_)) => {
            return Err(Failure::NoCompany(open.folder.database()));
        }
        Err(other) => return Err(other.into()),
    };
    if company.public_url != public_url {
        let company = backend::Company {
            public_url: public_url.to_owned(),
            ..company
        };
        open.store.put_company(&cx, &company)?;
    }
    let held = open.store.bindings(&cx)?;
    let serving = open.store.serving_bindings(&cx)?;
    for mut binding in gateways.bindings() {
        // What an administrator put to use in the console stays in use beside a file.
        binding.active = !serving.iter().any(|console| {
            console.details.channel == binding.channel && console.status == BindingStatus::Active
        });
        if !held.contains(&binding) {
            open.store.put_binding(&cx, &binding)?;
        }
    }
    Ok(())
}

async fn listen(
    address: SocketAddr,
    option: &'static str,
) -> Result<(TcpListener, SocketAddr), Failure> {
    let failed = |source| Failure::Listen {
        address,
        source,
        option,
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let at = listener.local_addr().map_err(failed)?;
    Ok((listener, at))
}

fn checked(url: &str) -> Result<String, Failure> {
    let plain = url.trim_end_matches('/');
    let good = url::Url::parse(plain).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none()
    });
    if good {
        Ok(plain.to_owned())
    } else {
        Err(Failure::PublicUrl(url.to_owned()))
    }
}

/// An address that others can name: "any address" is listened on, but can't be dialled.
fn reachable(at: SocketAddr) -> SocketAddr {
    if at.ip().is_unspecified() {
        SocketAddr::new(outside_address(), at.port())
    } else {
        at
    }
}

/// This computer's address on its network. "Connecting" a UDP socket sends nothing; it only asks
/// the routing table. 192.0.2.1 is reserved for documentation.
fn outside_address() -> IpAddr {
    let asked = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    match asked.map(|address| address.ip()) {
        Ok(IpAddr::V4(ip)) if !ip.is_unspecified() => IpAddr::V4(ip),
        _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
    }
}
