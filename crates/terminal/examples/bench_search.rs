//! Search (number P9): the catalogue's own search against FTS5 `ORDER BY rank` and a LIKE scan over
//! the same rows, in the same run, each query asked of the three in turn.
//!
//! `cargo run --release -p terminal --example bench_search -- [products] [distributors] [queries]`
//!
//! Rows are multiplied from the shared data (FIELDTILL_SHARED, or `../shared` beside the
//! repository) with a stated seed. The two peers get a plain file, a warm cache, columns with one
//! reading of pinyin written beside the name, and may stop at 20 rows; ours is encrypted, knows
//! every reading, and is timed with the rows and prices that a person sees (and without: index).
#![expect(
    clippy::print_stdout,
    clippy::float_arithmetic,
    reason = "a benchmark prints ratios"
)]

use domain::Timestamp;
use domain::distributor::Distributor;
use domain::id::{DistributorId, ProductId};
use domain::product::Product;
use domain::quantity::UnitPrice;
use pinyin::ToPinyin;
use rusqlite::{Connection, params};
use std::error::Error;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use terminal::catalogue::index::Index;
use terminal::catalogue::{Catalogue, OpenFile};
use uuid::Uuid;
use wire::change::{Change, Cursor, Doc};

const SEED: u64 = 20_261_122;
const LIMIT: usize = 20;
const ROUNDS: usize = 5;

type Failure = Box<dyn Error + Send + Sync>;

/// A small generator of repeatable numbers (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).unwrap_or(0) % end.max(1)
    }

    fn of<'a>(&mut self, list: &'a [String]) -> &'a str {
        list.get(self.below(list.len())).map_or("", String::as_str)
    }
}

/// A row as the peers store it.
struct Plain {
    code: String,
    barcode: String,
    name: String,
    phone: String,
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let products = arguments.next().transpose()?.unwrap_or(200_000);
    let distributors = arguments.next().transpose()?.unwrap_or(50_000);
    let queries = arguments.next().transpose()?.unwrap_or(12);
    println!(
        "search: {products} products, {distributors} distributors, seed {SEED}, {queries} queries \
         a line, {ROUNDS} rounds"
    );
    let mut numbers = Numbers(SEED);
    let source = Source::read()?;
    let (docs, rows) = source.multiply(&mut numbers, products, distributors)?;
    let folder = tempfile::tempdir()?;
    let mut index = Index::default();
    for doc in &docs {
        match doc {
            Doc::Product(product) => index.put_product(product),
            Doc::Distributor(distributor) => index.put_distributor(distributor),
            _ => {}
        }
    }
    index.finish();
    let catalogue = fill(&folder.path().join("catalogue.db"), docs)?;
    let peer = peer(&folder.path().join("peer.db"), &rows)?;

    println!(
        "kind        len | index p50   p99 us | ours p50    p99 us | / FTS5 p50   p99 \
         | / LIKE p50   p99 | hits"
    );
    let mut worst = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for (kind, length) in cells() {
        let mut times = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
        let mut hits = 0;
        for _ in 0..queries {
            let query = draw(kind, length, &rows, products, &mut numbers);
            let mut rounds = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
            for _ in 0..ROUNDS {
                let started = Instant::now();
                hits += ask_ours(&catalogue, kind, &query)?;
                rounds[0].push(started.elapsed());
                let started = Instant::now();
                black_box(ask_fts(&peer, kind, &query)?);
                rounds[1].push(started.elapsed());
                let started = Instant::now();
                black_box(ask_like(&peer, kind, &query)?);
                rounds[2].push(started.elapsed());
                let started = Instant::now();
                black_box(ask_index(&index, kind, &query));
                rounds[3].push(started.elapsed());
            }
            for (all, rounds) in times.iter_mut().zip(&mut rounds) {
                all.push(quantile(rounds, 50));
            }
        }
        let show: Vec<[Duration; 2]> = times
            .iter_mut()
            .map(|all| [quantile(all, 50), quantile(all, 99)])
            .collect();
        let [ours, fts, like, index] = show.as_slice() else {
            continue;
        };
        println!(
            "{kind:<11} {length:>3} | {:>8} {:>9} | {:>8} {:>9} | {:>10.3} {:>6.3} | {:>10.3} {:>6.3} | {:>4}",
            index[0].as_micros(),
            index[1].as_micros(),
            ours[0].as_micros(),
            ours[1].as_micros(),
            ratio(ours[0], fts[0]),
            ratio(ours[1], fts[1]),
            ratio(ours[0], like[0]),
            ratio(ours[1], like[1]),
            hits / (queries * ROUNDS).max(1),
        );
        for (worst, times) in worst.iter_mut().zip(times) {
            worst.extend(times);
        }
    }
    let p99: Vec<Duration> = worst.iter_mut().map(|all| quantile(all, 99)).collect();
    if let [ours, fts, like, index] = p99.as_slice() {
        println!(
            "P9 all queries p99: index {} us, with rows {} us, FTS5 {} us, LIKE {} us: {:.3} of FTS5 (reach 0.15), \
             {:.3} of LIKE (reach 0.5)",
            index.as_micros(),
            ours.as_micros(),
            fts.as_micros(),
            like.as_micros(),
            ratio(*ours, *fts),
            ratio(*ours, *like),
        );
    }
    Ok(())
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64().max(f64::MIN_POSITIVE)
}

