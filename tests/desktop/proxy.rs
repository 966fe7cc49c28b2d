//! The only way from the terminal to the backend: a TCP proxy that counts what passes, and that can
//! be cut and mended as a cable can.
//!
//! While it is cut, open connections are broken and new ones are closed at once; they are counted
//! all the same, so that "nothing was tried" can be told from "nothing got through".

use fieldtill_tests::drive::error::DriveError;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What came by since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// Connections that the terminal tried to make.
    pub(crate) connections: u64,
    /// HTTP requests.
    pub(crate) requests: u64,
    /// Bytes from the terminal.
    pub(crate) bytes_up: u64,
    /// Bytes to the terminal.
    pub(crate) bytes_down: u64,
}

#[derive(Debug, Default)]
struct Shared {
    cut: AtomicBool,
    connections: AtomicU64,
    requests: AtomicU64,
    bytes_up: AtomicU64,
    bytes_down: AtomicU64,
    open: Mutex<BTreeMap<u64, [TcpStream; 2]>>,
}

/// The proxy; it runs until the process ends.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Proxy {
    pub(crate) fn start(backend: SocketAddr) -> Result<Proxy, DriveError> {
        let failed = |error: std::io::Error| DriveError::Program {
            name: "proxy",
            why: error.to_string(),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let shared = Arc::new(Shared::default());
        let proxy = Proxy {
            address,
            shared: Arc::clone(&shared),
        };
        thread::spawn(move || {
            for terminal in listener.incoming().flatten() {
                let number = shared.connections.fetch_add(1, Ordering::SeqCst);
                if shared.cut.load(Ordering::SeqCst) {
                    continue;
                }
                if let Ok(backend) = TcpStream::connect(backend) {
                    let _ = join(&shared, number, &terminal, &backend);
                }
            }
        });
        Ok(proxy)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn cut(&self) {
        self.shared.cut.store(true, Ordering::SeqCst);
        for ends in self.shared.open().values() {
            // They may be closed already.
            let _ = ends.each_ref().map(|end| end.shutdown(Shutdown::Both));
        }
    }

    pub(crate) fn mend(&self) {
        self.shared.cut.store(false, Ordering::SeqCst);
    }

    pub(crate) fn traffic(&self) -> Traffic {
        let read = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        Traffic {
            connections: read(&self.shared.connections),
            requests: read(&self.shared.requests),
            bytes_up: read(&self.shared.bytes_up),
            bytes_down: read(&self.shared.bytes_down),
        }
    }
}

impl Shared {
    fn open(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, [TcpStream; 2]>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Copies both ways until one side ends.
fn join(
    shared: &Arc<Shared>,
    number: u64,
    terminal: &TcpStream,
    backend: &TcpStream,
) -> std::io::Result<()> {
    // Small replies must not wait for more to send.
    terminal.set_nodelay(true)?;
    backend.set_nodelay(true)?;
    shared
        .open()
        .insert(number, [terminal.try_clone()?, backend.try_clone()?]);
    for upward in [true, false] {
        let (from, to) = if upward {
            (terminal, backend)
        } else {
            (backend, terminal)
        };
        let (from, to, shared) = (from.try_clone()?, to.try_clone()?, Arc::clone(shared));
        thread::spawn(move || {
            pass(&shared, from, to, upward);
            shared.open().remove(&number);
        });
    }
    Ok(())
}

fn pass(shared: &Shared, mut from: TcpStream, mut to: TcpStream, upward: bool) {
    let mut heads = Heads::default();
    let mut buffer = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let bytes = &buffer[..length];
        let count = if upward {
            &shared.bytes_up
        } else {
            &shared.bytes_down
        };
        count.fetch_add(length as u64, Ordering::SeqCst);
        if upward {
            shared
                .requests
                .fetch_add(heads.count(bytes), Ordering::SeqCst);
        }
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// Counts request lines in a stream that comes in pieces. Bodies are JSON, which has no bare line
/// ends in it.
#[derive(Debug, Default)]
struct Heads {
    matched: usize,
}

impl Heads {
    const END: &'static [u8] = b" HTTP/1.1\r\n";

    fn count(&mut self, bytes: &[u8]) -> u64 {
        let mut found = 0;
        for byte in bytes {
            if *byte == Self::END[self.matched] {
                self.matched += 1;
            } else {
                self.matched = usize::from(*byte == Self::END[0]);
            }
            if self.matched == Self::END.len() {
                self.matched = 0;
                found += 1;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_wherever_the_stream_is_torn() {
        let stream =
            b"GET /v1/changes?after=0 HTTP/1.1\r\nhost: x\r\n\r\nPOST /v1/ops HTTP/1.1\r\n\
                       content-length: 2\r\n\r\n{}";
        for at in 0..stream.len() {
            let mut heads = Heads::default();
            assert_eq!(
                heads.count(&stream[..at]) + heads.count(&stream[at..]),
                2,
                "torn at {at}"
            );
        }
    }

    #[test]
    fn a_cut_proxy_passes_nothing_and_counts_the_try() {
        let backend = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let proxy = Proxy::start(backend.local_addr().unwrap()).unwrap();
        let answer = |mut terminal: TcpStream| {
            let mut text = String::new();
            let _ = terminal.write_all(b"GET / HTTP/1.1\r\n\r\n");
            let _ = terminal.read_to_string(&mut text);
            text
        };
        thread::spawn(move || {
            for mut stream in backend.incoming().flatten() {
                let mut head = [0; 18];
                let _ = stream.read_exact(&mut head);
                let _ = stream.write_all(b"yes");
            }
        });
        assert_eq!(answer(TcpStream::connect(proxy.address).unwrap()), "yes");
        proxy.cut();
        assert_eq!(answer(TcpStream::connect(proxy.address).unwrap()), "");
        let now = proxy.traffic();
        assert_eq!((now.connections, now.requests, now.bytes_up), (2, 1, 18));
        proxy.mend();
        assert_eq!(answer(TcpStream::connect(proxy.address).unwrap()), "yes");
    }
}
