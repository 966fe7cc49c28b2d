//! A peer's script as a process: started with a mode and the folder of keys, it prints lines, and as
//! a gateway it answers one line of JSON for each that it is sent.

use crate::checks::PeerError;
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

/// No line takes a tenth of this; a script that says nothing for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running script; killed when dropped.
pub(crate) struct Script {
    name: String,
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    errors: JoinHandle<String>,
}

impl Script {
    /// Starts it; must be called on a runtime.
    pub(crate) fn start(
        program: &str,
        script: &Path,
        mode: &str,
        keys: &Path,
    ) -> Result<Script, PeerError> {
        let name = script.display().to_string();
        let failed = |why: String| PeerError::Script {
            script: name.clone(),
            why,
        };
        let mut child = Command::new(program)
            .arg(script)
            .arg(mode)
            .arg(keys)
            // Python would otherwise write in the language and encoding of the machine, and leave
            // compiled files beside the scripts.
            .env("PYTHONUTF8", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| failed(format!("{program} does not start: {error}")))?;
        let (Some(input), Some(output), Some(mut errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(failed("its input and output are not ours".to_owned()));
        };
        let errors = tokio::spawn(async move {
            let mut text = Vec::new();
            // What was read until then is all there is to tell.
            let _ = errors.read_to_end(&mut text).await;
            String::from_utf8_lossy(&text).into_owned()
        });
        Ok(Script {
            name,
            child,
            input,
            lines: BufReader::new(output).lines(),
            errors,
        })
    }

    /// The URL that a gateway says it listens on.
    pub(crate) async fn listening(&mut self) -> Result<String, PeerError> {
        let line = self.line().await?;
        match line.strip_prefix("listening ") {
            Some(url) => Ok(url.to_owned()),
            None => Err(self.failed(format!("said `{line}` instead of where it listens"))),
        }
    }

    /// Sends `what` and reads the answer.
    pub(crate) async fn ask(&mut self, what: Value) -> Result<Value, PeerError> {
        let line = format!("{what}\n");
        let sent = self.input.write_all(line.as_bytes()).await;
        if let Err(error) = sent {
            return Err(self.ended(error.to_string()).await);
        }
        let line = self.line().await?;
        serde_json::from_str(&line)
            .map_err(|error| self.failed(format!("said `{line}`, which is no JSON: {error}")))
    }

    /// Reads a client's checks until it is done; how many held.
    pub(crate) async fn play_out(mut self) -> Result<u32, PeerError> {
        let mut held = 0;
        loop {
            match self.line().await?.as_str() {
                "done" if held > 0 => break,
                line if line.starts_with("ok ") => held += 1,
                line => return Err(self.failed(format!("said `{line}`"))),
            }
        }
        match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(held),
            Ok(Ok(status)) => Err(self.ended(status.to_string()).await),
            Ok(Err(error)) => Err(self.failed(error.to_string())),
            Err(_) => Err(self.failed("does not end".to_owned())),
        }
    }

    async fn line(&mut self) -> Result<String, PeerError> {
        match tokio::time::timeout(PATIENCE, self.lines.next_line()).await {
            Ok(Ok(Some(line))) => Ok(line),
            Ok(Ok(None)) => Err(self.ended("ended early".to_owned()).await),
            Ok(Err(error)) => Err(self.failed(error.to_string())),
            Err(_) => Err(self.failed("says nothing more".to_owned())),
        }
    }

    /// The script's own word for why it ended, where it had one; `otherwise` without.
    async fn ended(&mut self, otherwise: String) -> PeerError {
        let text = match tokio::time::timeout(PATIENCE, &mut self.errors).await {
            Ok(Ok(text)) => text,
            Ok(Err(_)) | Err(_) => String::new(),
        };
        let own = text.lines().find_map(|line| line.strip_prefix("failed: "));
        let last = text.lines().rev().find(|line| !line.trim().is_empty());
        let why = own.or(last).map_or(otherwise, str::to_owned);
        self.failed(why)
    }

    fn failed(&self, why: String) -> PeerError {
        PeerError::Script {
            script: self.name.clone(),
            why,
        }
    }
}
