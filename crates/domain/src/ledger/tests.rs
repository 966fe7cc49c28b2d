//! Every builder balances, every mirror cancels, and no sequence of moves makes money.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const TERMINAL: TerminalId = TerminalId(7);
const TICKET: IntentId = IntentId(99);
const WECHAT: Channel = Channel::WechatPay;

fn fen(fen: i64) -> Money {
    Money::from_fen(fen)
}

fn distributor(n: u128) -> DistributorId {
    DistributorId(Uuid::from_u128(n))
}

fn one() -> DistributorId {
    distributor(1)
}

fn shown(entry: &Entry) -> Vec<(&'static str, i64)> {
    entry
        .postings()
        .iter()
        .map(|p| (p.account.kind(), p.amount_fen.fen()))
        .collect()
}

fn every_account() -> Vec<Account> {
    let mut accounts = Vec::new();
    for channel in Channel::ALL {
        accounts.push(Account::ChannelClearing { channel });
        accounts.push(Account::Fees { channel });
        accounts.push(Account::Unidentified { channel });
    }
    for method in [
        PaymentMethod::Cash,
        PaymentMethod::BankTransfer,
        PaymentMethod::Cheque,
    ] {
        accounts.push(Account::CashInHand { method });
    }
    for distributor in [distributor(1), distributor(2)] {
        accounts.push(Account::Applied { distributor });
        accounts.push(Account::Unapplied { distributor });
        accounts.push(Account::DepositAvailable { distributor });
        accounts.push(Account::Refundable { distributor });
        accounts.push(Account::Refunding { distributor });
        accounts.push(Account::Suspense { distributor });
        for terminal in [TERMINAL, TerminalId(8)] {
            accounts.push(Account::DepositAllotted {
                distributor,
                terminal,
            });
        }
    }
    accounts.push(Account::HeldTicket { ticket: TICKET });
    accounts.push(Account::HeldTicket {
        ticket: IntentId(100),
    });
    accounts
}

#[test]
fn an_entry_that_leaves_something_over_cannot_be_made() {
    let posting = |account, amount| Posting {
        account,
        amount_fen: fen(amount),
    };
    let clearing = Account::ChannelClearing { channel: WECHAT };
    let unapplied = Account::Unapplied { distributor: one() };
    let lost = Entry::new(vec![posting(clearing, -100), posting(unapplied, 99)]);
    assert_eq!(lost, Err(LedgerError::Unbalanced(fen(-1))));
    assert_eq!(Entry::new(Vec::new()), Err(LedgerError::Empty));
    let back_and_forth = vec![posting(clearing, -5), posting(clearing, 5)];
    assert_eq!(Entry::new(back_and_forth), Err(LedgerError::Empty));
    let parts = vec![
        posting(clearing, -60),
        posting(unapplied, 100),
        posting(clearing, -40),
    ];
    assert_eq!(Entry::new(parts).unwrap().postings().len(), 2);
    let forged = r#"[{"account":{"kind":"suspense","distributor":
        "00000000-0000-0000-0000-000000000001"},"amount_fen":"5"}]"#;
    assert!(serde_json::from_str::<Entry>(forged).is_err());
}

