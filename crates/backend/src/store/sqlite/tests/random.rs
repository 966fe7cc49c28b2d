//! Whatever people, payers and channels do, in whatever order: the books contradict nothing.

use crate::payments::asks::Observed;
use crate::store::Store as _;
use crate::testing::{FINANCE, SALES, World, cancel, distributor, edit, evidence};
use domain::channel::Channel;
use domain::collection::PaymentMethod;
use proptest::prelude::*;

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
        index.prop_map(|ask| Step::Expire { ask }),
    ]
}

fn run(steps: Vec<Step>) {
    let world = World::new();
    let cx = world.cx();
    let mut desks = [world.enrol("T01"), world.enrol("T02")];
    let d = distributor(1);
    let (mut orders, mut asks, mut attempts, mut cash) = (vec![], vec![], vec![], vec![]);
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
