//! The write path and the fold, on real encrypted files.

use super::views::Deciding;
use super::*;
use crate::files::{DatabaseKey, Files};
use crate::transact::Tx;
use domain::collection::{Allocation, CollectionState, PaymentCollection, PaymentMethod, Purpose};
use domain::id::{
    CollectionId, CompanyId, DistributorId, OpId, OrderId, ProductId, StaffId, TerminalId,
};
use domain::operation::{
    Basis, CollectionDecide, CollectionRecord, DepositRelease, OpBody, OrderCancel, OrderEdit,
    OrderSubmit,
};
use domain::order::{OrderContent, OrderLine, PaymentState, SalesOrder};
use domain::quantity::{LineDiscount, Quantity, UnitPrice};
use domain::role::Role;
use domain::staff::Staff;
use domain::{Money, Timestamp};
use uuid::Uuid;
use wire::SystemEnv;
use wire::change::{Allotment, DepositBalance};
use wire::keys::{Hash, Keypair};
use wire::protocol::SignedLease;
use wire::verdict::{Verdict, VerdictKind};

pub(crate) const SALES: StaffId = StaffId(Uuid::from_u128(1));
pub(crate) const FINANCE: StaffId = StaffId(Uuid::from_u128(2));
const ADMIN: StaffId = StaffId(Uuid::from_u128(3));
pub(super) const BUYER: DistributorId = DistributorId(Uuid::from_u128(10));
const TERMINAL: TerminalId = TerminalId(7);

pub(super) struct Rig {
    dir: tempfile::TempDir,
    pub(super) ledger: Ledger,
}

fn backend_key() -> Keypair {
    Keypair::from_seed([9; 32])
}

pub(crate) fn staff(id: StaffId, role: Role) -> Staff {
    Staff {
        id,
        name: "x".into(),
        role,
        pin_verifier: String::new(),
        active: true,
        department: None,
        revision: 0,
    }
}

fn signed_lease() -> SignedLease {
    let lease = Lease {
        terminal: TERMINAL,
        terminal_code: "T07".into(),
        seller: "S".into(),
        public_url: "http://x".into(),
        staff: vec![
            staff(SALES, Role::Sales),
            staff(FINANCE, Role::Finance),
            staff(ADMIN, Role::Admin),
        ],
        offline_proof_limit_fen: Money::ZERO,
        issued_at: Timestamp(1),
        expires_at: Timestamp(2),
    };
    SignedLease::seal(&lease, &backend_key()).unwrap()
}

fn open(dir: &std::path::Path) -> Ledger {
    let files = Files::open(dir, DatabaseKey::from_bytes([1; 32])).unwrap();
    Ledger::open(files, Arc::new(SystemEnv::new())).unwrap().0
}

pub(super) fn rig() -> Rig {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    enrol(&ledger);
    Rig { dir, ledger }
}

/// Makes a ledger that of a terminal with three people.
pub(crate) fn enrol(ledger: &Ledger) {
    let identity = Identity {
        company: CompanyId(Uuid::from_u128(100)),
        terminal: TERMINAL,
        incarnation: 1,
        key: Keypair::from_seed([5; 32]),
        backend_key: backend_key().public(),
        backend_url: "http://x".into(),
    };
    ledger
        .transact("enrol", |tx| {
            store_identity(tx.conn(), &identity)?;
            store_lease(tx.conn(), &signed_lease(), Timestamp(1))?;
            tx.set_identity(identity);
            Ok(())
        })
        .unwrap();
}

fn content(quantity: &str) -> OrderContent {
    let (quantity, unit_price) = (
        Quantity::parse(quantity).unwrap(),
        UnitPrice::parse("10").unwrap(),
    );
    let discount = LineDiscount::None;
    let amount_fen = domain::quantity::line_amount(quantity, unit_price, &discount).unwrap();
    OrderContent {
        distributor: BUYER,
        distributor_name: "重庆".into(),
        lines: vec![OrderLine {
            product: ProductId(Uuid::from_u128(20)),
            code: "A".into(),
            name: "A".into(),
            unit: "件".into(),
            quantity,
            unit_price,
            discount: LineDiscount::None,
            price_book: None,
            price_as_of: Timestamp(0),
            amount_fen,
        }],
        discount,
        payment_method: None,
        remark: String::new(),
    }
}

