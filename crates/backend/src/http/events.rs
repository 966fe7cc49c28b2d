//! The stream of pokes. It carries the newest number and nothing else: a lost or late poke costs a
//! wait, never a change (rule 4.14). Many commits make one poke, because only the newest counts.

use crate::host::Host;
use axum::response::sse::{Event, KeepAlive, Sse};
use std::convert::Infallible;
use std::time::Duration;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt as _};

/// How often a silent stream says that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) fn stream(host: &Host) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let news = WatchStream::new(host.central().news());
    let pokes = news.map(|seq| Ok(Event::default().data(seq.to_string())));
    Sse::new(pokes).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}
