//! What to do next in sync, decided without I/O, clock or randomness (rules 4.15, 4.16): events go
//! in with the time and one random number, effects come out. Tokio drives it in the app, the seeded
//! simulator in tests, and a seed repeats a run exactly.
//!
//! One request is under way at a time (single flight): a reply is written before the next question
//! is made from what was written. Liveness has one rule, [`Engine::liveness_ok`]: unless the user
//! works offline or the backend has stopped this terminal, a timer is armed. Whatever is lost (a
//! reply, a poke, a hint), the timer comes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Milliseconds of a clock that only goes forward.
pub type Millis = u64;
/// Names one request, so that a late reply is told from the awaited one.
pub type RequestId = u64;

/// Without a poke the terminal asks this often.
pub const POLL_MS: Millis = 30_000;
/// First wait after a failure; it doubles each time.
pub const RETRY_FIRST_MS: Millis = 1_000;
/// Longest wait after failures.
pub const RETRY_LONGEST_MS: Millis = 60_000;
/// A hint of a better network brings the next try forward, but not closer than this to the last.
pub const HINT_GAP_MS: Millis = 1_000;
/// A request without an answer for this long is given up. The transport's own timeout is shorter.
pub const ANSWER_MS: Millis = 90_000;

/// What a request asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Send the next operations.
    Push,
    /// Ask for changes.
    Pull,
    /// Ask for a page of the whole state.
    Snapshot {
        /// From the first page, whatever was begun before.
        restart: bool,
    },
}

/// Why a request or its reply came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No proper answer; it may have taken effect.
    Unreachable,
    /// The backend asks to come back later.
    Busy {
        /// Milliseconds from now.
        after_ms: Millis,
    },
    /// The feed begins anew (rule 8.4).
    NewEpoch,
    /// This terminal's files were cloned or rolled back (rule 4.9).
    Forked,
    /// This terminal's key is revoked.
    Revoked,
    /// The backend does not speak this version.
    Version,
    /// Refused by a rule, or by this terminal's own files: tried again, ever more slowly.
    Refused,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The files are open; also after a new enrolment.
    Started {
        /// Operations are to be sent.
        unsent: bool,
        /// A file is empty or of another epoch.
        needs_snapshot: bool,
        /// "Work offline" is on from before.
        work_offline: bool,
    },
    /// An operation was appended.
    Appended,
    /// The timer came.
    Tick,
    /// The backend says that its feed reaches this far.
    Poke {
        /// Newest number.
        seq: u64,
    },
    /// A proper answer came; it is not written yet.
    Replied {
        /// To which request.
        id: RequestId,
    },
    /// A request came to nothing.
    Failed {
        /// Which.
        id: RequestId,
        /// Why.
        failure: Failure,
    },
    /// A reply is written.
    Applied {
        /// To which request.
        id: RequestId,
        /// What it came to.
        applied: super::Applied,
    },
    /// The user switched "work offline".
    WorkOffline(bool),
    /// Something says that the network may be better: the events stream is open, the user pressed
    /// "sync now".
    NetworkHint,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Make this request from the files and send it.
    Send {
        /// Its name.
        id: RequestId,
        /// What it asks.
        what: What,
    },
    /// Write this request's reply into the files.
    Apply {
        /// Which.
        id: RequestId,
    },
    /// Send [`Event::Tick`] at this time; replaces the timer before.
    Arm {
        /// When.
        at: Millis,
    },
    /// No timer is wanted.
    Disarm,
    /// Show this.
    Status(SyncStatus),
}

/// What sync is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncPhase {
    /// Not enrolled, or not started yet.
    #[default]
    NotStarted,
    /// Nothing to do; in touch.
    Idle,
    /// A request is under way.
    Working,
    /// The last request failed; tries again by itself.
    Unreachable,
    /// The user works offline.
    WorkOffline,
    /// The backend found another history for this terminal; enrol again.
    Forked,
    /// This terminal is revoked.
    Revoked,
    /// This program is too old or too new for the backend.
    Version,
}

/// What to show of sync. What is queued is counted from the log, never from here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SyncStatus {
    /// What it is doing.
    pub phase: SyncPhase,
    /// The last request was answered.
    pub reachable: bool,
    /// The whole state is being fetched.
    pub filling: bool,
    /// Failures in a row.
    pub failures: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Sent,
    Writing,
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    id: RequestId,
    what: What,
    stage: Stage,
    since: Millis,
}