pub(crate) fn order_id(n: u128) -> OrderId {
    OrderId(Uuid::from_u128(n))
}

pub(crate) fn submit(tx: &mut Tx<'_>, order: OrderId) -> Result<OpId, Fault> {
    let number = tx.next_number()?;
    let body = OrderSubmit {
        order,
        number,
        content: content("3"),
        confirm: true,
        config: 0,
    };
    tx.append(SALES, OpBody::OrderSubmit(body), &[])
}

pub(super) fn record(order: OrderId, method: PaymentMethod, fen: i64) -> OpBody {
    OpBody::CollectionRecord(CollectionRecord {
        collection: CollectionId(Uuid::from_u128(order.0.as_u128() + 1_000)),
        number: "C".into(),
        purpose: Purpose::OrderPayment,
        method,
        distributor: BUYER,
        distributor_name: "重庆".into(),
        amount_fen: Money::from_fen(fen),
        allocations: vec![Allocation {
            order,
            amount_fen: Money::from_fen(fen),
        }],
        note: String::new(),
        slip_sha256: String::new(),
        after_lease: false,
    })
}

pub(crate) fn apply(
    ledger: &Ledger,
    key: impl Into<DocKey>,
    doc: &impl serde::Serialize,
    seq: u64,
) -> bool {
    let json = serde_json::to_string(doc).unwrap();
    let key = key.into();
    ledger
        .transact("apply", |tx| apply_base(tx.conn(), key, json, 1, seq))
        .unwrap()
        .value
}

fn settle_op(ledger: &Ledger, op: OpId, kind: VerdictKind) {
    ledger
        .transact("settle", |tx| {
            let (position, _) = find(tx.conn(), op)?.unwrap();
            let verdict = Verdict::seal(op, 1, 1, kind, &backend_key());
            settle(tx.conn(), position, &verdict, 99)
        })
        .unwrap();
}

#[test]
fn what_fails_half_way_leaves_nothing_behind() {
    let rig = rig();
    let order = order_id(30);
    let refused = rig.ledger.transact("half", |tx| {
        submit(tx, order)?;
        tx.save_draft(order_id(31), SALES, &"x")?;
        Err::<(), _>(Code::EmptyOrder.into())
    });
    assert_eq!(refused, Err(Code::EmptyOrder));
    assert_eq!(
        rig.ledger.order(order),
        Err(Code::NotFound {
            what: "order".into()
        })
    );
    assert_eq!(rig.ledger.outbox_counts().unwrap(), OutboxCounts::default());
    assert!(rig.ledger.drafts::<String>(SALES).unwrap().is_empty());
    let done = rig
        .ledger
        .transact("whole", |tx| submit(tx, order))
        .unwrap();
    assert_eq!(done.changed, [Tag::Orders, Tag::Distributors, Tag::Sync]);
    assert!(
        rig.ledger
            .order(order)
            .unwrap()
            .order
            .number
            .ends_with("-0001"),
        "no gap"
    );
}

#[test]
fn the_log_is_chained_signed_and_goes_on_after_a_restart() {
    let Rig { dir, ledger } = rig();
    for n in 0..3 {
        ledger
            .transact("order", |tx| submit(tx, order_id(30 + n)))
            .unwrap();
    }
    drop(ledger);
    let ledger = open(dir.path());
    ledger
        .transact("order", |tx| submit(tx, order_id(40)))
        .unwrap();
    let operations = ledger.try_read(|conn| after(conn, 1, 0, 50)).unwrap();
    let mut prev = Hash::ZERO;
    for (index, sealed) in operations.iter().enumerate() {
        sealed
            .verify(&Keypair::from_seed([5; 32]).public())
            .unwrap();
        let operation = sealed.open().unwrap();
        assert_eq!(
            (operation.seq, operation.prev_hash),
            (index as u64 + 1, prev)
        );
        prev = sealed.hash();
    }
    assert_eq!(operations.len(), 4);
    assert_eq!(ledger.try_read(|conn| head(conn, 1)).unwrap().hash, prev);
    assert_eq!(ledger.outbox_counts().unwrap().unsent, 4);
}

