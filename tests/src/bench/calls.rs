//! fsyncs and writes of an order, counted by strace from outside: no noise of the machine touches
//! these numbers. Only system calls on the measured files, between the marks of one act, count;
//! checkpoints that fall into an act count with it.

use crate::Plan;
use crate::failure::BenchError;
use crate::orders::{acts, holds_orders, temporary};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

/// What a mark begins with.
pub(crate) const MARK: &str = "fieldtill-mark ";

/// Orders that are counted; enough for several checkpoints.
const ORDERS: usize = 500;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    syncs: u64,
    writes: u64,
    bytes: u64,
}

/// Prints fsyncs and writes an order.
///
/// # Errors
/// When the counted part fails.
pub(crate) fn count(plan: &Plan) -> Result<(), BenchError> {
    for act in acts() {
        let dir = temporary(plan)?;
        let trace = dir.path().join("trace");
        let own = std::env::current_exe()
            .map_err(|error| BenchError::file(std::path::Path::new("bench"), error))?;
        let started = Command::new("strace")
            .args([
                "-f",
                "-y",
                "-s",
                "32",
                "-e",
                "trace=fsync,fdatasync,pwrite64,write",
                "-o",
            ])
            .arg(&trace)
            .arg(own)
            .args(["part", "orders", act, &ORDERS.to_string()])
            .arg(dir.path())
            .stdin(Stdio::null())
            .status();
        match started {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                println!("P1 {act}: fsyncs and writes not counted: strace is not installed");
                continue;
            }
            Ok(status) if status.success() => {}
            Ok(status) => return Err(failed(status.to_string())),
            Err(error) => return Err(failed(error.to_string())),
        }
        let text =
            std::fs::read_to_string(&trace).map_err(|error| BenchError::file(&trace, error))?;
        report(act, &read(&text));
    }
    Ok(())
}

fn failed(why: String) -> BenchError {
    BenchError::Part {
        part: "orders under strace".to_owned(),
        why,
    }
}

fn report(act: &str, counted: &BTreeMap<String, Counted>) {
    let of = |name: &str| counted.get(name).copied().unwrap_or_default();
    let each = |sum: u64| sum as f64 / ORDERS as f64;
    let (core, bare) = (of("core"), of("cipher"));
    println!(
        "P1 {act}: {:.3} fsyncs an order (reach 1.05; bare {:.3}) · {:.2} writes (bare {:.2}): \
         {:.2} × (reach 1.5) · {:.1} KB written (bare {:.1}, plain {:.1}) [counted, {ORDERS} orders]",
        each(core.syncs),
        each(bare.syncs),
        each(core.writes),
        each(bare.writes),
        core.writes as f64 / bare.writes as f64,
        each(core.bytes) / 1e3,
        each(bare.bytes) / 1e3,
        each(of("plain").bytes) / 1e3,
    );
}

/// Sums what stands between the marks of each name. A call that another thread interrupts stands in
/// two lines; its first one has the file's name and is counted, the bytes stand in the second and
/// are lost, which a single writer does not meet.
fn read(trace: &str) -> BTreeMap<String, Counted> {
    let mut all: BTreeMap<String, Counted> = BTreeMap::new();
    let mut now = String::new();
    for line in trace.lines() {
        if let Some((_, rest)) = line.split_once(MARK) {
            now = rest
                .split(['\\', '"'])
                .next()
                .unwrap_or_default()
                .to_owned();
            continue;
        }
        let Some((call, file)) = line.split_once('<') else {
            continue;
        };
        let file = file.split('>').next().unwrap_or_default();
        if now.is_empty() || !holds_orders(file) {
            continue;
        }
        let counted = all.entry(now.clone()).or_default();
        if call.contains("sync(") {
            counted.syncs += 1;
        } else if call.contains("write") {
            counted.writes += 1;
            let bytes = line
                .rsplit_once("= ")
                .and_then(|(_, bytes)| bytes.trim().parse::<u64>().ok());
            counted.bytes += bytes.unwrap_or(0);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_calls_on_the_files_and_between_marks_count() {
        let trace = r#"
7 pwrite64(5</t/ledger.db-wal>, "x"..., 4096, 0) = 4096
7 write(9</dev/null>, "fieldtill-mark core\n", 20) = 20
7 pwrite64(5</t/ledger.db-wal>, "x"..., 4096, 0) = 4096
7 write(5</t/ledger.db-wal>, "x"..., 24) = 24
7 fdatasync(5</t/ledger.db-wal>) = 0
8 write(6</t/catalogue.db-wal>, "x", 1) = 1
7 write(9</dev/null>, "fieldtill-mark \n", 16) = 16
7 fdatasync(5</t/ledger.db-wal>) = 0
"#;
        let counted = read(trace);
        assert_eq!(counted.len(), 1);
        assert_eq!(
            counted["core"],
            Counted {
                syncs: 1,
                writes: 2,
                bytes: 4120
            }
        );
    }
}