/// The machine.
#[derive(Debug, Default)]
pub struct Engine {
    started: bool,
    work_offline: bool,
    stopped: Option<SyncPhase>,
    flight: Option<Flight>,
    last_id: RequestId,
    timer: Option<Millis>,
    unsent: bool,
    /// An operation was appended after the request under way was made.
    appended_meanwhile: bool,
    pull: bool,
    snapshot: Option<bool>,
    applied_to: u64,
    poked_to: u64,
    failures: u32,
    /// No request before this: after a failure, and as the backend asks.
    not_before: Millis,
    /// Hints don't shorten what the backend asked for.
    asked_to_wait: bool,
    last_sent: Millis,
    next_poll: Millis,
    reachable: bool,
    shown: Option<SyncStatus>,
}

impl Engine {
    /// A machine that has not started.
    pub fn new() -> Engine {
        Engine::default()
    }

    /// Takes one event. `now` never goes back; `draw` is any random number.
    pub fn step(&mut self, now: Millis, draw: u64, event: Event) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Started {
                unsent,
                needs_snapshot,
                work_offline,
            } => {
                let last_id = self.last_id;
                *self = Engine {
                    last_id,
                    started: true,
                    work_offline,
                    unsent,
                    ..Engine::new()
                };
                self.pull = true;
                self.snapshot = needs_snapshot.then_some(false);
            }
            Event::Appended => {
                self.unsent = true;
                self.appended_meanwhile = self.flight.is_some();
            }
            Event::Tick => self.tick(now, draw),
            Event::Poke { seq } => {
                self.poked_to = self.poked_to.max(seq);
                self.pull |= self.poked_to > self.applied_to;
            }
            Event::Replied { id } => self.replied(id, &mut effects),
            Event::Failed { id, failure } => {
                if self.flight.is_some_and(|flight| flight.id == id) {
                    self.failed(now, draw, failure);
                }
            }
            Event::Applied { id, applied } => self.applied(now, draw, id, applied),
            Event::WorkOffline(on) => self.switch(now, on),
            Event::NetworkHint => self.hint(now),
        }
        self.send_next(now, &mut effects);
        self.arm(now, &mut effects);
        self.show(&mut effects);
        debug_assert!(self.liveness_ok(), "sync would stand still: {self:?}");
        effects
    }

    /// The one rule: work goes on by itself unless the user or the backend said otherwise.
    pub fn liveness_ok(&self) -> bool {
        !self.started || self.work_offline || self.stopped.is_some() || self.timer.is_some()
    }

    /// Whether a request is under way.
    pub fn in_flight(&self) -> bool {
        self.flight.is_some()
    }

    /// The request under way, and what it asks.
    pub fn flight(&self) -> Option<(RequestId, What)> {
        self.flight.map(|flight| (flight.id, flight.what))
    }

    fn runs(&self) -> bool {
        self.started && !self.work_offline && (self.stopped.is_none() || self.hands_over())
    }

    /// A revoked terminal asks for nothing more, but what is done at it still goes to the backend,
    /// where it waits for a review.
    fn hands_over(&self) -> bool {
        self.stopped == Some(SyncPhase::Revoked) && (self.unsent || self.flight.is_some())
    }

    fn tick(&mut self, now: Millis, draw: u64) {
        if self.timer.is_some_and(|at| at <= now) {
            self.timer = None;
        }
        if let Some(flight) = self.flight
            && flight.stage == Stage::Sent
            && now >= flight.since.saturating_add(ANSWER_MS)
        {
            self.failed(now, draw, Failure::Unreachable);
        }
        if now >= self.next_poll {
            self.pull = true;
        }
    }

    fn replied(&mut self, id: RequestId, effects: &mut Vec<Effect>) {
        if let Some(flight) = &mut self.flight
            && flight.id == id
            && flight.stage == Stage::Sent
        {
            flight.stage = Stage::Writing;
            effects.push(Effect::Apply { id });
        }
    }

    fn applied(&mut self, now: Millis, draw: u64, id: RequestId, applied: super::Applied) {
        let Some(flight) = self.flight.filter(|flight| flight.id == id) else {
            return;
        };
        self.flight = None;
        self.failures = 0;
        self.not_before = now;
        self.asked_to_wait = false;
        self.reachable = !self.work_offline;
        // What was appended after the reply was written is not in its count.
        let appended = std::mem::take(&mut self.appended_meanwhile);
        match flight.what {
            What::Push => {
                self.unsent = applied.unsent || appended;
                // Verdicts become final through the feed only.
                self.pull = true;
                if !applied.progress {
                    self.wait(now, draw, 0);
                }
            }
            What::Pull => {
                self.unsent |= applied.unsent;
                self.applied_to = self.applied_to.max(applied.applied_to);
                let behind = self.poked_to > self.applied_to;
                self.pull = applied.more || (behind && applied.progress);
                if !self.pull {
                    self.poked_to = self.applied_to;
                }
                if applied.more && !applied.progress {
                    self.wait(now, draw, 0);
                }
                self.next_poll = now + POLL_MS + draw % (POLL_MS / 4);
            }
            What::Snapshot { .. } => {
                self.unsent |= applied.unsent;
                self.snapshot = applied.more.then_some(false);
                self.applied_to = applied.applied_to;
                self.pull = true;
            }
        }
    }

    fn failed(&mut self, now: Millis, draw: u64, failure: Failure) {
        let Some(flight) = self.flight.take() else {
            return;
        };
        match failure {
            Failure::NewEpoch => {
                self.reachable = true;
                self.snapshot = Some(true);
                self.applied_to = 0;
                self.poked_to = 0;
                // Answered to a snapshot it would go round and round.
                if matches!(flight.what, What::Snapshot { .. }) {
                    self.wait(now, draw, 0);
                }
            }
            Failure::Forked => self.stopped = Some(SyncPhase::Forked),
            Failure::Revoked => {
                self.stopped = Some(SyncPhase::Revoked);
                // A backend that takes nothing of it is not asked again and again.
                self.unsent &= flight.what != What::Push;
            }
            Failure::Version => self.stopped = Some(SyncPhase::Version),
            Failure::Busy { after_ms } => {
                self.reachable = true;
                self.wait(now, draw, after_ms);
                self.asked_to_wait = true;
            }
            Failure::Refused => {
                self.reachable = true;
                self.wait(now, draw, 0);
            }
            Failure::Unreachable => {
                self.reachable = false;
                self.wait(now, draw, 0);
            }
        }
    }

    /// Waits before the next request: at least `least`, doubling with failures, half of it drawn so
    /// that a thousand terminals don't come back in step.
    fn wait(&mut self, now: Millis, draw: u64, least: Millis) {
        let doublings = self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        let full = (RETRY_FIRST_MS << doublings).min(RETRY_LONGEST_MS);
        let drawn = full / 2 + draw % (full / 2 + 1);
        let asked = least + draw % (least / 4 + 1);
        self.not_before = now + drawn.max(asked);
    }

    fn switch(&mut self, now: Millis, on: bool) {
        self.work_offline = on;
        if on {
            // A reply that is being written is written; one that is under way is given up.
            if self
                .flight
                .is_some_and(|flight| flight.stage == Stage::Sent)
            {
                self.flight = None;
            }
            self.reachable = false;
        } else {
            self.failures = 0;
            self.pull = true;
            self.hint(now);
        }
    }

    fn hint(&mut self, now: Millis) {
        if !self.asked_to_wait {
            let soonest = self.last_sent + HINT_GAP_MS;
            self.not_before = self.not_before.min(soonest.max(now));
        }
        self.pull |= !self.reachable;
    }

    fn send_next(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        if !self.runs() || self.flight.is_some() || now < self.not_before {
            return;
        }
        // Work is safer at the backend than news is here; a snapshot comes before pulling.
        let what = if self.unsent {
            What::Push
        } else if self.stopped.is_some() {
            return;
        } else if let Some(restart) = self.snapshot {
            What::Snapshot { restart }
        } else if self.pull {
            What::Pull
        } else {
            return;
        };
        self.last_id += 1;
        self.last_sent = now;
        let id = self.last_id;
        self.flight = Some(Flight {
            id,
            what,
            stage: Stage::Sent,
            since: now,
        });
        effects.push(Effect::Send { id, what });
    }

    fn arm(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        let wanted = if !self.runs() {
            None
        } else if let Some(flight) = self.flight {
            // While a reply is written there is nothing to give up, but the timer stays armed.
            Some(match flight.stage {
                Stage::Sent => flight.since + ANSWER_MS,
                Stage::Writing => self.timer.filter(|at| *at > now).unwrap_or(now + ANSWER_MS),
            })
        } else if self.unsent || self.snapshot.is_some() || self.pull {
            Some(self.not_before.max(now + 1))
        } else {
            Some(self.next_poll.max(now + 1))
        };
        if wanted != self.timer {
            effects.push(wanted.map_or(Effect::Disarm, |at| Effect::Arm { at }));
            self.timer = wanted;
        }
    }

    fn show(&mut self, effects: &mut Vec<Effect>) {
        let phase = match self.stopped {
            Some(stopped) => stopped,
            None if !self.started => SyncPhase::NotStarted,
            None if self.work_offline => SyncPhase::WorkOffline,
            None if self.failures > 0 && !self.reachable => SyncPhase::Unreachable,
            None if self.flight.is_some() => SyncPhase::Working,
            None => SyncPhase::Idle,
        };
        let status = SyncStatus {
            phase,
            reachable: self.reachable,
            filling: self.snapshot.is_some(),
            failures: self.failures,
        };
        if self.shown != Some(status) {
            self.shown = Some(status);
            effects.push(Effect::Status(status));
        }
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