fn quantile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    times
        .get((last * percent).div_ceil(100))
        .copied()
        .unwrap_or_default()
}

/// Kinds of queries and their lengths in characters.
fn cells() -> impl Iterator<Item = (&'static str, usize)> {
    [
        ("code", &[1, 2, 3, 5, 7][..]),
        ("barcode", &[6, 13]),
        ("initials", &[1, 2, 3, 4, 6]),
        ("pinyin", &[2, 3, 5, 8, 12]),
        ("chinese", &[1, 2, 3, 4, 6]),
        ("latin", &[1, 2, 3, 5, 8]),
        ("miss", &[2, 3, 6]),
        ("buyer-init", &[1, 2, 3, 4]),
        ("buyer-zh", &[1, 2, 3]),
        ("phone", &[4, 11]),
    ]
    .into_iter()
    .flat_map(|(kind, lengths)| lengths.iter().map(move |&length| (kind, length)))
}

fn of_buyer(kind: &str) -> bool {
    matches!(kind, "buyer-init" | "buyer-zh" | "phone")
}

fn initials_of(name: &str) -> String {
    name.chars()
        .filter_map(|c| match c.to_pinyin() {
            Some(sound) => sound.first_letter().chars().next(),
            None => c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase()),
        })
        .collect()
}

fn pinyin_of(name: &str) -> String {
    name.chars()
        .filter_map(|c| c.to_pinyin())
        .map(|sound| sound.plain())
        .collect()
}

/// What somebody might type who wants one of the rows.
fn draw(
    kind: &str,
    length: usize,
    rows: &[Plain],
    products: usize,
    numbers: &mut Numbers,
) -> String {
    let (from, to) = if of_buyer(kind) {
        (products, rows.len())
    } else {
        (0, products)
    };
    for _ in 0..10_000 {
        let Some(row) = rows.get(from + numbers.below(to - from)) else {
            continue;
        };
        let whole = match kind {
            "code" => row.code.clone(),
            "barcode" => row.barcode.clone(),
            "initials" | "buyer-init" => initials_of(&row.name),
            "pinyin" => pinyin_of(&row.name),
            "phone" => row.phone.chars().skip(11 - length.min(11)).collect(),
            "chinese" | "buyer-zh" => {
                let han: Vec<char> = row
                    .name
                    .chars()
                    .filter(|&c| u32::from(c) > 0x2fff)
                    .collect();
                han.into_iter().skip(numbers.below(6)).collect()
            }
            "latin" => row
                .name
                .to_lowercase()
                .split(' ')
                .next_back()
                .unwrap_or("")
                .to_owned(),
            _ => ["qx", "zvj", "鬱林", "xqvkjw", "龘龘龘"][numbers.below(5)].to_owned(),
        };
        let latin = kind != "latin" || whole.bytes().all(|byte| byte.is_ascii_lowercase());
        if latin && (whole.chars().count() >= length || kind == "miss") {
            return whole.chars().take(length).collect();
        }
    }
    "x".repeat(length)
}

fn ask_ours(catalogue: &Catalogue, kind: &str, query: &str) -> Result<usize, Failure> {
    Ok(if of_buyer(kind) {
        black_box(catalogue.search_distributors(query, LIMIT)?).len()
    } else {
        black_box(catalogue.search_products(query, &[], LIMIT, None, Timestamp(0))?).len()
    })
}

fn ask_index(index: &Index, kind: &str, query: &str) -> usize {
    if of_buyer(kind) {
        index.search_distributors(query, LIMIT).len()
    } else {
        index.search_products(query, &[], LIMIT).len()
    }
}

