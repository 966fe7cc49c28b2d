//! A terminal that is enrolled, filled and unlocked without a network: the backend is a value in
//! this process, on SQLite in memory. What is measured is the terminal alone; it is never online, so
//! nothing of the backend runs while a clock does.

use crate::failure::BenchError;
use backend::demo;
use backend::import::Watch;
use backend::{Central, SqliteStore, Tuning};
use domain::id::{CompanyId, OrderId};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use terminal::api;
use terminal::files::load_or_make_key;
use terminal::terminal::Terminal;
use uuid::Uuid;
use wire::protocol::EnrolRequest;
use wire::{Env, Keypair, SystemEnv};

/// Lines of the order that is measured.
const LINES: usize = 5;

/// A terminal with somebody before it.
pub(crate) struct Desk {
    pub(crate) terminal: Terminal,
    products: Vec<String>,
    distributors: Vec<String>,
}

/// A backend with the demo's company, in memory.
pub(crate) fn central(env: &Arc<dyn Env>, tickets: u32) -> Result<Central, BenchError> {
    // The payers' receipt codes are no part of any number here: the least memory will do for them.
    let tuning = Tuning {
        tickets,
        ticket_memory_kib: 8,
    };
    let central = Central::new(
        Arc::new(SqliteStore::in_memory()?),
        Arc::clone(env),
        Keypair::generate(&**env),
        CompanyId(Uuid::from_u128(1)),
        tuning,
    );
    let mut watch = Watch {
        cancel: &AtomicBool::new(false),
        progress: &mut |_| {},
    };
    demo::make(
        central.store(),
        &central.context(),
        "http://127.0.0.1",
        None,
        true,
        &mut watch,
    )?;
    Ok(central)
}

impl Desk {
    /// Makes a terminal in a folder, enrols and fills it, and unlocks it as a seller.
    pub(crate) fn open(dir: &Path, tickets: u32) -> Result<Desk, BenchError> {
        Desk::open_filled(dir, tickets, |_| Ok(()))
    }

    /// The same, with more in the backend before the terminal is filled from it.
    pub(crate) fn open_filled(
        dir: &Path,
        tickets: u32,
        more: impl FnOnce(&Central) -> Result<(), BenchError>,
    ) -> Result<Desk, BenchError> {
        let env: Arc<dyn Env> = Arc::new(SystemEnv::new());
        let central = central(&env, tickets)?;
        more(&central)?;
        let key = load_or_make_key(dir, &*env)?;
        let terminal = Terminal::open(dir, key, Arc::clone(&env))?;
        let code = demo::TERMINALS.first().copied().unwrap_or("T07");
        let code =
            central.act(|store, cx| store.issue_enrolment_code(cx, code, demo::CODE_LIFE_MS))?;
        let key = Keypair::generate(&*env);
        let protocol = wire::PROTOCOL_VERSION;
        let reply = central.enrol_now(&EnrolRequest {
            code,
            key: key.public(),
            protocol,
        })?;
        terminal.enrolled(&reply, key, "http://127.0.0.1:9")?;
        fill(&terminal, &central)?;
        let mut desk = Desk {
            terminal,
            products: Vec::new(),
            distributors: Vec::new(),
        };
        desk.unlock()?;
        let products = json!({"query": "JX", "distributor": null, "limit": 50});
        desk.products = desk.ids("product_search", products)?;
        let distributors = json!({"query": "D0", "limit": 50});
        desk.distributors = desk.ids("distributor_search", distributors)?;
        if desk.products.len() < LINES || desk.distributors.is_empty() {
            return Err(BenchError::Missing("a catalogue with five products"));
        }
        Ok(desk)
    }

    fn unlock(&self) -> Result<(), BenchError> {
        let people = self.call("staff_list", json!({}))?;
        let seller = demo::STAFF
            .first()
            .ok_or(BenchError::Missing("a member of staff"))?;
        let person = people
            .as_array()
            .into_iter()
            .flatten()
            .find(|row| row["name"] == seller.name);
        let person = person.ok_or(BenchError::Missing("the demo's seller"))?;
        self.call("unlock", json!({"staff": person["id"], "pin": seller.pin}))?;
        Ok(())
    }

    fn ids(&self, command: &str, input: Value) -> Result<Vec<String>, BenchError> {
        let rows = self.call(command, input)?;
        let id = |row: &Value| row["id"].as_str().map(str::to_owned);
        Ok(rows
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(id)
            .collect())
    }

    /// Runs a command of the terminal's list, as the window does.
    pub(crate) fn call(&self, command: &str, input: Value) -> Result<Value, BenchError> {
        Ok(api::dispatch(&self.terminal, command, input)?.value)
    }

    /// Types an order of five lines with a discount on one: eight commands, of which seven write.
    pub(crate) fn draft(&self, nth: usize) -> Result<OrderId, BenchError> {
        let opened = self.call("draft_open", json!({"order": null, "fresh": true}))?;
        let order = &opened["order"];
        let of = |list: &[String], nth: usize| list.get(nth % list.len().max(1)).cloned();
        let buyer = of(&self.distributors, nth);
        self.call(
            "draft_edit",
            json!({"order": order, "edit": "set_distributor", "distributor": buyer}),
        )?;
        for line in 0..LINES {
            // Products that follow each other in the list are five different ones.
            let product = of(&self.products, nth * LINES + line);
            let quantity = (nth % 9 + line + 1).to_string();
            self.call(
                "draft_edit",
                json!({"order": order, "edit": "add_line", "product": product, "quantity": quantity}),
            )?;
        }
        let discount = json!({"kind": "percent", "value": "5"});
        self.call(
            "draft_edit",
            json!({"order": order, "edit": "set_line_discount", "line": 1, "discount": discount}),
        )?;
        Ok(serde_json::from_value(order.clone())?)
    }
}

/// The first contact, as sync does it: the snapshot page by page, then what is new, tickets included.
fn fill(terminal: &Terminal, central: &Central) -> Result<(), BenchError> {
    let mut restart = true;
    loop {
        let page = central.snapshot_now(&terminal.snapshot_request(restart)?)?;
        terminal.apply_snapshot(&page)?;
        restart = false;
        if page.next.is_none() {
            break;
        }
    }
    loop {
        let reply = central.pull_now(&terminal.pull_request()?)?;
        let (more, came) = (reply.more, reply.changes.len());
        terminal.apply_pull(&reply)?;
        if !more && came == 0 {
            return Ok(());
        }
    }
}
