//! Each kind of bad file, as a person would hand it in; and the same rows in every encoding that is
//! read.

use super::*;
use encoding_rs::GB18030;
use std::io::Write as _;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

struct Desk {
    dir: TempDir,
    cancel: AtomicBool,
    limits: Limits,
}

impl Desk {
    fn new() -> Desk {
        Desk {
            dir: tempfile::tempdir().unwrap(),
            cancel: AtomicBool::new(false),
            limits: Limits::default(),
        }
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> Source {
        let path = self.dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.into()
    }

    fn products(
        &self,
        name: &str,
        bytes: impl AsRef<[u8]>,
    ) -> Result<Vec<ProductRow>, ImportError> {
        let path = self.file(name, bytes);
        let mut watch = Watch {
            cancel: &self.cancel,
            progress: &mut |_| {},
        };
        read_products(&path, &self.limits, &mut watch)
    }

    /// Row, column and reason of the only problem.
    fn problem(&self, name: &str, bytes: impl AsRef<[u8]>) -> (u64, String, Reason) {
        match self.products(name, bytes) {
            Err(ImportError::Rejected(report)) if report.total == 1 => {
                let problem = report.problems[0].clone();
                assert_eq!(problem.file, name);
                (problem.row, problem.column, problem.reason)
            }
            other => panic!("one problem was expected, not {other:?}"),
        }
    }
}

const GOOD: &str =
    "编码,名称,价格,条码\n0001,重庆火锅底料,12.5,6901234567892\n0002,\"棉被, 加厚\",0,\n";

#[test]
fn the_same_rows_come_from_every_encoding() {
    let desk = Desk::new();
    let plain = desk.products("a.csv", GOOD).unwrap();
    assert_eq!(plain.len(), 2);
    assert_eq!(
        (plain[0].code.as_str(), plain[0].name.as_str()),
        ("0001", "重庆火锅底料")
    );
    assert_eq!(plain[0].barcode, "6901234567892");
    assert_eq!(
        (plain[1].name.as_str(), plain[1].list_price.to_string()),
        ("棉被, 加厚", "0".into())
    );
    let bom = [b"\xef\xbb\xbf".as_slice(), GOOD.as_bytes()].concat();
    let (gb, _, wrong) = GB18030.encode(GOOD);
    assert!(!wrong);
    for (name, bytes) in [
        ("bom.csv", bom),
        ("gb.csv", gb.into_owned()),
        ("crlf.csv", GOOD.replace('\n', "\r\n").into_bytes()),
        (
            "gap.csv",
            format!("\n{}\n\n", GOOD.replace("\n0002", "\n\n0002")).into_bytes(),
        ),
    ] {
        assert_eq!(desk.products(name, bytes).unwrap(), plain, "{name}");
    }
    let tabs = GOOD.replace(',', "\t").replace("棉被\t 加厚", "棉被, 加厚");
    assert_eq!(desk.products("tabs.csv", tabs).unwrap(), plain);
    let semicolons = GOOD.replace(',', ";").replace("棉被; 加厚", "棉被, 加厚");
    assert_eq!(desk.products("semicolons.csv", semicolons).unwrap(), plain);
}

#[test]
fn text_that_is_no_text_names_the_row() {
    let desk = Desk::new();
    let mut latin = b"code,name,list_price\n1,a,1\n2,caf\xe9 noir,1\n3,b,1\n".to_vec();
    assert_eq!(
        desk.problem("latin.csv", &latin),
        (3, String::new(), Reason::Encoding)
    );
    latin[22] = 0;
    assert_eq!(desk.problem("nul.csv", &latin).2, Reason::Encoding);
    let wide: Vec<u8> = [0xfeff]
        .into_iter()
        .chain("code".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        desk.problem("wide.csv", wide),
        (0, String::new(), Reason::Utf16)
    );
}

#[test]
fn a_bad_header_is_told_before_any_row() {
    let desk = Desk::new();
    let (row, column, reason) = desk.problem("a.csv", "code,name\n1,a\n");
    assert_eq!((row, column.as_str()), (1, "list price"));
    assert!(matches!(reason, Reason::MissingColumn { .. }));
    let (row, column, reason) = desk.problem("b.csv", "code,编码,name,list price\n1,1,a,1\n");
    assert_eq!(
        (row, column.as_str(), reason),
        (1, "code", Reason::DoubleColumn)
    );
    assert_eq!(desk.problem("c.csv", "").2, Reason::Empty);
    assert_eq!(
        desk.problem("d.csv", "code,name,list price\n").2,
        Reason::Empty
    );
    assert_eq!(desk.problem("e.csv", "\n\n  \n").2, Reason::Empty);
    assert!(matches!(
        read_products(
            &desk.dir.path().join("none.csv").into(),
            &desk.limits,
            &mut Watch {
                cancel: &desk.cancel,
                progress: &mut |_| {},
            }
        ),
        Err(ImportError::File { .. })
    ));
}

#[test]
fn each_bad_cell_is_named_by_row_column_and_reason() {
    let desk = Desk::new();
    let one = |cells: &str| {
        let (row, column, reason) =
            desk.problem("p.csv", format!("code,name,单价\n9,ok,1\n{cells}\n"));
        assert_eq!(row, 3);
        (column, reason)
    };
    let price = |text: &str| {
        let (column, reason) = one(&format!("1,a,{text}"));
        assert_eq!(column, "单价");
        reason
    };
    assert_eq!(price("dear"), Reason::NotANumber("dear".into()));
    assert_eq!(price("¥5"), Reason::NotANumber("¥5".into()));
    assert_eq!(price("-0.01"), Reason::Negative("-0.01".into()));
    assert_eq!(
        price("1.1234567"),
        Reason::Places {
            value: "1.1234567".into(),
            places: 6
        }
    );
    assert_eq!(price("99999999999"), Reason::Range("99999999999".into()));
    assert_eq!(price(""), Reason::Blank);
    assert_eq!(one(",a,1"), ("code".into(), Reason::Blank));
    assert_eq!(one("1,,1"), ("name".into(), Reason::Blank));
    assert_eq!(
        one("9,b,1"),
        (
            "code".into(),
            Reason::Duplicate {
                code: "9".into(),
                first: 2
            }
        )
    );
    assert_eq!(
        one("1,a"),
        (
            String::new(),
            Reason::Width {
                found: 2,
                wanted: 3
            }
        )
    );
    let long = "x".repeat(5_000);
    assert_eq!(
        one(&format!("1,{long},1")),
        (String::new(), Reason::LongCell(4_000))
    );
}

#[test]
fn all_problems_are_counted_and_nothing_comes_in() {
    let desk = Desk::new();
    let rows: String = (0..500).map(|row| format!("{row},a,x\n")).collect();
    let Err(ImportError::Rejected(report)) =
        desk.products("many.csv", format!("code,name,list price\n{rows}"))
    else {
        panic!("it came in");
    };
    assert_eq!((report.total, report.problems.len()), (500, Report::LISTED));
    let told = report.to_string();
    assert!(told.starts_with("nothing was imported; 500 problem(s)") && told.contains("300 more"));
    assert!(
        told.contains("many.csv, row 2, column list price: \"x\" is not a number"),
        "{told}"
    );
}

#[test]
fn stopping_leaves_nothing_and_progress_is_told() {
    let desk = Desk::new();
    let rows: String = (0..5_000).map(|row| format!("{row},a,1\n")).collect();
    let path = desk.file("big.csv", format!("code,name,list price\n{rows}"));
    let mut told = Vec::new();
    let read = read_products(
        &path,
        &desk.limits,
        &mut Watch {
            cancel: &desk.cancel,
            progress: &mut |rows| {
                told.push(rows);
                if rows == 2_000 {
                    desk.cancel.store(true, Ordering::Relaxed);
                }
            },
        },
    );
    assert!(matches!(read, Err(ImportError::Cancelled)), "{read:?}");
    assert_eq!(told, [1_000, 2_000]);
}

#[test]
fn limits_hold_for_rows_columns_and_bytes() {
    let mut desk = Desk::new();
    desk.limits.rows = 2;
    let rows = "code,name,list price\n1,a,1\n2,a,1\n3,a,1\n";
    assert!(matches!(
        desk.problem("r.csv", rows).2,
        Reason::Limit { limit: 2, .. }
    ));
    desk.limits = Limits {
        columns: 3,
        ..Limits::default()
    };
    assert!(
        desk.products("c.csv", "code,name,list price\n1,a,1\n")
            .is_ok()
    );
    let wide = "code,name,list price,unit\n1,a,1,x\n";
    assert!(matches!(
        desk.problem("w.csv", wide).2,
        Reason::Limit { limit: 3, .. }
    ));
    desk.limits = Limits {
        file_bytes: 10,
        ..Limits::default()
    };
    assert!(matches!(
        desk.problem("b.csv", rows).2,
        Reason::Limit { limit: 10, .. }
    ));
    desk.limits = Limits {
        unpacked_bytes: 1_000,
        ..Limits::default()
    };
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&[b'a'; 100_000]).unwrap();
    let bomb = packed.finish().unwrap();
    assert!(matches!(
        desk.problem("z.csv.gz", bomb).2,
        Reason::Limit { limit: 1_000, .. }
    ));
}

