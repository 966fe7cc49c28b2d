//! The phones, the channels and the workers of a play: each step as the running backend takes it.

use super::{ASKED, Placed, Play, Trade};
use crate::facts::{Attempt, JobKind};
use crate::payments::asks::{Answered, Begin, Observed};
use crate::payments::settle::Settled;
use crate::store::sqlite::{SqliteStore, locked, migrate, settings};
use crate::store::{Job, JobEnd, RawCallback, Store as _};
use crate::testing::{START, evidence, fen};
use domain::Timestamp;
use domain::channel::Channel;
use rusqlite::Connection;
use std::sync::Mutex;
use wire::protocol::PushRequest;

impl Play {
    pub(super) fn set(&mut self, number: &str, trade: Trade) {
        self.outside.trades.insert(number.to_owned(), trade);
    }

    pub(super) fn push(&self, request: &PushRequest) {
        self.world.store.push(&self.world.cx(), request).unwrap();
    }

    /// As `Host::start`, with the keys that the cashier gives to payers.
    pub(super) fn start(&mut self, phone: u8, channel: Channel, placed: Placed) {
        let key = match channel {
            Channel::WechatPay => format!("jsapi:{phone}"),
            Channel::Alipay => "wap".to_owned(),
        };
        for _ in 0..3 {
            let (store, cx) = (&self.world.store, self.world.cx());
            match store
                .begin_attempt(&cx, self.intent, channel, &key)
                .unwrap()
            {
                Begin::Create(attempt) => return self.place(&attempt, placed),
                Begin::Offered(attempt) => {
                    assert_ne!(attempt.offer, "", "the payer is shown an empty page");
                    return;
                }
                Begin::CloseFirst(other) => {
                    if !self.close(&other.out_trade_no) {
                        return;
                    }
                }
                Begin::NotPayable => return,
                Begin::OutsideLimits => panic!("there is no limit"),
                Begin::NotBound => panic!("both accounts are bound"),
            }
        }
    }

    fn place(&mut self, attempt: &Attempt, placed: Placed) {
        let number = &attempt.out_trade_no;
        if placed == Placed::Died {
            return self.crash();
        }
        let first = match attempt.channel {
            Channel::WechatPay => Trade::NotPaid,
            Channel::Alipay => Trade::Absent,
        };
        let trade = *self.outside.trades.entry(number.clone()).or_insert(first);
        let answer = match (placed, trade) {
            (Placed::Unanswered, _) => Answered::Unknown,
            (_, Trade::Paid | Trade::Closed) => {
                self.close(number);
                return;
            }
            _ => Answered::Created {
                offer: "offer".into(),
            },
        };
        let cx = self.world.cx();
        self.world
            .store
            .attempt_answered(&cx, number, answer)
            .unwrap();
    }

    /// What the channel answers; `None` is money. A close takes effect there at once.
    pub(super) fn channel_says(&mut self, number: &str, to_close: bool) -> Option<Observed> {
        let trade = self
            .outside
            .trades
            .get(number)
            .copied()
            .unwrap_or(Trade::Absent);
        match trade {
            Trade::Absent => Some(Observed::NoSuchTrade { to_close }),
            Trade::Paid => None,
            // Long after its end no channel keeps an unpaid trade open.
            Trade::NotPaid if to_close || self.outside.moment >= 4 => {
                self.set(number, Trade::Closed);
                Some(Observed::Closed)
            }
            Trade::NotPaid => Some(Observed::NotPaid),
            Trade::Closed => Some(Observed::Closed),
        }
    }

    pub(super) fn query(&mut self, number: &str) {
        match self.channel_says(number, false) {
            Some(said) => self.observe(number, said),
            None => self.settle(number),
        }
    }

    /// As `Host::close`; whether the number can't be paid any more, as far as the channel can say.
    pub(super) fn close(&mut self, number: &str) -> bool {
        match self.channel_says(number, true) {
            Some(said) => {
                self.observe(number, said);
                true
            }
            None => {
                self.settle(number);
                false
            }
        }
    }

