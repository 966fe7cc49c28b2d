//! P13: 42,504 real lines of past orders read, checked against the catalogue, made into orders and
//! written to the backend's file in one durable transaction, against reading them alone with the
//! same reader. Each runs in a process of its own, in turn, so that each has its own peak memory.

use crate::Plan;
use crate::failure::BenchError;
use crate::measure::{median, ms, peak_kib, spread};
use crate::orders::temporary;
use crate::search::shared;
use backend::facts::Company;
use backend::import::{self, Files, HistoryInvoice, Limits, Watch};
use backend::store::{Batch, Context};
use backend::{SqliteStore, Store, Tuning};
use domain::distributor::Distributor;
use domain::id::{CompanyId, DistributorId, ProductId, StaffId};
use domain::product::Product;
use domain::quantity::UnitPrice;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use uuid::Uuid;
use wire::{Env as _, Keypair, SystemEnv};

const FILE: &str = "uci_online_retail_536365_539999.csv.gz";
const COMPANY: CompanyId = CompanyId(Uuid::from_u128(1));
const STAFF: StaffId = StaffId(Uuid::from_u128(2));

/// Who acts on the store: nothing here needs a key that lasts.
struct Office {
    env: SystemEnv,
    key: Keypair,
    tuning: Tuning,
}

impl Office {
    fn new() -> Office {
        let env = SystemEnv::new();
        Office {
            key: Keypair::generate(&env),
            env,
            tuning: Tuning::default(),
        }
    }

    fn cx(&self) -> Context<'_> {
        Context {
            company: COMPANY,
            env: &self.env,
            key: &self.key,
            tuning: &self.tuning,
        }
    }
}

fn invoices(file: &Path) -> Result<Vec<HistoryInvoice>, BenchError> {
    let mut watch = Watch {
        cancel: &AtomicBool::new(false),
        progress: &mut |_| {},
    };
    let file = file.to_owned().into();
    Ok(import::read_history(&file, &Limits::default(), &mut watch)?)
}

/// Prints P13.
///
/// # Errors
/// When the file can't be imported.
pub(crate) fn measure(plan: &Plan) -> Result<(), BenchError> {
    let Some(file) = shared()
        .map(|dir| dir.join("data").join(FILE))
        .filter(|file| file.is_file())
    else {
        println!("P13: not measured: the shared data is not there; set FIELDTILL_SHARED");
        return Ok(());
    };
    let dir = temporary(plan)?;
    let start = dir.path().join("start.db");
    make_catalogue(&start, &file)?;
    let (mut ratios, mut parse_ms, mut import_ms) = (Vec::new(), Vec::new(), Vec::new());
    let (mut parse_peak, mut import_peak) = (Vec::new(), Vec::new());
    let mut lines = 0;
    for round in 0..=plan.rounds {
        let parsed = part("parse", std::slice::from_ref(&file))?;
        let into = dir.path().join(format!("backend-{round}.db"));
        std::fs::copy(&start, &into).map_err(|error| BenchError::file(&into, error))?;
        let imported = part("import", &[file.clone(), into])?;
        if imported["lines"] != parsed["lines"] {
            let why = format!(
                "{} lines imported of {}",
                imported["lines"], parsed["lines"]
            );
            return Err(BenchError::Part {
                part: "import".to_owned(),
                why,
            });
        }
        if round == 0 {
            continue; // Fills the page cache.
        }
        let number = |value: &Value, name: &str| value[name].as_f64().unwrap_or(f64::NAN);
        lines = parsed["lines"].as_u64().unwrap_or(0);
        parse_ms.push(number(&parsed, "ms"));
        import_ms.push(number(&imported, "ms"));
        parse_peak.push(number(&parsed, "peak_kib") / 1024.0);
        import_peak.push(number(&imported, "peak_kib") / 1024.0);
        ratios.push(number(&imported, "ms") / number(&parsed, "ms"));
    }
    println!(
        "P13 import of {lines} lines: {} × the time of reading them alone (reach 3) · peak memory \
         {:.0} MiB (reach 150 MB), reading alone {:.0} MiB · {:.0} ms against {:.0} ms [{} rounds]",
        spread(&ratios),
        median(&import_peak),
        median(&parse_peak),
        median(&import_ms),
        median(&parse_ms),
        plan.rounds
    );
    Ok(())
}