#[test]
fn each_rule_posts_where_it_says() {
    let d = one();
    for (entry, expected) in [
        (
            money_in(Source::Channel(WECHAT), d, fen(1_000), fen(800)),
            vec![
                ("channel_clearing", -1_000),
                ("applied", 800),
                ("unapplied", 200),
            ],
        ),
        (
            money_in(Source::Offline(PaymentMethod::Cash), d, fen(500), fen(0)),
            vec![("cash_in_hand", -500), ("unapplied", 500)],
        ),
        (
            money_in(Source::Held(TICKET), d, fen(500), fen(500)),
            vec![("held_ticket", -500), ("applied", 500)],
        ),
        (
            top_up(Source::Channel(Channel::Alipay), d, fen(9)),
            vec![("channel_clearing", -9), ("deposit_available", 9)],
        ),
        (
            duplicate_success(WECHAT, d, fen(9)),
            vec![("channel_clearing", -9), ("refundable", 9)],
        ),
        (
            unidentified_money(WECHAT, fen(9)),
            vec![("channel_clearing", -9), ("unidentified", 9)],
        ),
        (
            held_money(WECHAT, TICKET, fen(9)),
            vec![("channel_clearing", -9), ("held_ticket", 9)],
        ),
        (
            unapplied_allocated(d, fen(9)),
            vec![("unapplied", -9), ("applied", 9)],
        ),
        (
            allotment_granted(d, TERMINAL, fen(9)),
            vec![("deposit_available", -9), ("deposit_allotted", 9)],
        ),
        (
            allotment_released(d, TERMINAL, fen(9)),
            vec![("deposit_available", 9), ("deposit_allotted", -9)],
        ),
        (
            deposit_spent(Reserve::Allotted(TERMINAL), d, fen(9), fen(7)),
            vec![
                ("deposit_allotted", -9),
                ("applied", 7),
                ("deposit_available", 2),
            ],
        ),
        (
            deposit_spent(Reserve::Available, d, fen(9), fen(7)),
            vec![("deposit_available", -7), ("applied", 7)],
        ),
        (
            deposit_spent(Reserve::Revoked, d, fen(9), fen(9)),
            vec![("suspense", -9), ("applied", 9)],
        ),
        (
            suspense_covered(d, fen(9)),
            vec![("deposit_available", -9), ("suspense", 9)],
        ),
        (
            suspense_covered_by_unapplied(d, fen(9)),
            vec![("unapplied", -9), ("suspense", 9)],
        ),
        (
            unapplied_deposited(d, fen(9)),
            vec![("unapplied", -9), ("deposit_available", 9)],
        ),
        (
            order_excess_released(d, fen(2), fen(7)),
            vec![("applied", -9), ("unapplied", 2), ("deposit_available", 7)],
        ),
        (
            refund_approved(RefundFrom::Allocations, d, fen(9)),
            vec![("applied", -9), ("refunding", 9)],
        ),
        (
            refund_succeeded(Source::Channel(WECHAT), d, fen(9)),
            vec![("refunding", -9), ("channel_clearing", 9)],
        ),
        (
            refund_failed(RefundFrom::Allocations, d, fen(9)),
            vec![("refunding", -9), ("unapplied", 9)],
        ),
        (
            refund_failed(RefundFrom::Deposit, d, fen(9)),
            vec![("refunding", -9), ("deposit_available", 9)],
        ),
        (
            refund_succeeded_late(WECHAT, RefundFrom::Allocations, d, fen(9), fen(9)),
            vec![("unapplied", -9), ("channel_clearing", 9)],
        ),
        (
            refund_succeeded_late(WECHAT, RefundFrom::Refundable, d, fen(9), fen(2)),
            vec![
                ("refundable", -2),
                ("suspense", -7),
                ("channel_clearing", 9),
            ],
        ),
        (
            channel_fee(WECHAT, fen(9)),
            vec![("fees", -9), ("channel_clearing", 9)],
        ),
    ] {
        assert_eq!(shown(&entry.unwrap()), expected);
    }
}

#[test]
fn impossible_moves_are_refused() {
    let d = one();
    let settle = |gross, applied| {
        money_in(Source::Channel(WECHAT), d, fen(gross), fen(applied)).unwrap_err()
    };
    let more = |part, whole| LedgerError::MoreThanWhole {
        part: fen(part),
        whole: fen(whole),
    };
    assert_eq!(settle(100, 101), more(101, 100));
    assert_eq!(settle(100, -1), more(-1, 100));
    assert_eq!(settle(0, 0), LedgerError::NotPositive(fen(0)));
    for method in [
        PaymentMethod::Online,
        PaymentMethod::QrCode,
        PaymentMethod::Deposit,
    ] {
        let refused = top_up(Source::Offline(method), d, fen(1));
        assert_eq!(refused, Err(LedgerError::NotOffline(method)));
    }
    assert_eq!(
        order_excess_released(d, fen(-1), fen(2)),
        Err(LedgerError::NotPositive(fen(-1)))
    );
    assert_eq!(
        order_excess_released(d, fen(0), fen(0)),
        Err(LedgerError::Empty)
    );
    let held = Source::Held(TICKET);
    assert_eq!(
        refund_succeeded(held, d, fen(1)),
        Err(LedgerError::NotAWayOut(held))
    );
    assert_eq!(
        unapplied_allocated(d, fen(-1)),
        Err(LedgerError::NotPositive(fen(-1)))
    );
}

#[test]
fn names_are_unique_and_say_the_kind_that_json_says() {
    let accounts = every_account();
    let names: BTreeSet<String> = accounts.iter().map(Account::to_string).collect();
    assert_eq!(names.len(), accounts.len());
    for account in accounts {
        let json = serde_json::to_value(account).unwrap();
        assert_eq!(json["kind"], account.kind());
        assert!(
            account
                .to_string()
                .starts_with(&format!("{}:", account.kind()))
        );
        assert_eq!(serde_json::from_value::<Account>(json).unwrap(), account);
    }
    let till = Account::CashInHand {
        method: PaymentMethod::BankTransfer,
    };
    assert_eq!(till.to_string(), "cash_in_hand:bank_transfer");
    let clearing = Account::ChannelClearing { channel: WECHAT };
    assert_eq!(clearing.to_string(), "channel_clearing:wechat_pay");
}