/// A prefix of a token; a Chinese query is a phrase of characters, the last one a prefix.
fn ask_fts(peer: &Connection, kind: &str, query: &str) -> Result<usize, Failure> {
    let phrase = spaced(query);
    let table = if of_buyer(kind) {
        "fts_distributor"
    } else {
        "fts_product"
    };
    let mut select = peer.prepare_cached(&format!(
        "SELECT rowid FROM {table} WHERE {table} MATCH ?1 ORDER BY rank LIMIT {LIMIT}"
    ))?;
    let found = select.query_map([format!("\"{phrase}\" *")], |row| row.get::<_, i64>(0))?;
    Ok(found.count())
}

fn ask_like(peer: &Connection, kind: &str, query: &str) -> Result<usize, Failure> {
    let table = if of_buyer(kind) {
        "distributor"
    } else {
        "product"
    };
    let mut select = peer.prepare_cached(&format!(
        "SELECT id FROM {table} WHERE code LIKE ?1 OR barcode LIKE ?1 OR name LIKE ?2
         OR initials LIKE ?2 OR pinyin LIKE ?2 OR phone LIKE ?3 LIMIT {LIMIT}"
    ))?;
    let patterns = params![
        format!("{query}%"),
        format!("%{query}%"),
        format!("%{query}")
    ];
    let found = select.query_map(patterns, |row| row.get::<_, i64>(0))?;
    Ok(found.count())
}

/// Chinese characters as words of their own, which is how FTS5 can find them at all.
fn spaced(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let han = u32::from(c) > 0x2fff;
            [han.then_some(' '), Some(c), han.then_some(' ')]
        })
        .flatten()
        .filter(|&c| c != '"')
        .collect()
}