/// The company that the orders belong to: every product and every buyer that they name.
fn make_catalogue(into: &Path, file: &Path) -> Result<(), BenchError> {
    let office = Office::new();
    let store = SqliteStore::open(into)?;
    store.put_company(
        &office.cx(),
        &Company {
            id: COMPANY,
            seller: "锦绣家纺有限公司".to_owned(),
            public_url: "http://127.0.0.1".to_owned(),
            ticket_life_ms: 1,
        },
    )?;
    let past = invoices(file)?;
    let products = import::named_products(&past, |line| Product {
        id: ProductId(office.env.uuid()),
        code: line.code.clone(),
        barcode: String::new(),
        name: line.code.clone(),
        spec: String::new(),
        unit: "件".to_owned(),
        list_price: UnitPrice::ZERO,
        floor_price: None,
        active: true,
    });
    let buyers: BTreeSet<&str> = past
        .iter()
        .map(|invoice| invoice.customer.as_str())
        .collect();
    let distributors = buyers.into_iter().map(|code| Distributor {
        id: DistributorId(office.env.uuid()),
        number: 0,
        code: code.to_owned(),
        name: format!("经销商 {code}"),
        phone: String::new(),
        region: String::new(),
        price_book: None,
        credit_limit_fen: None,
        active: true,
    });
    let batch = Batch {
        products,
        distributors: distributors.collect(),
        ..Batch::default()
    };
    store.take_over(&office.cx(), &batch)?;
    Ok(())
}

fn part(name: &str, args: &[PathBuf]) -> Result<Value, BenchError> {
    let failed = |why: String| BenchError::Part {
        part: name.to_owned(),
        why,
    };
    let own = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let out = Command::new(own)
        .args(["part", name])
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !out.status.success() {
        return Err(failed(out.status.to_string()));
    }
    Ok(serde_json::from_slice(&out.stdout)?)
}

fn say(started: Instant, lines: usize) {
    let took = ms(started.elapsed());
    println!(
        "{}",
        json!({"ms": took, "lines": lines, "peak_kib": peak_kib()})
    );
}

/// Reads the file and nothing else.
///
/// # Errors
/// When the file is not fit.
pub(crate) fn parse_part(args: &[String]) -> Result<(), BenchError> {
    let [file] = args else {
        return Err(BenchError::Usage("part parse".to_owned()));
    };
    let started = Instant::now();
    let past = invoices(Path::new(file))?;
    say(
        started,
        past.iter().map(|invoice| invoice.lines.len()).sum(),
    );
    Ok(())
}

/// Reads, checks and writes it.
///
/// # Errors
/// When the file is not fit or the store refuses it.
pub(crate) fn import_part(args: &[String]) -> Result<(), BenchError> {
    let [file, into] = args else {
        return Err(BenchError::Usage("part import".to_owned()));
    };
    let office = Office::new();
    let store = SqliteStore::open(Path::new(into))?;
    let started = Instant::now();
    let mut known = store.known(&office.cx())?;
    // Rows without a buyer's number belong to the passer-by, whom the store gave a code.
    let nobody = known
        .distributors
        .values()
        .find(|row| row.name == "经销商 ")
        .cloned();
    known
        .distributors
        .extend(nobody.map(|row| (String::new(), row)));
    let files = Files {
        orders: Some(PathBuf::from(file).into()),
        ..Files::default()
    };
    let mut watch = Watch {
        cancel: &AtomicBool::new(false),
        progress: &mut |_| {},
    };
    let batch = import::prepare(
        &files,
        known,
        STAFF,
        &office.env,
        &Limits::default(),
        &mut watch,
    )?;
    store.take_over(&office.cx(), &batch)?;
    say(
        started,
        batch
            .history
            .iter()
            .map(|order| order.content.lines.len())
            .sum(),
    );
    Ok(())
}
