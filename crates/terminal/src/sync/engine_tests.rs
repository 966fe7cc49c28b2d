//! The engine on single events and on random ones: single flight and liveness always hold.

use super::super::Applied;
use super::*;
use proptest::prelude::*;

fn started(unsent: bool, needs_snapshot: bool) -> (Engine, Vec<Effect>) {
    let mut engine = Engine::new();
    let event = Event::Started {
        unsent,
        needs_snapshot,
        work_offline: false,
    };
    let effects = engine.step(0, 0, event);
    (engine, effects)
}

fn sent(effects: &[Effect]) -> Option<(RequestId, What)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send { id, what } => Some((*id, *what)),
        _ => None,
    })
}

fn armed(effects: &[Effect]) -> Option<Millis> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::Arm { at } => Some(*at),
        _ => None,
    })
}

fn answer(engine: &mut Engine, now: Millis, applied: Applied) -> Option<What> {
    let (id, _) = engine.flight().expect("a request is under way");
    let effects = engine.step(now, 0, Event::Replied { id });
    assert!(effects.contains(&Effect::Apply { id }));
    sent(&engine.step(now, 0, Event::Applied { id, applied })).map(|(_, what)| what)
}

fn news(applied_to: u64) -> Applied {
    Applied {
        applied_to,
        progress: true,
        ..Applied::default()
    }
}

#[test]
fn work_is_sent_first_then_the_feed_is_asked_then_it_rests_until_the_poll() {
    let (mut engine, effects) = started(true, false);
    assert_eq!(sent(&effects), Some((1, What::Push)));
    assert_eq!(answer(&mut engine, 5, news(0)), Some(What::Pull));
    assert_eq!(answer(&mut engine, 9, news(7)), None);
    assert_eq!(
        sent(&engine.step(20, 0, Event::Poke { seq: 7 })),
        None,
        "nothing newer"
    );
    assert_eq!(sent(&engine.step(9 + POLL_MS - 1, 0, Event::Tick)), None);
    assert_eq!(
        sent(&engine.step(9 + POLL_MS, 0, Event::Tick)),
        Some((3, What::Pull))
    );
    assert_eq!(
        answer(
            &mut engine,
            40_000,
            Applied {
                applied_to: 7,
                ..Applied::default()
            }
        ),
        None
    );
}

#[test]
fn a_poke_pulls_once_and_a_poke_that_brings_nothing_does_not_go_round() {
    let (mut engine, _) = started(false, false);
    assert_eq!(answer(&mut engine, 1, news(7)), None);
    assert!(matches!(
        sent(&engine.step(2, 0, Event::Poke { seq: 9 })),
        Some((_, What::Pull))
    ));
    assert_eq!(
        sent(&engine.step(3, 0, Event::Poke { seq: 9 })),
        None,
        "single flight"
    );
    assert_eq!(
        answer(
            &mut engine,
            4,
            Applied {
                applied_to: 7,
                ..Applied::default()
            }
        ),
        None
    );
}

#[test]
fn one_reply_of_many_asks_again_at_once() {
    let (mut engine, _) = started(false, false);
    let more = Applied {
        more: true,
        ..news(500)
    };
    assert_eq!(answer(&mut engine, 1, more), Some(What::Pull));
    engine.step(2, 0, Event::Appended);
    assert_eq!(
        answer(&mut engine, 3, more),
        Some(What::Push),
        "work goes before more news"
    );
}

#[test]
fn failures_wait_longer_and_longer_and_never_stop() {
    let (mut engine, _) = started(true, false);
    let mut now = 0;
    let mut waits = Vec::new();
    for _ in 0..12 {
        let (id, _) = engine.flight().unwrap();
        let effects = engine.step(
            now,
            u64::MAX,
            Event::Failed {
                id,
                failure: Failure::Unreachable,
            },
        );
        let at = armed(&effects).expect("armed after a failure");
        waits.push(at - now);
        assert_eq!(
            sent(&engine.step(at - 1, 0, Event::Appended)),
            None,
            "not before its time"
        );
        now = at;
        assert!(sent(&engine.step(now, 0, Event::Tick)).is_some());
    }
    assert!(
        waits.windows(2).all(|pair| pair[0] <= pair[1] * 2),
        "{waits:?}"
    );
    assert!(waits[0] <= RETRY_FIRST_MS && *waits.last().unwrap() <= RETRY_LONGEST_MS);
    assert!(*waits.last().unwrap() >= RETRY_LONGEST_MS / 2);
}

#[test]
fn a_hint_shortens_the_wait_but_flapping_can_not_hammer() {
    let (mut engine, _) = started(true, false);
    let mut requests = 1;
    let mut now = 0;
    for _ in 0..1_000 {
        if let Some((id, _)) = engine.flight() {
            engine.step(
                now,
                7,
                Event::Failed {
                    id,
                    failure: Failure::Unreachable,
                },
            );
        }
        now += 10;
        requests += u32::from(sent(&engine.step(now, 7, Event::NetworkHint)).is_some());
    }
    assert!(
        (10..=12).contains(&requests),
        "10 s of flapping: {requests} requests"
    );
}