fn peer(path: &Path, rows: &[Plain]) -> Result<Connection, Failure> {
    let mut db = Connection::open(path)?;
    db.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;",
    )?;
    let fill = db.transaction()?;
    for table in ["product", "distributor"] {
        fill.execute_batch(&format!(
            "CREATE TABLE {table} (id INTEGER PRIMARY KEY, code TEXT, barcode TEXT, name TEXT,
                                   initials TEXT, pinyin TEXT, phone TEXT);
             CREATE VIRTUAL TABLE fts_{table} USING fts5
                 (code, barcode, name, initials, pinyin, phone, content='', prefix='1 2');"
        ))?;
    }
    for row in rows {
        let table = if row.phone.is_empty() {
            "product"
        } else {
            "distributor"
        };
        let (initials, pinyin) = (initials_of(&row.name), pinyin_of(&row.name));
        fill.prepare_cached(&format!(
            "INSERT INTO {table} (code, barcode, name, initials, pinyin, phone)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        ))?
        .execute(params![
            row.code,
            row.barcode,
            row.name,
            initials,
            pinyin,
            row.phone
        ])?;
        fill.prepare_cached(&format!(
            "INSERT INTO fts_{table} (rowid, code, barcode, name, initials, pinyin, phone)
             VALUES (last_insert_rowid(), ?1, ?2, ?3, ?4, ?5, ?6)"
        ))?
        .execute(params![
            row.code,
            row.barcode,
            spaced(&row.name),
            initials,
            pinyin,
            row.phone
        ])?;
    }
    for table in ["fts_product", "fts_distributor"] {
        fill.execute(
            &format!("INSERT INTO {table} ({table}) VALUES ('optimize')"),
            [],
        )?;
    }
    fill.commit()?;
    Ok(db)
}

fn fill(path: &Path, docs: Vec<Doc>) -> Result<Catalogue, Failure> {
    let open: OpenFile = Arc::new(|path| {
        let db = Connection::open(path)?;
        db.pragma_update(None, "key", format!("x'{}'", "5a".repeat(32)))?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        Ok(db)
    });
    let mut catalogue = Catalogue::open(path, Arc::clone(&open))?;
    let changes: Vec<Change> = (1u64..)
        .zip(docs)
        .map(|(seq, doc)| Change {
            seq,
            tag: 1,
            caused_by: None,
            doc,
        })
        .collect();
    let mut snapshot = catalogue.rebuild()?;
    for batch in changes.chunks(5_000) {
        snapshot.put(batch)?;
    }
    snapshot.finish(Cursor {
        epoch: 1,
        seq: u64::try_from(changes.len())?,
        tag: 1,
    })?;
    drop(catalogue);
    let started = Instant::now();
    catalogue = Catalogue::open(path, open)?;
    catalogue.search_products("x", &[], 1, None, Timestamp(0))?;
    println!(
        "index: built in {} ms, {:.1} MB",
        started.elapsed().as_millis(),
        catalogue.index_bytes().unwrap_or(0) as f64 / 1e6
    );
    Ok(catalogue)
}

/// The real rows that are multiplied.
struct Source {
    chinese: Vec<String>,
    latin: Vec<String>,
    regions: Vec<String>,
}

impl Source {
    fn read() -> Result<Source, Failure> {
        let data = std::env::var_os("FIELDTILL_SHARED")
            .map_or_else(
                || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
                PathBuf::from,
            )
            .join("data");
        let column = |file: &str, nth: usize| -> Result<Vec<String>, Failure> {
            let text = std::fs::read_to_string(data.join(file))?;
            let cells = text
                .lines()
                .skip(1)
                .filter_map(|line| line.split(',').nth(nth));
            Ok(cells.map(str::to_owned).collect())
        };
        let mut latin = Vec::new();
        let zipped = data.join("uci_online_retail_536365_539999.csv.gz");
        let mut unzip = std::process::Command::new("gzip")
            .arg("-dc")
            .arg(zipped)
            .stdout(std::process::Stdio::piped())
            .spawn()?;
        let mut text = Vec::new();
        if let Some(out) = unzip.stdout.as_mut() {
            out.read_to_end(&mut text)?;
        }
        unzip.wait()?;
        for line in String::from_utf8_lossy(&text).lines().skip(1) {
            latin.extend(
                line.split(',')
                    .nth(2)
                    .map(|name| name.trim_matches('"').to_owned()),
            );
        }
        latin.sort();
        latin.dedup();
        latin.retain(|name| name.len() > 3);
        Ok(Source {
            chinese: column("litemall_products.csv", 1)?,
            latin,
            regions: column("litemall_regions.csv", 2)?,
        })
    }

    /// Two products of three are Chinese ones named after a region, the third is a Latin one.
    fn multiply(
        &self,
        numbers: &mut Numbers,
        products: usize,
        distributors: usize,
    ) -> Result<(Vec<Doc>, Vec<Plain>), Failure> {
        let (mut docs, mut rows) = (Vec::new(), Vec::new());
        let trades = [
            "商贸",
            "食品",
            "百货",
            "超市",
            "便利店",
            "批发部",
            "茶行",
            "家居",
        ];
        for nth in 0..products {
            let name = if nth % 3 == 2 {
                format!("{} {}", nth / 97 % 90, numbers.of(&self.latin))
            } else {
                let region = numbers
                    .of(&self.regions)
                    .trim_end_matches(['市', '县', '区']);
                format!(
                    "{region}{} {}号",
                    numbers.of(&self.chinese),
                    numbers.below(400)
                )
            };
            let (code, barcode) = (format!("{}", 1_000_000 + nth * 37), format!("690{nth:010}"));
            docs.push(Doc::Product(Product {
                id: ProductId(Uuid::from_u128(
                    (nth as u128 + 1) << 64 | numbers.below(1 << 30) as u128,
                )),
                code: code.clone(),
                barcode: barcode.clone(),
                name: name.clone(),
                spec: String::new(),
                unit: "件".to_owned(),
                list_price: UnitPrice::parse("12.5")?,
                floor_price: None,
                active: true,
            }));
            rows.push(Plain {
                code,
                barcode,
                name,
                phone: String::new(),
            });
        }
        for nth in 0..distributors {
            let trade = trades[numbers.below(trades.len())];
            let name = format!("{}{trade}{}", numbers.of(&self.regions), numbers.below(900));
            let phone = format!("13{:09}", numbers.below(1_000_000_000));
            let code = format!("D{nth:06}");
            docs.push(Doc::Distributor(Distributor {
                id: DistributorId(Uuid::from_u128((nth as u128 + 1) << 65 | 1)),
                number: u32::try_from(nth + 1)?,
                code: code.clone(),
                name: name.clone(),
                phone: phone.clone(),
                region: String::new(),
                price_book: None,
                credit_limit_fen: None,
                active: true,
            }));
            rows.push(Plain {
                code,
                barcode: (nth + 1).to_string(),
                name,
                phone,
            });
        }
        Ok((docs, rows))
    }
}
