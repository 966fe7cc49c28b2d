//! P1: an order through the whole core, from a command of the terminal's list to its answer, against
//! the same rows in one durable transaction of bare SQLite: with the same cipher and key, and plain.
//!
//! A round is so many orders of ours, then the same rows in the encrypted file, then in the plain
//! one; each file begins a round with an empty journal, so that each pays for its own checkpoints.

use crate::Plan;
use crate::desk::Desk;
use crate::failure::BenchError;
use crate::measure::{median, ms, quantile, spread};
use crate::rows::{Rows, begin, checkpoint, newest, operations, plain_like};
use domain::id::OrderId;
use rusqlite::Connection;
use serde_json::json;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use terminal::files::{Files, LEDGER, load_or_make_key};
use terminal::terminal::Terminal;
use wire::SystemEnv;

/// Which act is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// F12: submit and confirm.
    Confirm,
    /// F9: submit, confirm, take a ticket, open the intent, draw its QR.
    Pay,
}

impl Act {
    const ALL: [Act; 2] = [Act::Confirm, Act::Pay];

    fn name(self) -> &'static str {
        match self {
            Act::Confirm => "F12",
            Act::Pay => "F9",
        }
    }

    fn run(self, desk: &Desk, order: OrderId) -> Result<(), BenchError> {
        match self {
            Act::Confirm => desk.call("order_confirm", json!({"order": order}))?,
            Act::Pay => desk.call("pay_orders", json!({"orders": [order], "amount_fen": null}))?,
        };
        Ok(())
    }
}

/// The terminal and its two counterparts.
struct Bench {
    desk: Desk,
    cipher: Connection,
    plain: Connection,
    typed: usize,
}

/// Each file's time for each order of a round, and for typing it.
#[derive(Default)]
struct Round {
    typing: Vec<Duration>,
    core: Vec<Duration>,
    cipher: Vec<Duration>,
    plain: Vec<Duration>,
}

fn sum(times: &[Duration]) -> f64 {
    ms(times.iter().sum())
}

impl Bench {
    fn open(dir: &Path, tickets: u32) -> Result<Bench, BenchError> {
        let (ours, bare) = (dir.join("terminal"), dir.join("bare"));
        for folder in [&ours, &bare] {
            std::fs::create_dir_all(folder).map_err(|error| BenchError::file(folder, error))?;
        }
        let desk = Desk::open(&ours, tickets)?;
        // The same schema by the same program, opened with the same key and the same settings.
        let key = load_or_make_key(&ours, &SystemEnv::new())?;
        drop(Terminal::open(
            &bare,
            key.clone(),
            std::sync::Arc::new(SystemEnv::new()),
        )?);
        let cipher = Files::open(&bare, key)?.open_ledger()?;
        let plain = plain_like(&cipher, &bare.join("plain.db"))?;
        for conn in [&cipher, &plain] {
            begin(desk.terminal.ledger(), conn)?;
        }
        Ok(Bench {
            desk,
            cipher,
            plain,
            typed: 0,
        })
    }

    /// Makes every file's journal empty.
    fn settle(&self) -> Result<(), BenchError> {
        checkpoint(&self.desk.terminal.ledger().files().open_ledger()?)?;
        checkpoint(&self.cipher)?;
        checkpoint(&self.plain)
    }

    fn round(
        &mut self,
        act: Act,
        orders: usize,
        mark: &mut dyn FnMut(&str) -> Result<(), BenchError>,
    ) -> Result<Round, BenchError> {
        let mut round = Round::default();
        let mut made = Vec::with_capacity(orders);
        for _ in 0..orders {
            let started = Instant::now();
            let order = self.desk.draft(self.typed)?;
            round.typing.push(started.elapsed());
            self.typed += 1;
            made.push((order, Rows::before(self.desk.terminal.ledger(), order)?));
        }
        self.settle()?;
        for (order, rows) in &mut made {
            let since = newest(self.desk.terminal.ledger())?;
            mark("core")?;
            let started = Instant::now();
            act.run(&self.desk, *order)?;
            round.core.push(started.elapsed());
            mark("")?;
            rows.after(self.desk.terminal.ledger(), since)?;
        }
        for (name, conn, times) in [
            ("cipher", &mut self.cipher, &mut round.cipher),
            ("plain", &mut self.plain, &mut round.plain),
        ] {
            for (_, rows) in &made {
                rows.prepare(conn)?;
            }
            checkpoint(conn)?;
            for (_, rows) in &made {
                mark(name)?;
                let started = Instant::now();
                rows.write(conn)?;
                times.push(started.elapsed());
                mark("")?;
            }
        }
        self.same_work()?;
        Ok(round)
    }

