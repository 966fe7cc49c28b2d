//! What must hold after every step of a play, and at its end.

use super::{ASKED, Play, Seen, Trade, rows};
use crate::store::Store as _;
use crate::store::sqlite::locked;
use crate::testing::fen;
use domain::collection::{CollectionState, PaymentMethod};
use domain::intent::{AttemptState, IntentState};
use std::fmt::Write as _;

impl Play {
    /// What holds at every moment.
    pub(super) fn check(&self, before: &Seen) {
        let (cx, seen) = (self.world.cx(), self.seen());
        let store = &self.world.store;
        // Money is conserved, and what came is what is booked, once each.
        assert_eq!(store.audit(&cx).unwrap(), Vec::<String>::new());
        assert_eq!(store.summary(&cx).unwrap().postings_fen, fen(0));
        let mut told = String::new();
        for (provider_no, amount) in &self.outside.told {
            writeln!(told, "{provider_no} {amount} ").unwrap();
        }
        let booked = "SELECT provider_no, gross_fen FROM transaction_record ORDER BY provider_no";
        assert_eq!(rows(&locked(&store.writer), booked), told);
        // One success is applied at most, and nothing but it.
        assert!(seen.confirmed <= 1 && seen.paid <= ASKED);
        // States climb. `Unknown` is a doubt about an open attempt, which its answer ends.
        let rank = |state| match state {
            AttemptState::Created => 0,
            AttemptState::Open | AttemptState::Unknown => 1,
            AttemptState::CloseUnconfirmed => 2,
            AttemptState::Closed => 3,
            AttemptState::Paid => 4,
        };
        for was in &before.ask.attempts {
            let mut all = seen.ask.attempts.iter();
            let is = all.find(|is| is.out_trade_no == was.out_trade_no).unwrap();
            assert!(rank(is.state) >= rank(was.state), "{was:?} {is:?}");
        }
        assert!(seen.state() >= before.state(), "{:?}", seen.state());
        assert!(seen.confirmed >= before.confirmed);
        assert!(seen.paid >= before.paid || seen.revision > before.revision);
        // One attempt is on offer at most, none when the ask has ended, and none is forgotten.
        let pending = seen.ask.attempts.iter().filter(|a| a.pending()).count();
        assert!(pending <= 1);
        let ended = matches!(seen.state(), IntentState::Expired | IntentState::Closed);
        assert!(!(ended && pending > 0));
        for attempt in &seen.ask.attempts {
            let over = matches!(attempt.state, AttemptState::Closed | AttemptState::Paid);
            assert_eq!(
                seen.has("query", &attempt.out_trade_no),
                !over,
                "{attempt:?}"
            );
        }
    }

    /// What holds once the background work has nothing left to do.
    pub(in super::super) fn ended(&self) {
        let (cx, seen) = (self.world.cx(), self.seen());
        let store = &self.world.store;
        assert_eq!(seen.jobs, [], "something is never done");
        assert_eq!(seen.unworked, 0, "acknowledged and not worked on");
        assert!(!seen.state().live());
        let waiting = store.summary(&cx).unwrap().blocked;
        assert_eq!(waiting, 0, "an edit waits for ever");
        // The channels hold no money that is not booked here.
        for (number, trade) in &self.outside.trades {
            let told = self.outside.told.contains_key(&format!("P{number}-1"));
            assert_eq!(*trade == Trade::Paid, told, "{number}");
        }
        // The first success made the collection; every other is refundable and before finance.
        let ours = self.outside.told.keys().filter(|no| no.starts_with('P'));
        let (ours, strange) = (ours.count(), self.outside.told.len());
        let strange = strange - ours;
        let kinds: Vec<String> = store
            .attention(&cx)
            .unwrap()
            .into_iter()
            .map(|i| i.kind)
            .collect();
        let items = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
        assert_eq!(items("duplicate_payment"), ours.saturating_sub(1));
        assert_eq!(items("wrong_amount") + items("unidentified_money"), strange);
        let collections = store.collections(&cx).unwrap();
        assert_eq!(collections.len(), ours.min(1));
        for collection in &collections {
            assert_eq!(collection.state, CollectionState::Confirmed);
            assert_eq!(collection.method, PaymentMethod::QrCode);
            let changed = seen.revision > 1;
            let told = items("late_money") + items("difference") > 0;
            assert!(collection.unapplied_fen.is_zero() || changed || told);
        }
        let orders = store.orders(&cx).unwrap();
        assert_eq!(orders[0].id, self.order);
        let held: i64 = collections.iter().map(|c| c.unapplied_fen.fen()).sum();
        assert_eq!(
            orders[0].paid_fen.fen() + held,
            ASKED * i64::try_from(ours.min(1)).unwrap()
        );
    }
}
