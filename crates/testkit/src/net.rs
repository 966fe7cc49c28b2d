//! What travels between a terminal and the backend, and what may happen to it on the way.

use crate::env::Dice;
use backend::Central;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use terminal::sync::{Applied, ApplyError, Failure, What, call_failure};
use terminal::terminal::Terminal;
use wire::Backend as _;
use wire::protocol::{
    PullReply, PullRequest, PushReply, PushRequest, SnapshotPage, SnapshotRequest,
};

/// A terminal's question.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    Push(PushRequest),
    Pull(PullRequest),
    Snapshot(SnapshotRequest),
}

/// The backend's answer.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Push(PushReply),
    Pull(PullReply),
    Snapshot(SnapshotPage),
}

impl Request {
    /// Makes a request from a terminal's files; `None` when there is nothing to send after all.
    pub(crate) fn of(terminal: &Terminal, what: What) -> Result<Option<Request>, Failure> {
        let made = match what {
            What::Push => terminal
                .push_request()
                .map(|request| request.map(Request::Push)),
            What::Pull => terminal
                .pull_request()
                .map(|request| Some(Request::Pull(request))),
            What::Snapshot { restart } => terminal
                .snapshot_request(restart)
                .map(|request| Some(Request::Snapshot(request))),
        };
        made.map_err(|_| Failure::Refused)
    }

    /// Lets the backend answer.
    pub(crate) fn answer(self, central: &Central) -> Result<Reply, Failure> {
        let answer = match self {
            Request::Push(request) => at_once(central.push(request)).map(Reply::Push),
            Request::Pull(request) => at_once(central.pull(request)).map(Reply::Pull),
            Request::Snapshot(request) => at_once(central.snapshot(request)).map(Reply::Snapshot),
        };
        answer.map_err(|error| call_failure(&error))
    }

    /// For the trace.
    pub(crate) fn name(&self) -> String {
        match self {
            Request::Push(request) => format!("push of {}", request.operations.len()),
            Request::Pull(request) => format!("pull after {}", request.after),
            Request::Snapshot(_) => "snapshot".to_owned(),
        }
    }
}

impl Reply {
    /// Writes a reply into a terminal's files.
    pub(crate) fn apply(&self, terminal: &Terminal) -> Result<Applied, ApplyError> {
        match self {
            Reply::Push(reply) => terminal.apply_push(reply),
            Reply::Pull(reply) => terminal.apply_pull(reply),
            Reply::Snapshot(page) => terminal.apply_snapshot(page),
        }
    }

    /// For the trace.
    pub(crate) fn name(&self) -> String {
        match self {
            Reply::Push(reply) => {
                let kinds = reply
                    .verdicts
                    .iter()
                    .map(|verdict| verdict_word(&verdict.kind));
                format!("head {} {:?}", reply.head.seq, kinds.collect::<Vec<_>>())
            }
            Reply::Pull(reply) => {
                format!("{} changes to {}", reply.changes.len(), reply.complete_to)
            }
            Reply::Snapshot(page) => format!("page of {}", page.changes.len()),
        }
    }
}

fn verdict_word(kind: &wire::VerdictKind) -> String {
    format!("{kind:?}")
        .split([' ', '{'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The embedded backend answers without waiting for anything.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a backend in this process has nothing to wait for"),
    }
}

macro_rules! faults {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// Everything that can go wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {$($(#[doc = $doc])* $name,)*}

        impl Fault {
            /// All of them.
            pub const ALL: &[Fault] = &[$(Fault::$name),*];
        }
    };
}