#[test]
fn numbers_have_no_gap_over_drafts_discards_and_orders() {
    let rig = rig();
    let save = |n| {
        let done = rig
            .ledger
            .transact("draft", |tx| tx.save_draft(order_id(n), SALES, &n));
        done.unwrap().value
    };
    let first = save(1);
    assert_eq!(save(1), first, "a draft keeps its number");
    let second = save(2);
    rig.ledger
        .transact("discard", |tx| tx.discard_draft(SALES, order_id(1)))
        .unwrap();
    rig.ledger
        .transact("order", |tx| submit(tx, order_id(3)))
        .unwrap();
    let third = rig.ledger.order(order_id(3)).unwrap().order.number;
    let tails: Vec<&str> = [&first, &second, &third]
        .map(|number| number.rsplit('-').next().unwrap())
        .to_vec();
    assert_eq!(tails, ["0001", "0002", "0003"]);
    let discarded = rig.ledger.outbox(0).unwrap().remove(0);
    assert_eq!(discarded.kind, "draft_discard");
    assert_eq!(rig.ledger.drafts::<u128>(SALES).unwrap().len(), 1);
}

#[test]
fn who_may_not_do_it_is_refused_by_the_write_path_itself() {
    let rig = rig();
    let by = |staff: StaffId| {
        rig.ledger.transact("x", |tx| {
            tx.append(staff, record(order_id(1), PaymentMethod::Cash, 1), &[])
        })
    };
    assert_eq!(by(ADMIN), Err(Code::NotAllowed { role: Role::Admin }));
    assert_eq!(by(StaffId(Uuid::from_u128(4))), Err(Code::UnknownStaff));
}

#[test]
fn edits_fold_and_base_that_contains_them_is_not_folded_twice() {
    let rig = rig();
    let order = order_id(30);
    let first = rig
        .ledger
        .transact("order", |tx| submit(tx, order))
        .unwrap()
        .value;
    let edit = OpBody::OrderEdit(OrderEdit {
        order,
        on: Basis::Operation(first),
        content: content("5"),
        config: 0,
        hold: false,
    });
    let second = rig
        .ledger
        .transact("edit", |tx| tx.append(SALES, edit, &[]))
        .unwrap()
        .value;
    let view = rig.ledger.order(order).unwrap();
    assert_eq!(
        (
            view.order.revision,
            view.order.total_fen.fen(),
            view.pending
        ),
        (2, 5_000, true)
    );
    let sealed = rig
        .ledger
        .try_read(|conn| after(conn, 1, 1, 1))
        .unwrap()
        .remove(0);
    assert_eq!(sealed.open().unwrap().depends_on, [first]);

    // The document comes before its verdict, and twice.
    let base = SalesOrder {
        paid_fen: Money::from_fen(100),
        ..view.order
    };
    assert!(apply(&rig.ledger, order, &base, 50));
    assert!(!apply(&rig.ledger, order, &base, 50), "not newer");
    let held = rig.ledger.order(order).unwrap();
    assert_eq!(
        (held.order.revision, held.payment_state),
        (2, PaymentState::PartlyPaid)
    );
    assert!(held.pending);
    settle_op(&rig.ledger, first, VerdictKind::Applied);
    settle_op(&rig.ledger, second, VerdictKind::Applied);
    let held = rig.ledger.order(order).unwrap();
    assert_eq!(held.order, base);
    assert!(!held.pending && held.attention.is_none());
}

#[test]
fn a_refused_edit_goes_back_to_base_and_asks_for_a_look() {
    let rig = rig();
    let order = order_id(30);
    let first = rig
        .ledger
        .transact("order", |tx| submit(tx, order))
        .unwrap()
        .value;
    let base = rig.ledger.order(order).unwrap().order;
    apply(&rig.ledger, order, &base, 5);
    settle_op(&rig.ledger, first, VerdictKind::Applied);
    let cancel = OpBody::OrderCancel(OrderCancel {
        order,
        on: Basis::Revision(1),
        reason: String::new(),
    });
    let op = rig
        .ledger
        .transact("cancel", |tx| tx.append(SALES, cancel, &[]))
        .unwrap()
        .value;
    // Meanwhile another terminal edited it.
    let theirs = SalesOrder {
        revision: 2,
        revised_by: OpId(Uuid::from_u128(77)),
        ..base
    };
    apply(&rig.ledger, order, &theirs, 6);
    let view = rig.ledger.order(order).unwrap();
    assert_eq!(view.order, theirs);
    assert_eq!(view.attention, Some(Code::Conflict { held: 2 }));
    let reason = Code::Conflict { held: 2 };
    settle_op(
        &rig.ledger,
        op,
        VerdictKind::Rejected {
            reason: reason.clone(),
        },
    );
    let view = rig.ledger.order(order).unwrap();
    assert_eq!((view.pending, view.attention), (false, Some(reason)));
    assert_eq!(rig.ledger.attention().unwrap().len(), 1);
    rig.ledger.transact("look", |tx| tx.looked_at(op)).unwrap();
    assert_eq!(rig.ledger.order(order).unwrap().attention, None);
    assert!(rig.ledger.attention().unwrap().is_empty());
}