    pub(super) fn observe(&self, number: &str, said: Observed) {
        self.world
            .store
            .observe(&self.world.cx(), number, said)
            .unwrap();
    }

    fn settle(&mut self, number: &str) {
        let attempt = self.world.store.attempt(&self.world.cx(), number).unwrap();
        let proof = evidence(&attempt.unwrap(), 1);
        let known = self
            .outside
            .told
            .insert(proof.provider_no.clone(), ASKED)
            .is_some();
        let settled = self.world.settle(&proof).unwrap();
        assert_eq!(settled == Settled::Already, known, "{settled:?}");
    }

    pub(super) fn strange(&mut self, which: u8) {
        let seen = self.seen();
        let Some(attempt) = seen.ask.attempts.first() else {
            return;
        };
        let number = attempt.out_trade_no.clone();
        let mut proof = evidence(attempt, 1);
        match which {
            // The channel took it on this number, so nothing else comes on it.
            0 if self.outside.trades.get(&number) == Some(&Trade::Paid) => return,
            0 => {
                proof.amount_fen = fen(ASKED - 1);
                self.set(&number, Trade::Closed);
            }
            1 => proof.app_id = "A2".into(),
            2 => {
                proof.channel = match proof.channel {
                    Channel::Alipay => Channel::WechatPay,
                    Channel::WechatPay => Channel::Alipay,
                }
            }
            3 => proof.out_trade_no = "FT-not-ours".into(),
            _ => proof.merchant_no = "M2".into(),
        }
        // Numbers are unique within a channel.
        proof.provider_no = format!("S{which}-{:?}", proof.channel);
        let (name, amount) = (proof.provider_no.clone(), proof.amount_fen.fen());
        let settled = self.world.settle(&proof).unwrap();
        if which == 4 {
            assert_eq!(settled, Settled::NotOurs);
        } else if self.outside.told.insert(name, amount).is_none() {
            assert_eq!(settled, Settled::Unidentified);
        } else {
            assert_eq!(settled, Settled::Already);
        }
    }

    /// The callback is stored, and with that answered.
    pub(super) fn acknowledge(&self, number: &str) {
        let cx = self.world.cx();
        let attempt = self.world.store.attempt(&cx, number).unwrap().unwrap();
        let raw = RawCallback {
            channel: attempt.channel,
            headers: "[]".into(),
            body: number.as_bytes().to_vec(),
            received_at: Timestamp(START),
        };
        self.world.store.store_callback(&cx, &raw).unwrap();
    }

    /// Claims by a worker whose lease has run out at once, so that another can follow it.
    pub(super) fn claim(&self, kind: JobKind) -> Vec<Job> {
        let cx = self.world.cx();
        let jobs = self.world.store.claim_jobs(&cx, "worker", 32, 0).unwrap();
        jobs.into_iter().filter(|job| job.kind == kind).collect()
    }

    pub(super) fn work(&mut self, dies: bool) {
        for job in self.claim(JobKind::Callback) {
            let id = job.subject.parse().unwrap();
            let raw = self.world.store.callback(&self.world.cx(), id).unwrap();
            self.settle(&String::from_utf8(raw.unwrap().body).unwrap());
            if dies {
                return self.crash();
            }
            let (store, cx) = (&self.world.store, self.world.cx());
            store.callback_outcome(&cx, id, "done").unwrap();
            store.finish_job(&cx, &job, JobEnd::Done).unwrap();
        }
    }

    /// What is committed is all that the next process finds, and it finds all of it.
    pub(super) fn crash(&mut self) {
        self.outside.slow = None;
        let before = self.key();
        let mut reopened = Connection::open_in_memory().unwrap();
        settings(&reopened).unwrap();
        super::copy(&locked(&self.world.store.writer), &mut reopened);
        migrate(&mut reopened).unwrap();
        self.world.store = SqliteStore {
            path: None,
            writer: Mutex::new(reopened),
            readers: Mutex::new(Vec::new()),
        };
        assert_eq!(self.key(), before);
    }
}
