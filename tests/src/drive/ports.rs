//! Ports for programs that can't choose one themselves, and waiting until they listen.

use super::error::DriveError;
use super::window::LIMIT;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// A port of this machine that nobody has now.
pub fn free_port() -> Result<SocketAddr, DriveError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| DriveError::Wrong(format!("no free port: {error}")))
}

/// Waits until somebody listens there.
pub fn listens(at: SocketAddr) -> Result<(), DriveError> {
    let deadline = Instant::now() + LIMIT;
    while let Err(error) = TcpStream::connect(at) {
        if Instant::now() >= deadline {
            let (what, seen) = (format!("a driver at {at}"), error.to_string());
            return Err(DriveError::NotReached {
                what,
                within: LIMIT,
                seen,
            });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