#[test]
fn pending_money_waits_and_only_base_pays() {
    let rig = rig();
    let order = order_id(30);
    rig.ledger
        .transact("order", |tx| submit(tx, order))
        .unwrap();
    let cash = record(order, PaymentMethod::Cash, 1_000);
    let op = rig
        .ledger
        .transact("cash", |tx| tx.append(SALES, cash, &[]))
        .unwrap()
        .value;
    let view = rig.ledger.order(order).unwrap();
    assert_eq!(
        (view.waiting_fen.fen(), view.order.paid_fen.fen()),
        (1_000, 0)
    );
    assert_eq!(view.payment_state, PaymentState::Unpaid);
    let id = CollectionId(Uuid::from_u128(1_030));
    let confirm = OpBody::CollectionConfirm(CollectionDecide {
        collection: id,
        reason: String::new(),
    });
    let refused = rig
        .ledger
        .transact("x", |tx| tx.append(SALES, confirm.clone(), &[]));
    assert_eq!(refused, Err(Code::NotAllowed { role: Role::Sales }));
    rig.ledger
        .transact("confirm", |tx| tx.append(FINANCE, confirm, &[]))
        .unwrap();
    let held = rig.ledger.collection(id).unwrap();
    assert_eq!(
        held.collection.state,
        CollectionState::UnderReview,
        "the fold makes no money"
    );
    assert_eq!(held.deciding, Some(Deciding::Confirm));

    let money = PaymentCollection {
        state: CollectionState::Confirmed,
        ..held.collection
    };
    apply(&rig.ledger, id, &money, 9);
    settle_op(&rig.ledger, op, VerdictKind::Applied);
    assert_eq!(rig.ledger.order(order).unwrap().waiting_fen, Money::ZERO);
    assert_eq!(rig.ledger.collections_of(order).unwrap().len(), 1);
    assert_eq!(
        rig.ledger.collection(id).unwrap().deciding,
        None,
        "nothing is left to decide"
    );
}

#[test]
fn a_reserve_only_falls_by_what_is_done_here() {
    let rig = rig();
    let balance = |mine: i64| DepositBalance {
        distributor: BUYER,
        available_fen: Money::from_fen(50),
        allotments: vec![
            Allotment {
                terminal: TERMINAL,
                amount_fen: Money::from_fen(mine),
            },
            Allotment {
                terminal: TerminalId(8),
                amount_fen: Money::from_fen(7_000),
            },
        ],
        unapplied_fen: Money::ZERO,
        suspense_fen: Money::ZERO,
        owed_fen: Money::ZERO,
        as_of: Timestamp(0),
    };
    apply(&rig.ledger, DocKey::deposit(BUYER), &balance(2_000), 3);
    rig.ledger
        .transact("order", |tx| submit(tx, order_id(30)))
        .unwrap();
    let spend = record(order_id(30), PaymentMethod::Deposit, 1_500);
    let op = rig
        .ledger
        .transact("spend", |tx| tx.append(SALES, spend, &[]))
        .unwrap()
        .value;
    let release = OpBody::DepositRelease(DepositRelease {
        distributor: BUYER,
        amount_fen: Money::from_fen(100),
    });
    rig.ledger
        .transact("release", |tx| tx.append(SALES, release, &[]))
        .unwrap();
    let view = rig.ledger.deposit(BUYER).unwrap().unwrap();
    assert_eq!(
        (view.reserve_fen.fen(), view.waiting_fen.fen()),
        (400, 1_500)
    );
    assert_eq!(
        view.balance_fen.fen(),
        9_050,
        "the balance is the backend's word"
    );
    assert_eq!(
        rig.ledger.order(order_id(30)).unwrap().waiting_fen.fen(),
        1_500
    );
    apply(&rig.ledger, DocKey::deposit(BUYER), &balance(500), 4);
    settle_op(&rig.ledger, op, VerdictKind::Applied);
    assert_eq!(
        rig.ledger
            .deposit(BUYER)
            .unwrap()
            .unwrap()
            .reserve_fen
            .fen(),
        400
    );
}