#[test]
fn retry_after_is_kept_also_against_hints() {
    let (mut engine, _) = started(true, false);
    let busy = Failure::Busy { after_ms: 20_000 };
    engine.step(
        0,
        0,
        Event::Failed {
            id: 1,
            failure: busy,
        },
    );
    assert_eq!(sent(&engine.step(5_000, 0, Event::NetworkHint)), None);
    assert_eq!(sent(&engine.step(19_999, 0, Event::Tick)), None);
    assert!(sent(&engine.step(20_000, 0, Event::Tick)).is_some());
}

#[test]
fn work_offline_sends_nothing_until_it_is_switched_off() {
    let (mut engine, _) = started(true, false);
    let (id, _) = engine.flight().unwrap();
    let effects = engine.step(1, 0, Event::WorkOffline(true));
    assert!(effects.contains(&Effect::Disarm));
    for event in [
        Event::Appended,
        Event::Tick,
        Event::Poke { seq: 99 },
        Event::NetworkHint,
        Event::Replied { id },
    ] {
        let effects = engine.step(500_000, 0, event);
        assert!(
            effects
                .iter()
                .all(|effect| matches!(effect, Effect::Status(_))),
            "{effects:?}"
        );
    }
    let effects = engine.step(500_001, 0, Event::WorkOffline(false));
    assert!(matches!(sent(&effects), Some((_, What::Push))));
}

#[test]
fn a_new_epoch_begins_a_snapshot_from_the_first_page_and_then_pulls() {
    let (mut engine, _) = started(false, false);
    let effects = engine.step(
        1,
        0,
        Event::Failed {
            id: 1,
            failure: Failure::NewEpoch,
        },
    );
    assert_eq!(sent(&effects), Some((2, What::Snapshot { restart: true })));
    let page = Applied {
        more: true,
        progress: true,
        ..Applied::default()
    };
    assert_eq!(
        answer(&mut engine, 2, page),
        Some(What::Snapshot { restart: false })
    );
    assert_eq!(answer(&mut engine, 3, news(40)), Some(What::Pull));
    let (id, _) = engine.flight().unwrap();
    engine.step(
        4,
        0,
        Event::Failed {
            id,
            failure: Failure::NewEpoch,
        },
    );
    let (id, _) = engine.flight().unwrap();
    let effects = engine.step(
        5,
        0,
        Event::Failed {
            id,
            failure: Failure::NewEpoch,
        },
    );
    assert_eq!(
        sent(&effects),
        None,
        "an epoch that changes under the snapshot waits"
    );
    assert!(armed(&effects).is_some());
}

#[test]
fn a_revoked_terminal_asks_nothing_more_but_hands_over_what_is_done_at_it() {
    let (mut engine, _) = started(false, false);
    let revoked = |id| Event::Failed {
        id,
        failure: Failure::Revoked,
    };
    assert_eq!(sent(&engine.step(1, 0, revoked(1))), None);
    assert_eq!(
        sent(&engine.step(2, 0, Event::Appended)),
        Some((2, What::Push))
    );
    let more = Applied {
        unsent: true,
        progress: true,
        ..Applied::default()
    };
    assert_eq!(answer(&mut engine, 3, more), Some(What::Push));
    assert_eq!(answer(&mut engine, 4, news(0)), None, "and no pull");
    assert_eq!(sent(&engine.step(900_000, 0, Event::Tick)), None);
    // The network fails while it hands over: it tries again.
    let effects = engine.step(900_001, 0, Event::Appended);
    let id = sent(&effects).unwrap().0;
    let failure = Failure::Unreachable;
    let at = armed(&engine.step(900_002, 0, Event::Failed { id, failure })).unwrap();
    let (id, what) = sent(&engine.step(at, 0, Event::Tick)).unwrap();
    assert_eq!(what, What::Push);
    // A backend that takes nothing is not asked again until there is something new.
    let effects = engine.step(at + 1, 0, revoked(id));
    assert!(sent(&effects).is_none() && effects.contains(&Effect::Disarm));
    assert_eq!(sent(&engine.step(at + 900_000, 0, Event::Tick)), None);
    assert!(sent(&engine.step(at + 900_001, 0, Event::Appended)).is_some());
}

