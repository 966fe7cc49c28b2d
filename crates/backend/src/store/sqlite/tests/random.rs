//! Whatever people, payers and channels do, in whatever order: the books contradict nothing.

use crate::payments::asks::Observed;
use crate::store::Store as _;
use crate::testing::{Desk, FINANCE, LEAD, SALES, World, cancel, distributor, edit, evidence, fen};
use domain::channel::Channel;
use domain::collection::{Allocation, PaymentMethod};
use domain::id::MatchId;
use domain::money_match::{MatchFrom, MatchTo};
use domain::operation::{HeldMoneyFree, MatchDecide, MatchPropose, OpBody};
use proptest::prelude::*;
use wire::change::Doc;

#[derive(Clone, Debug)]
enum Step {
    Order {
        who: usize,
        total: i64,
    },
    Edit {
        who: usize,
        order: usize,
        total: i64,
    },
    Cancel {
        order: usize,
    },
    Ask {
        who: usize,
        order: Option<usize>,
        amount: i64,
    },
    Attempt {
        ask: usize,
        alipay: bool,
    },
    Pay {
        attempt: usize,
        nth: u32,
        off: i64,
    },
    Close {
        attempt: usize,
        sure: bool,
    },
    Cash {
        order: Option<usize>,
        amount: i64,
    },
    Confirm {
        collection: usize,
    },
    Spend {
        who: usize,
        order: usize,
        amount: i64,
    },
    Pull {
        who: usize,
    },
    Pass {
        ms: i64,
    },
    Expire {
        ask: usize,
    },
    /// Somebody finds a home for a collection's rest, or for money that fits nothing.
    Match {
        money: usize,
        stray: bool,
        to: u8,
        order: usize,
        amount: i64,
    },
    /// Somebody pays by a link whose operation has not come.
    Link {
        who: usize,
        amount: i64,
    },
    /// A lead frees money that is held, and then the operation may come after all.
    Free {
        link: usize,
        late: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (who, index, amount) = (0..2_usize, 0..6_usize, 1..2_000_i64);
    let maybe = prop::option::of(0..6_usize);
    prop_oneof![
        (who.clone(), amount.clone()).prop_map(|(who, total)| Step::Order { who, total }),
        (who.clone(), index.clone(), amount.clone()).prop_map(|(who, order, total)| Step::Edit {
            who,
            order,
            total
        }),
        index.clone().prop_map(|order| Step::Cancel { order }),
        (who.clone(), maybe.clone(), amount.clone()).prop_map(|(who, order, amount)| Step::Ask {
            who,
            order,
            amount
        }),
        (index.clone(), any::<bool>()).prop_map(|(ask, alipay)| Step::Attempt { ask, alipay }),
        (
            index.clone(),
            1..3_u32,
            prop_oneof![4 => Just(0_i64), 1 => Just(1_i64)]
        )
            .prop_map(|(attempt, nth, off)| Step::Pay { attempt, nth, off }),
        (index.clone(), any::<bool>()).prop_map(|(attempt, sure)| Step::Close { attempt, sure }),
        (maybe, amount.clone()).prop_map(|(order, amount)| Step::Cash { order, amount }),
        index
            .clone()
            .prop_map(|collection| Step::Confirm { collection }),
        (who.clone(), index.clone(), amount).prop_map(|(who, order, amount)| Step::Spend {
            who,
            order,
            amount
        }),
        who.prop_map(|who| Step::Pull { who }),
        (0..400_000_i64).prop_map(|ms| Step::Pass { ms }),
        index.clone().prop_map(|ask| Step::Expire { ask }),
        (
            index.clone(),
            any::<bool>(),
            0..3_u8,
            index.clone(),
            1..2_000_i64
        )
            .prop_map(|(money, stray, to, order, amount)| Step::Match {
                money,
                stray,
                to,
                order,
                amount
            }),
        (0..2_usize, 1..2_000_i64).prop_map(|(who, amount)| Step::Link { who, amount }),
        (index, any::<bool>()).prop_map(|(link, late)| Step::Free { link, late }),
    ]
}

/// Proposes and approves; what does not fit is refused and changes nothing.
fn give_a_home(
    world: &World,
    desk: &mut Desk,
    money: usize,
    stray: bool,
    to: u8,
    part: Option<Allocation>,
    amount: i64,
) {
    let d = distributor(1);
    let from = if stray {
        let records = desk.seen.iter().filter_map(|change| match &change.doc {
            Doc::TransactionRecord(doc) if doc.intent.is_none() => Some((doc.id, doc.gross_fen)),
            _ => None,
        });
        let records: Vec<_> = records.collect();
        let Some((transaction_record, gross)) = records.get(money).copied() else {
            return;
        };
        (MatchFrom::Unidentified { transaction_record }, gross)
    } else {
        let all = world.store.collections(&world.cx()).unwrap();
        let Some(held) = all.get(money) else { return };
        let collection = held.id;
        (MatchFrom::Unapplied { collection }, fen(amount))
    };
    let (to, allocations) = match (to, part) {
        (0, _) => (MatchTo::Deposit, Vec::new()),
        (1, _) => (MatchTo::Unapplied, Vec::new()),
        (_, part) => (MatchTo::Orders, part.into_iter().collect()),
    };
    let money_match = MatchId(wire::Env::uuid(&world.env));
    let propose = MatchPropose {
        money_match,
        from: from.0,
        to,
        subject: String::new(),
        distributor: d,
        distributor_name: String::new(),
        allocations,
        amount_fen: from.1,
        reason: "x".into(),
    };
    let decide = MatchDecide {
        money_match,
        reason: String::new(),
    };
    desk.act(world, FINANCE, OpBody::MatchPropose(propose));
    desk.act(world, LEAD, OpBody::MatchApprove(decide));
}

fn run(steps: Vec<Step>) {
    let world = World::new();
    let cx = world.cx();
    let mut desks = [world.enrol("T01"), world.enrol("T02")];
    let d = distributor(1);
    let (mut orders, mut asks, mut attempts, mut cash) = (vec![], vec![], vec![], vec![]);
    let mut links: Vec<(usize, domain::operation::IntentOpen)> = vec![];
    for step in steps {
        match step {
            Step::Order { who, total } => orders.push(desks[who].order(&world, d, total)),
            Step::Edit { who, order, total } => {
                let Some(id) = orders.get(order) else {
                    continue;
                };
                let held = world.store.orders(&cx).unwrap();
                let revision = held.iter().find(|held| held.id == *id).unwrap().revision;
                desks[who].act(&world, SALES, edit(*id, revision, d, total));
            }
            Step::Cancel { order } => {
                let Some(id) = orders.get(order) else {
                    continue;
                };
                let held = world.store.orders(&cx).unwrap();
                let revision = held.iter().find(|held| held.id == *id).unwrap().revision;
                desks[0].act(&world, SALES, cancel(*id, revision));
            }
            Step::Ask { who, order, amount } => {
                let order = order.and_then(|index| orders.get(index).copied());
                asks.push(desks[who].ask(&world, d, order, amount).0);
            }
            Step::Attempt { ask, alipay } => {
                let Some(intent) = asks.get(ask) else {
                    continue;
                };
                let channel = if alipay {
                    Channel::Alipay
                } else {
                    Channel::WechatPay
                };
                let begin = world
                    .store
                    .begin_attempt(&cx, *intent, channel, "p")
                    .unwrap();
                if let crate::payments::asks::Begin::Create(attempt) = begin {
                    attempts.push(attempt);
                }
            }
            Step::Pay { attempt, nth, off } => {
                let Some(attempt) = attempts.get(attempt) else {
                    continue;
                };
                let mut proof = evidence(attempt, nth);
                proof.amount_fen = proof
                    .amount_fen
                    .checked_add(crate::testing::fen(off))
                    .unwrap();
                world.settle(&proof).unwrap();
            }
            Step::Close { attempt, sure } => {
                let Some(attempt) = attempts.get(attempt) else {
                    continue;
                };
                let unsure = Observed::NoSuchTrade { to_close: true };
                let seen = if sure { Observed::Closed } else { unsure };
                world
                    .store
                    .observe(&cx, &attempt.out_trade_no, seen)
                    .unwrap();
            }
            Step::Cash { order, amount } => {
                let order = order.and_then(|index| orders.get(index).copied());
                let method = PaymentMethod::Cash;
                cash.push(desks[0].record(&world, method, d, order, amount).0);
            }
            Step::Confirm { collection } => {
                let Some(id) = cash.get(collection) else {
                    continue;
                };
                desks[0].confirm(&world, FINANCE, *id);
            }
            Step::Spend { who, order, amount } => {
                let Some(id) = orders.get(order) else {
                    continue;
                };
                desks[who].record(&world, PaymentMethod::Deposit, d, Some(*id), amount);
            }
            Step::Pull { who } => desks[who].pull_all(&world),
            Step::Pass { ms } => world.pass(ms),
            Step::Expire { ask } => {
                let Some(intent) = asks.get(ask) else {
                    continue;
                };
                world.store.expire(&cx, *intent).unwrap();
            }
            Step::Match {
                money,
                stray,
                to,
                order,
                amount,
            } => {
                let part = orders.get(order).map(|id| Allocation {
                    order: *id,
                    amount_fen: fen(amount),
                });
                desks[0].pull_all(&world);
                give_a_home(&world, &mut desks[0], money, stray, to, part, amount);
            }
            Step::Link { who, amount } => {
                let order = desks[who].order(&world, d, amount);
                let body = desks[who].ask_body(&world, d, Some(order), amount);
                let link = wire::link::Link::parse(&desks[who].link(&body)).unwrap();
                world.store.open_link(&cx, &link).unwrap();
                let begin = world
                    .store
                    .begin_attempt(&cx, body.intent, Channel::WechatPay, "p")
                    .unwrap();
                if let crate::payments::asks::Begin::Create(attempt) = begin {
                    let proof = evidence(&attempt, 1);
                    world.settle(&proof).unwrap();
                    links.push((who, body));
                }
            }
            Step::Free { link, late } => {
                if link >= links.len() {
                    continue;
                }
                let (who, body) = links.remove(link);
                desks[0].pull_all(&world);
                let held = desks[0]
                    .seen
                    .iter()
                    .rev()
                    .find_map(|change| match &change.doc {
                        Doc::TransactionRecord(doc) if doc.intent == Some(body.intent) => {
                            Some(doc.id)
                        }
                        _ => None,
                    });
                let free = OpBody::HeldMoneyFree(HeldMoneyFree {
                    transaction_record: held.unwrap(),
                    distributor: d,
                    reason: "x".into(),
                });
                desks[0].act(&world, LEAD, free);
                if late {
                    desks[who].act(&world, SALES, OpBody::IntentOpen(body));
                }
            }
        }
        world.check();
    }
    let internal = world.store.attention(&cx).unwrap();
    assert!(
        internal
            .iter()
            .all(|item| !item.subject.contains("internal")),
        "{internal:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_books_balance_after_every_step(steps in prop::collection::vec(step(), 1..60)) {
        run(steps);
    }
}