#[test]
fn a_ticket_is_taken_once_and_a_failed_act_gives_it_back() {
    let rig = rig();
    let taken = |rig: &Rig| {
        rig.ledger
            .transact("t", |tx| Ok(tx.take_ticket(Timestamp(5))?.id))
    };
    assert_eq!(taken(&rig), Err(Code::NoTicket));
    rig.ledger
        .transact("tickets", |tx| {
            for (id, end) in [(1u64, 4i64), (2, 9), (3, 7)] {
                let ticket = domain::intent::Ticket {
                    id: domain::id::IntentId(id),
                    salt: String::new(),
                    code_hash: String::new(),
                    expires_at: Timestamp(end),
                };
                tx.conn().execute(
                    "INSERT INTO ticket (id, body, expires_at) VALUES (?1, ?2, ?3)",
                    rusqlite::params![
                        DocKey::from(ticket.id).id,
                        serde_json::to_string(&ticket).unwrap(),
                        end
                    ],
                )?;
            }
            Ok(())
        })
        .unwrap();
    let failed = rig.ledger.transact("t", |tx| {
        tx.take_ticket(Timestamp(5))?;
        Err::<(), _>(Code::Expired.into())
    });
    assert!(failed.is_err());
    assert_eq!(
        taken(&rig).unwrap().value.0,
        3,
        "the one that ends first among the good ones"
    );
    assert_eq!(taken(&rig).unwrap().value.0, 2);
    assert_eq!(taken(&rig), Err(Code::NoTicket));
}

#[test]
fn readers_see_whole_transactions_and_can_not_write() {
    let rig = rig();
    let refused = rig.ledger.try_read(|conn| {
        conn.execute("UPDATE device SET work_offline = 1", [])?;
        Ok(())
    });
    assert!(matches!(refused, Err(Fault::Sqlite(_))));
    let inside = rig.ledger.transact("order", |tx| {
        submit(tx, order_id(30))?;
        let outside = rig
            .ledger
            .orders(&OrderFilter::default(), Page::default())?
            .len();
        Ok((outside, tx.order(order_id(30))?.order.revision))
    });
    assert_eq!(inside.unwrap().value, (0, 1));
    let unpaid = OrderFilter {
        payment_states: vec![PaymentState::Unpaid],
        ..OrderFilter::default()
    };
    assert_eq!(
        rig.ledger.orders(&unpaid, Page::default()).unwrap().len(),
        1
    );
    let number = rig
        .ledger
        .order(order_id(30))
        .unwrap()
        .order
        .number
        .to_lowercase();
    let by_number = OrderFilter {
        text: number,
        ..OrderFilter::default()
    };
    let row = rig
        .ledger
        .orders(&by_number, Page::default())
        .unwrap()
        .remove(0);
    assert_eq!((row.distributor_name.as_str(), row.pending), ("重庆", true));
}

#[test]
fn a_full_disk_refuses_the_act_whole_and_loses_nothing() {
    let rig = rig();
    let pages = |n: i64| {
        rig.ledger.transact("limit", |tx| {
            tx.conn()
                .pragma_update_and_check(None, "max_page_count", n, |_| Ok(()))?;
            Ok(())
        })
    };
    rig.ledger
        .transact("order", |tx| submit(tx, order_id(30)))
        .unwrap();
    pages(1).unwrap();
    let big = "x".repeat(1 << 20);
    let refused = rig
        .ledger
        .transact("draft", |tx| tx.save_draft(order_id(31), SALES, &big));
    assert_eq!(
        refused,
        Err(Code::DiskFull {
            file: "ledger.db".into()
        })
    );
    pages(1 << 30).unwrap();
    assert!(rig.ledger.drafts::<String>(SALES).unwrap().is_empty());
    let number = rig
        .ledger
        .transact("draft", |tx| tx.save_draft(order_id(31), SALES, &big));
    assert!(number.unwrap().value.ends_with("-0002"));
}