faults! {
    /// A request never reached the backend.
    RequestLost,
    /// A reply was lost after the backend had committed.
    ReplyLost,
    /// A request reached the backend twice.
    RequestRepeated,
    /// A request took longer than the terminal waits.
    RequestDelayed,
    /// A request was overtaken by a younger one of the same terminal.
    RequestOvertaken,
    /// A terminal's network was down for a while.
    NetworkDown,
    /// A poke was lost.
    PokeLost,
    /// A terminal's process was killed between two events.
    TerminalKilled,
    /// A terminal's process was killed at a commit, before or after it.
    TerminalKilledAtCommit,
    /// A terminal was killed after a reply was written and before sync knew.
    TerminalKilledBeforeCompletion,
    /// A terminal's program was ended in order and started again.
    TerminalRestarted,
    /// The backend's process was killed.
    BackendKilled,
    /// "Work offline" was switched on.
    WorkOffline,
    /// A terminal's clock was set ahead.
    ClockAhead,
    /// A terminal's clock was set back.
    ClockBack,
    /// A channel's callback never came.
    CallbackLost,
    /// A channel's callback came again.
    CallbackRepeated,
    /// A channel's answer to an order was lost.
    ChannelAnswerLost,
    /// A channel did not answer a query.
    ChannelSilent,
    /// A channel reported another amount than was ordered.
    WrongAmount,
    /// Money came for a QR whose operation the backend did not have yet.
    PaidBeforeOperation,
    /// A payer paid with both wallets.
    PaidTwice,
}

/// How often each fault happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultCounts(Vec<u64>);

impl Default for FaultCounts {
    fn default() -> FaultCounts {
        FaultCounts(vec![0; Fault::ALL.len()])
    }
}

impl FaultCounts {
    pub(crate) fn count(&mut self, fault: Fault) {
        self.0[fault as usize] += 1;
    }

    /// How often this one happened.
    pub fn of(&self, fault: Fault) -> u64 {
        self.0[fault as usize]
    }

    /// Adds another run's.
    pub fn add(&mut self, other: &FaultCounts) {
        for (sum, more) in self.0.iter_mut().zip(&other.0) {
            *sum += more;
        }
    }

    /// Those that never happened.
    pub fn missing(&self) -> Vec<Fault> {
        Fault::ALL
            .iter()
            .copied()
            .filter(|fault| self.of(*fault) == 0)
            .collect()
    }
}

/// Whether the world is out to hurt. In calm weather nothing is ever lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    Calm,
    Rough,
}

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fate {
    /// Milliseconds to the backend, once for each time it arrives.
    pub(crate) arrives: [Option<u64>; 2],
    /// Milliseconds back; `None` when the reply is lost.
    pub(crate) returns: Option<u64>,
    /// Milliseconds until the terminal is told that the connection failed; `None` for never.
    pub(crate) fails: Option<u64>,
}

impl Weather {
    /// Decides a request's fate and counts what goes wrong.
    pub(crate) fn fate(self, dice: &mut Dice, down: bool, counts: &mut FaultCounts) -> Fate {
        let near = dice.between(1, 40);
        let back = dice.between(1, 40);
        let smooth = Fate {
            arrives: [Some(near), None],
            returns: Some(back),
            fails: None,
        };
        if self == Weather::Calm {
            return smooth;
        }
        // Half of the failures are noticed by the transport, the others by nobody.
        let noticed = dice.percent(50).then(|| dice.between(50, 15_000));
        if down {
            counts.count(Fault::NetworkDown);
            return Fate {
                arrives: [None, None],
                returns: None,
                fails: noticed,
            };
        }
        match dice.below(100) {
            0..8 => {
                counts.count(Fault::RequestLost);
                Fate {
                    arrives: [None, None],
                    returns: None,
                    fails: noticed,
                }
            }
            8..18 => {
                counts.count(Fault::ReplyLost);
                Fate {
                    returns: None,
                    fails: noticed.map(|ms| ms + near),
                    ..smooth
                }
            }
            18..28 => {
                counts.count(Fault::RequestRepeated);
                let again = dice.between(1, 20_000);
                Fate {
                    arrives: [Some(near), Some(near + again)],
                    ..smooth
                }
            }
            28..34 => {
                counts.count(Fault::RequestDelayed);
                let slow = dice.between(1_000, 200_000);
                Fate {
                    arrives: [Some(slow), None],
                    returns: Some(back),
                    fails: noticed,
                }
            }
            _ => smooth,
        }
    }
}