/// A workbook of one sheet; cells are texts or numbers as written.
fn workbook(sheet: &[u8]) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let mut zip = zip::ZipWriter::new(&mut out);
    let options = zip::write::SimpleFileOptions::default();
    for (name, body) in [
        ("[Content_Types].xml", br#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#.as_slice()),
        ("_rels/.rels", br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", br#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
        ("xl/worksheets/sheet1.xml", sheet),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(body).unwrap();
    }
    zip.finish().unwrap();
    out.into_inner()
}

fn sheet(rows: &str) -> Vec<u8> {
    format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    )
    .into_bytes()
}

fn text_cell(at: &str, text: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

#[test]
fn a_workbook_is_read_like_a_csv_whatever_its_name() {
    let desk = Desk::new();
    let header: String = [
        ("A1", "编码"),
        ("B1", "名称"),
        ("C1", "价格"),
        ("D1", "规格"),
    ]
    .map(|(at, t)| text_cell(at, t))
    .concat();
    let good = sheet(&format!(
        r#"<row r="1">{header}</row><row r="3">{}{}<c r="C3"><v>12.55</v></c></row>"#,
        text_cell("A3", "0001"),
        text_cell("B3", "重庆")
    ));
    let rows = desk.products("a.xlsx", workbook(&good)).unwrap();
    assert_eq!(
        (rows[0].code.as_str(), rows[0].list_price.to_string()),
        ("0001", "12.55".into())
    );
    assert_eq!(
        desk.products("misnamed.csv", workbook(&good)).unwrap(),
        rows
    );
    let bad = String::from_utf8(good).unwrap().replace("12.55", "-1");
    let (row, column, reason) = desk.problem("b.xlsx", workbook(bad.as_bytes()));
    assert_eq!(
        (row, column.as_str(), reason),
        (3, "价格", Reason::Negative("-1".into()))
    );
    assert!(matches!(
        desk.problem("c.xlsx", b"PK\x03\x04 but no archive").2,
        Reason::Workbook(_)
    ));
}

#[test]
fn a_bomb_in_a_workbook_is_refused_before_it_is_read() {
    let desk = Desk::new();
    let mut sheet = sheet("").to_vec();
    sheet.resize(80 << 20, b' ');
    let bomb = workbook(&sheet);
    assert!(bomb.len() < 200_000, "it packs to {} bytes", bomb.len());
    let (row, _, reason) = desk.problem("bomb.xlsx", &bomb);
    assert_eq!(
        (row, reason),
        (
            0,
            Reason::Limit {
                what: Measure::Ratio,
                limit: 100
            }
        )
    );
    // The same, with sizes that lie: the local and central claims say 10 bytes.
    let mut lying = bomb;
    let size = (80u32 << 20).to_le_bytes();
    for at in 0..lying.len() - 4 {
        if lying[at..at + 4] == size {
            lying[at..at + 4].copy_from_slice(&10u32.to_le_bytes());
        }
    }
    let refused = desk.problem("lying.xlsx", &lying).2;
    assert!(
        matches!(refused, Reason::Limit { .. } | Reason::Workbook(_)),
        "{refused:?}"
    );
}

#[test]
fn prices_and_distributors_name_what_they_miss() {
    let desk = Desk::new();
    let mut watch = Watch {
        cancel: &desk.cancel,
        progress: &mut |_| {},
    };
    let path = desk.file(
        "prices.csv",
        "价目表,编码,单价,生效日期\n经销价,1,5,2026-01-01\n经销价,2,5,soon\n",
    );
    let Err(ImportError::Rejected(report)) =
        read_prices(&path, &desk.limits, &|code| code == "1", &mut watch)
    else {
        panic!("it came in");
    };
    let found: Vec<_> = report
        .problems
        .iter()
        .map(|p| (p.row, p.column.as_str()))
        .collect();
    assert_eq!(found, [(3, "编码"), (3, "生效日期")]);
    let path = desk.file("d.csv", "code,name,credit limit\n1,甲,1000.505\n2,乙,-5\n");
    let Err(ImportError::Rejected(report)) = read_distributors(&path, &desk.limits, &mut watch)
    else {
        panic!("it came in");
    };
    let reasons: Vec<_> = report.problems.into_iter().map(|p| p.reason).collect();
    assert_eq!(
        reasons,
        [
            Reason::Places {
                value: "1000.505".into(),
                places: 2
            },
            Reason::Negative("-5".into())
        ]
    );
}

#[test]
fn invoices_keep_their_order_returns_and_repetitions() {
    let desk = Desk::new();
    let path = desk.file(
        "h.csv",
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n\
         536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850\n\
         536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850\n\
         C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,\n\
         536366,22633,,0.5,2010/12/1 9:05,0,1\n",
    );
    let mut watch = Watch {
        cancel: &desk.cancel,
        progress: &mut |_| {},
    };
    let invoices = read_history(&path, &desk.limits, &mut watch).unwrap();
    let numbers: Vec<_> = invoices
        .iter()
        .map(|invoice| invoice.number.as_str())
        .collect();
    assert_eq!(numbers, ["536365", "C536379", "536366"]);
    assert_eq!(invoices[0].lines.len(), 2);
    assert_eq!(invoices[1].lines[0].quantity.to_string(), "-1");
    assert_eq!(invoices[1].customer, "");
    // 08:26 in Shanghai.
    assert_eq!(invoices[0].at.0, 1_291_163_160_000);
    assert_eq!(invoices[2].at.0 - invoices[0].at.0, 39 * 60_000);
}

#[test]
fn the_real_files_come_in_whole() {
    let shared = std::env::var_os("FIELDTILL_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let data = shared.join("data");
    if !data.is_dir() {
        assert!(
            std::env::var_os("CI").is_none(),
            "{} is missing",
            data.display()
        );
        return;
    }
    let cancel = AtomicBool::new(false);
    let mut rows = 0;
    let mut watch = Watch {
        cancel: &cancel,
        progress: &mut |read| rows = read,
    };
    let path = Source::from(data.join("uci_online_retail_536365_539999.csv.gz"));
    let invoices = read_history(&path, &Limits::default(), &mut watch).unwrap();
    let lines: usize = invoices.iter().map(|invoice| invoice.lines.len()).sum();
    assert_eq!((rows, lines), (42_504, 42_504));
    assert_eq!(
        invoices.iter().map(|invoice| invoice.lines.len()).max(),
        Some(675)
    );
}