/// A file system of its own, so small that a test can fill it.
#[cfg(target_os = "linux")]
struct SmallDisk(tempfile::TempDir);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount() -> Option<SmallDisk> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "fieldtill-test"])
            .arg(dir.path())
            .stderr(std::process::Stdio::null())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then(|| SmallDisk(dir))
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    /// Writes until the system says that it is full.
    fn fill(&self) -> std::path::PathBuf {
        use std::io::Write;
        let path = self.0.path().join("ballast");
        let mut file = std::fs::File::create(&path).unwrap();
        let refused = loop {
            if let Err(error) = file.write_all(&[1; 4096]) {
                break error;
            }
        };
        assert_eq!(refused.kind(), std::io::ErrorKind::StorageFull);
        path
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, because the ledger's files may still be open when a test fails.
        let _ = std::process::Command::new("umount")
            .arg("--lazy")
            .arg(self.0.path())
            .status();
    }
}

/// The same on a disk that is really full: the act is refused whole and names the file, what was
/// saved stays, a new folder can't be opened and is told why, and with room again all goes on.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_really_full_loses_nothing() {
    let Some(disk) = SmallDisk::mount() else {
        println!("not run: a really full disk: mounting a small file system needs root");
        return;
    };
    let home = disk.at("terminal");
    let ledger = open(&home);
    enrol(&ledger);
    ledger
        .transact("order", |tx| submit(tx, order_id(30)))
        .unwrap();
    let files = || {
        let entries = std::fs::read_dir(&home).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name())
            .collect::<std::collections::BTreeSet<_>>()
    };
    let before = files();
    let ballast = disk.fill();
    let big = "x".repeat(64 << 10);
    // A journal that already has its size takes a few more; 8 MB never take 200 of them.
    let mut saved = Vec::new();
    let refused = (0..200)
        .find_map(|n| {
            let done = ledger.transact("draft", |tx| tx.save_draft(order_id(100 + n), SALES, &big));
            match done {
                Ok(number) => {
                    saved.push(number.value);
                    None
                }
                Err(code) => Some(code),
            }
        })
        .expect("a full disk refuses");
    let file = "ledger.db".into();
    assert_eq!(refused, Code::DiskFull { file });
    let stranger = Files::open(&disk.at("another"), DatabaseKey::from_bytes([1; 32]))
        .map_err(|error| error.code())
        .and_then(|files| Ledger::open(files, Arc::new(SystemEnv::new())).map_err(|e| e.code()));
    assert!(
        matches!(stranger, Err(Code::DiskFull { .. })),
        "a new folder on a full disk: {:?}",
        stranger.err()
    );
    assert!(files().is_superset(&before), "a file was deleted");
    drop(ledger);
    std::fs::remove_file(ballast).unwrap();
    let ledger = open(&home);
    assert_eq!(ledger.drafts::<String>(SALES).unwrap().len(), saved.len());
    assert!(ledger.order(order_id(30)).is_ok());
    let next = ledger
        .transact("draft", |tx| tx.save_draft(order_id(31), SALES, &big))
        .unwrap();
    let expected = format!("-{:04}", saved.len() + 2);
    assert!(next.value.ends_with(&expected), "{} {expected}", next.value);
}

/// P1 is counted, not timed: one commit is one transaction of the WAL.
#[test]
fn an_order_with_its_draft_removed_is_one_commit() {
    let rig = rig();
    let save = |tx: &mut Tx<'_>| tx.save_draft(order_id(30), SALES, &"x");
    rig.ledger.transact("draft", save).unwrap();
    let commits = std::sync::Arc::new(AtomicI64::new(0));
    let count = std::sync::Arc::clone(&commits);
    let hook = move || {
        count.fetch_add(1, Ordering::Relaxed);
        false
    };
    rig.ledger.writer().conn.commit_hook(Some(hook)).unwrap();
    rig.ledger
        .transact("confirm", |tx| {
            let draft = tx.draft::<String>(order_id(30))?;
            tx.remove_draft(order_id(30))?;
            let (number, content) = (draft.number, content("3"));
            let body = OrderSubmit {
                order: order_id(30),
                number,
                content,
                confirm: true,
                config: 0,
            };
            tx.append(SALES, OpBody::OrderSubmit(body), &[])
        })
        .unwrap();
    assert_eq!(commits.load(Ordering::Relaxed), 1);
}
