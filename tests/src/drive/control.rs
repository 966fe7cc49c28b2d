//! The sandbox's control door: make a channel misbehave, and see what it did.

use crate::drive::error::DriveError;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use url::Url;

/// The door, by the sandbox's address.
#[derive(Clone, Debug)]
pub struct Control {
    sandbox: Url,
}

impl Control {
    pub fn of(sandbox: &str) -> Result<Control, DriveError> {
        let sandbox = Url::parse(sandbox)
            .map_err(|error| DriveError::Wrong(format!("{sandbox}: {error}")))?;
        Ok(Control { sandbox })
    }

    /// Lays faults over those that are still to come.
    pub fn faults(&self, faults: &Value) -> Result<(), DriveError> {
        self.call("POST", "faults", &faults.to_string()).map(|_| ())
    }

    /// How often something happened.
    pub fn counter(&self, name: &str) -> Result<u64, DriveError> {
        Ok(self.call("GET", "counters", "")?[name]
            .as_u64()
            .unwrap_or(0))
    }

    /// What became of every callback that was sent to the backend; those that a fault swallowed were
    /// never sent.
    pub fn deliveries(&self) -> Result<Vec<String>, DriveError> {
        let all = self.call("GET", "deliveries", "")?;
        let all = all.as_array().cloned().unwrap_or_default();
        let sent = all.iter().filter(|one| one["outcome"] != "dropped");
        Ok(sent
            .map(|one| format!("{} {}", one["out_trade_no"], one["outcome"]))
            .collect())
    }

    /// One short request on a connection of its own.
    fn call(&self, method: &str, path: &str, body: &str) -> Result<Value, DriveError> {
        let failed = |why: String| DriveError::Wrong(format!("control {method} {path}: {why}"));
        let host = self.sandbox.host_str().unwrap_or_default();
        let port = self.sandbox.port_or_known_default().unwrap_or_default();
        let request = format!(
            "{method} /control/{path} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut answer = String::new();
        TcpStream::connect((host, port))
            .and_then(|mut stream| {
                stream.write_all(request.as_bytes())?;
                stream.read_to_string(&mut answer)
            })
            .map_err(|error| failed(error.to_string()))?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        if !head.starts_with("HTTP/1.1 200") {
            return Err(failed(answer.clone()));
        }
        serde_json::from_str(body).map_err(|error| failed(format!("{error}: {body}")))
    }
}