#[test]
fn forked_and_revoked_stop_until_a_new_start() {
    for (failure, phase) in [
        (Failure::Forked, SyncPhase::Forked),
        (Failure::Revoked, SyncPhase::Revoked),
    ] {
        let (mut engine, _) = started(true, false);
        let effects = engine.step(1, 0, Event::Failed { id: 1, failure });
        assert!(
            effects
                .iter()
                .any(|effect| matches!(effect, Effect::Status(status) if status.phase == phase))
        );
        assert_eq!(sent(&engine.step(900_000, 0, Event::Tick)), None);
        let again = Event::Started {
            unsent: false,
            needs_snapshot: true,
            work_offline: false,
        };
        let effects = engine.step(900_001, 0, again);
        assert!(matches!(
            sent(&effects),
            Some((_, What::Snapshot { restart: false }))
        ));
    }
}

#[test]
fn an_answer_that_never_comes_is_given_up_and_its_late_reply_ignored() {
    let (mut engine, _) = started(true, false);
    let effects = engine.step(ANSWER_MS, 0, Event::Tick);
    let at = armed(&effects).unwrap();
    assert!(!engine.in_flight());
    assert!(
        engine
            .step(ANSWER_MS + 1, 0, Event::Replied { id: 1 })
            .is_empty()
    );
    assert!(matches!(
        sent(&engine.step(at, 0, Event::Tick)),
        Some((2, What::Push))
    ));
}

fn any_failure() -> impl Strategy<Value = Failure> {
    prop_oneof![
        6 => Just(Failure::Unreachable),
        2 => (0u64..100_000).prop_map(|after_ms| Failure::Busy { after_ms }),
        2 => Just(Failure::NewEpoch),
        2 => Just(Failure::Refused),
        1 => Just(Failure::Forked),
        1 => Just(Failure::Version),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let id = 0u64..40;
    let applied = (any::<bool>(), any::<bool>(), 0u64..50, any::<bool>()).prop_map(
        |(more, unsent, applied_to, progress)| Applied {
            more,
            unsent,
            applied_to,
            progress,
        },
    );
    prop_oneof![
        1 => (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(unsent, needs_snapshot, work_offline)| Event::Started {
                unsent, needs_snapshot, work_offline
            }
        ),
        4 => Just(Event::Appended),
        8 => Just(Event::Tick),
        4 => (0u64..60).prop_map(|seq| Event::Poke { seq }),
        8 => id.clone().prop_map(|id| Event::Replied { id }),
        4 => (id.clone(), any_failure()).prop_map(|(id, failure)| Event::Failed { id, failure }),
        8 => (id, applied).prop_map(|(id, applied)| Event::Applied { id, applied }),
        1 => any::<bool>().prop_map(Event::WorkOffline),
        2 => Just(Event::NetworkHint),
    ]
}

proptest! {
    /// Whatever comes, in whatever order: sync never stands still and never has two requests.
    #[test]
    fn random_events_break_neither_liveness_nor_single_flight(
        events in proptest::collection::vec((any_event(), 0u64..5_000, any::<u64>()), 1..120),
    ) {
        let mut engine = Engine::new();
        let mut now = 0;
        let mut under_way: Option<RequestId> = None;
        for (event, later, draw) in events {
            now += later;
            // Half of the random ids are made to name the request that is really under way.
            let event = match (event, under_way) {
                (Event::Replied { id }, Some(real)) if id % 2 == 0 => Event::Replied { id: real },
                (Event::Failed { id, failure }, Some(real)) if id % 2 == 0 => {
                    Event::Failed { id: real, failure }
                }
                (Event::Applied { id, applied }, Some(real)) if id % 2 == 0 => {
                    Event::Applied { id: real, applied }
                }
                (event, _) => event,
            };
            let before = engine.flight();
            let effects = engine.step(now, draw, event);
            prop_assert!(engine.liveness_ok());
            let sends = effects.iter().filter(|e| matches!(e, Effect::Send { .. })).count();
            prop_assert!(sends <= 1);
            if sends == 1 {
                prop_assert!(engine.flight() != before, "a second request beside the first");
            }
            under_way = engine.flight().map(|(id, _)| id);
        }
    }

    /// From any reachable state, a network that answers drains everything in bounded requests.
    #[test]
    fn a_healed_network_always_drains(
        events in proptest::collection::vec((any_event(), 0u64..5_000, any::<u64>()), 0..60),
    ) {
        let mut engine = Engine::new();
        let mut now = 0;
        for (event, later, draw) in events {
            now += later;
            engine.step(now, draw, event);
        }
        let start = Event::Started { unsent: true, needs_snapshot: true, work_offline: false };
        engine.step(now, 0, start);
        let mut whats = Vec::new();
        for _ in 0..10 {
            let Some((id, what)) = engine.flight() else { break };
            whats.push(what);
            now += 1;
            engine.step(now, 0, Event::Replied { id });
            engine.step(now, 0, Event::Applied { id, applied: news(60) });
        }
        prop_assert_eq!(whats, vec![What::Push, What::Snapshot { restart: false }, What::Pull]);
    }
}