#[test]
fn what_the_company_answers_for_has_the_floor_zero() {
    let free: BTreeSet<&str> = every_account()
        .iter()
        .filter(|account| account.floor().is_none())
        .map(Account::kind)
        .collect();
    assert_eq!(
        free,
        BTreeSet::from(["cash_in_hand", "channel_clearing", "fees", "suspense"])
    );
}

#[derive(Default)]
struct Balances(BTreeMap<Account, Money>);

impl Balances {
    fn of(&self, account: &Account) -> Money {
        self.0.get(account).copied().unwrap_or(Money::ZERO)
    }

    /// Posts the whole entry, or nothing when an account would fall through its floor.
    fn post(&mut self, entry: &Entry) -> bool {
        let fits = entry.postings().iter().all(|posting| {
            let after = self
                .of(&posting.account)
                .checked_add(posting.amount_fen)
                .unwrap();
            posting.account.floor().is_none_or(|floor| after >= floor)
        });
        if fits {
            for posting in entry.postings() {
                let after = self.of(&posting.account).checked_add(posting.amount_fen);
                self.0.insert(posting.account, after.unwrap());
            }
        }
        fits
    }

    fn sum(&self) -> Money {
        Money::sum(self.0.values().copied()).unwrap()
    }
}

fn any_source() -> impl Strategy<Value = Source> {
    prop_oneof![
        prop::sample::select(&Channel::ALL[..]).prop_map(Source::Channel),
        prop::sample::select(
            &[
                PaymentMethod::Cash,
                PaymentMethod::BankTransfer,
                PaymentMethod::Cheque
            ][..]
        )
        .prop_map(Source::Offline),
        Just(Source::Held(TICKET)),
        Just(Source::Unidentified(WECHAT)),
    ]
}

fn any_move() -> impl Strategy<Value = Result<Entry, LedgerError>> {
    let from = prop::sample::select(
        &[
            RefundFrom::Unapplied,
            RefundFrom::Allocations,
            RefundFrom::Deposit,
            RefundFrom::Refundable,
        ][..],
    );
    let reserve = prop::sample::select(
        &[
            Reserve::Available,
            Reserve::Allotted(TERMINAL),
            Reserve::Revoked,
        ][..],
    );
    let amounts = (1_i64..5_000, 0_i64..5_000);
    (0_u8..16, any_source(), from, reserve, 1_u128..3, amounts).prop_map(
        |(rule, source, from, reserve, owner, (amount, part))| {
            let (d, amount, part) = (distributor(owner), fen(amount), fen(part));
            match rule {
                0 => money_in(source, d, amount, part.min(amount)),
                1 => top_up(source, d, amount),
                2 => duplicate_success(WECHAT, d, amount),
                3 => unidentified_money(WECHAT, amount),
                4 => held_money(WECHAT, TICKET, amount),
                5 => unapplied_allocated(d, amount),
                6 => allotment_granted(d, TERMINAL, amount),
                7 => allotment_released(d, TERMINAL, amount),
                8 => deposit_spent(reserve, d, amount, part.min(amount)),
                9 => suspense_covered(d, amount),
                10 => order_excess_released(d, part, amount),
                11 => refund_approved(from, d, amount),
                12 => refund_failed(from, d, amount),
                13 => suspense_covered_by_unapplied(d, amount),
                14 => unapplied_deposited(d, amount),
                _ => channel_fee(WECHAT, amount),
            }
        },
    )
}

proptest! {
    #[test]
    fn any_sequence_of_moves_sums_to_zero_and_keeps_the_floors(
        moves in prop::collection::vec(any_move(), 1..60),
    ) {
        let mut balances = Balances::default();
        for entry in moves.iter().flatten() {
            balances.post(entry);
            prop_assert_eq!(balances.sum(), Money::ZERO);
        }
        for (account, balance) in &balances.0 {
            prop_assert!(account.floor().is_none_or(|floor| *balance >= floor));
        }
    }

    #[test]
    fn a_mirror_cancels_its_entry(entry in any_move()) {
        if let Ok(entry) = entry {
            let mut both = entry.postings().to_vec();
            both.extend_from_slice(entry.mirror().postings());
            prop_assert_eq!(Entry::new(both), Err(LedgerError::Empty));
            prop_assert_eq!(&entry.mirror().mirror(), &entry);
            let json = serde_json::to_string(&entry).unwrap();
            prop_assert_eq!(serde_json::from_str::<Entry>(&json).unwrap(), entry);
        }
    }
}