    /// A counterpart that did less would flatter nobody but us.
    fn same_work(&self) -> Result<(), BenchError> {
        let ours = self.desk.terminal.ledger().read(|conn| {
            Ok(conn.query_row("SELECT count(*) FROM operation", [], |row| row.get(0))?)
        })?;
        for conn in [&self.cipher, &self.plain] {
            let bare = operations(conn)?;
            if bare != ours {
                return Err(BenchError::Unequal { bare, ours });
            }
        }
        Ok(())
    }
}

/// Prints P1.
///
/// # Errors
/// When a file can't be made or an act is refused.
pub(crate) fn measure(plan: &Plan) -> Result<(), BenchError> {
    for act in Act::ALL {
        let dir = temporary(plan)?;
        let tickets = u32::try_from((plan.rounds + 1) * plan.orders).unwrap_or(u32::MAX);
        let mut bench = Bench::open(dir.path(), if act == Act::Pay { tickets } else { 1 })?;
        let unmarked = &mut |_: &str| Ok(());
        // The first round fills caches and statements and is thrown away.
        bench.round(act, plan.orders, unmarked)?;
        let rounds: Vec<Round> = (0..plan.rounds)
            .map(|_| bench.round(act, plan.orders, unmarked))
            .collect::<Result<_, _>>()?;
        report(act, plan, &rounds);
    }
    Ok(())
}

fn report(act: Act, plan: &Plan, rounds: &[Round]) {
    let by_round = |of: &dyn Fn(&Round) -> f64| rounds.iter().map(of).collect::<Vec<f64>>();
    let speed = by_round(&|round| sum(&round.cipher) / sum(&round.core));
    let against_plain = by_round(&|round| sum(&round.plain) / sum(&round.core));
    let whole = by_round(&|round| sum(&round.cipher) / (sum(&round.core) + sum(&round.typing)));
    let name = act.name();
    println!(
        "P1 {name}: speed {} × bare SQLite with the same cipher (reach 0.80) · {} × plain \
         [{} rounds of {} orders]",
        spread(&speed),
        spread(&against_plain),
        plan.rounds,
        plan.orders
    );
    println!(
        "P1 {name}: typed and {name}, 8 durable commits against the same 1: {} ×",
        spread(&whole)
    );
    let line = |name: &str, of: &dyn Fn(&Round) -> &Vec<Duration>| {
        let all: Vec<f64> = rounds.iter().flat_map(of).map(|time| ms(*time)).collect();
        format!("{name} {:.2}/{:.2}", median(&all), quantile(&all, 95))
    };
    println!(
        "   ms an order, p50/p95: {} · {} · {} · {}",
        line("core", &|round| &round.core),
        line("bare", &|round| &round.cipher),
        line("plain", &|round| &round.plain),
        line("typing it", &|round| &round.typing),
    );
}

/// A folder that goes with the value.
pub(crate) fn temporary(plan: &Plan) -> Result<tempfile::TempDir, BenchError> {
    tempfile::Builder::new()
        .prefix("fieldtill-bench-")
        .tempdir_in(&plan.dir)
        .map_err(|error| BenchError::file(&plan.dir, error))
}

/// Runs one round with a mark before and after each act, for whoever counts system calls from
/// outside: a write of its name to `/dev/null`, of nothing but the prefix after it.
///
/// # Errors
/// Those of the round.
pub(crate) fn part(args: &[String]) -> Result<(), BenchError> {
    let [act, orders, dir] = args else {
        return Err(BenchError::Usage("part orders".to_owned()));
    };
    let act = if act == "F9" { Act::Pay } else { Act::Confirm };
    let orders: usize = orders
        .parse()
        .map_err(|_| BenchError::Usage(orders.clone()))?;
    let null = Path::new("/dev/null");
    let failed = |error| BenchError::file(null, error);
    let mut out = File::options().write(true).open(null).map_err(failed)?;
    let tickets = u32::try_from(2 * orders).unwrap_or(u32::MAX);
    let mut bench = Bench::open(Path::new(dir), tickets)?;
    bench.round(act, orders.min(20), &mut |_| Ok(()))?;
    bench.round(act, orders, &mut |name| {
        out.write_all(format!("{}{name}\n", crate::calls::MARK).as_bytes())
            .map_err(failed)
    })?;
    Ok(())
}

/// The acts that [`part`] knows.
pub(crate) fn acts() -> impl Iterator<Item = &'static str> {
    Act::ALL.into_iter().map(Act::name)
}

/// Which files of a part's folder hold orders.
pub(crate) fn holds_orders(path: &str) -> bool {
    path.contains(LEDGER) || path.contains("plain.db")
}
