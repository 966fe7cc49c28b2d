//! The backend over HTTP: requests signed by this terminal's key, replies verified by the pinned
//! key (rule 9.2). There is no token to expire and nothing in between that could say "paid". A reply
//! that does not verify is no reply: it may have taken effect, and is asked for again.
//!
//! A backend that finds this computer's clock far off says so, signed, with its own time; requests
//! are then signed with the difference added. So a wrong clock never stops sync (R8).

use crate::ledger::Identity;
use domain::Timestamp;
use flate2::read::GzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{Method, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::io::Read as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;
use wire::Env;
use wire::code::{CodeReply, CodeRequest};
use wire::import::{ImportReport, ImportRequest};
use wire::protocol::{
    Backend, CallError, Caller, EnrolReply, EnrolRequest, PullReply, PullRequest, PushReply,
    PushRequest, Refused, SnapshotPage, SnapshotRequest,
};
use wire::request::{NONCE, PROTOCOL, RequestText, SIGNATURE, TERMINAL, TIME, verify_reply};
use wire::slip::{Slip, SlipRequest};
use wire::wallet::{WalletReply, WalletRequest};

const CONNECT: Duration = Duration::from_secs(5);
/// A whole call. The engine gives up later than this.
const CALL: Duration = Duration::from_secs(60);
/// The events stream says something every 15 s.
const SILENCE: Duration = Duration::from_secs(45);
/// Largest reply that is read.
const LARGEST: usize = 64 * 1024 * 1024;

/// A client of one backend.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    base: Url,
    identity: Option<Arc<Identity>>,
    env: Arc<dyn Env>,
    /// Milliseconds to add to this computer's clock when signing.
    skew_ms: Arc<AtomicI64>,
}

/// The part of a signed 401 that tells the backend's time.
#[derive(Deserialize)]
struct Stale {
    at: Timestamp,
}

struct Answer {
    status: StatusCode,
    body: Vec<u8>,
}

fn unreachable(error: impl Display) -> CallError {
    CallError::Unreachable(error.to_string())
}

impl Http {
    /// A client for a terminal that is not enrolled yet: it can only enrol.
    ///
    /// # Errors
    /// [`CallError::Unreachable`] when the address is none.
    pub fn to_enrol(url: &str, env: Arc<dyn Env>) -> Result<Http, CallError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Somebody else of this process may have installed it: then that one serves.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let client = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(unreachable)?;
        let base = Url::parse(url).map_err(unreachable)?;
        Ok(Http {
            client,
            base,
            identity: None,
            env,
            skew_ms: Arc::default(),
        })
    }

    /// A client for an enrolled terminal.
    ///
    /// # Errors
    /// [`CallError::Unreachable`] when the stored address is none.
    pub fn enrolled(identity: Arc<Identity>, env: Arc<dyn Env>) -> Result<Http, CallError> {
        let http = Http::to_enrol(&identity.backend_url, env)?;
        Ok(Http {
            identity: Some(identity),
            ..http
        })
    }

    fn url(&self, path: &str, query: &[(&str, String)]) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Vec<u8>,
        limit: Option<Duration>,
    ) -> Result<(Response, String), CallError> {
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let mut bytes = [0; 16];
        self.env.random(&mut bytes);
        let nonce = domain::id::crockford(u128::from_be_bytes(bytes), 25);
        let mut headers = HeaderMap::new();
        let mut put = |name: &'static str, value: String| -> Result<(), CallError> {
            headers.insert(name, HeaderValue::from_str(&value).map_err(unreachable)?);
            Ok(())
        };
        put("accept-encoding", "gzip".to_owned())?;
        put(PROTOCOL, wire::PROTOCOL_VERSION.to_string())?;
        put(NONCE, nonce.clone())?;
        if let Some(me) = &self.identity {
            let skew = self.skew_ms.load(Ordering::Relaxed);
            let (terminal, time) = (me.terminal, self.env.now().plus_ms(skew));
            let text = RequestText {
                method: method.as_str(),
                target: &target,
                terminal,
                time,
                nonce: &nonce,
                body: &body,
            };
            put(TERMINAL, terminal.to_string())?;
            put(TIME, time.0.to_string())?;
            put(SIGNATURE, text.sign(&me.key).to_string())?;
        }
        if !body.is_empty() {
            put("content-type", "application/json".to_owned())?;
        }
        let mut request = self.client.request(method, url).headers(headers).body(body);
        if let Some(limit) = limit {
            request = request.timeout(limit);
        }
        Ok((request.send().await.map_err(unreachable)?, nonce))
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        url: Url,
        body: Vec<u8>,
    ) -> Result<T, CallError> {
        let (reply, nonce) = self
            .send(method.clone(), url.clone(), body.clone(), Some(CALL))
            .await?;
        let mut answer = self.verified(reply, &nonce).await?;
        if self.corrects_clock(&answer) {
            let (reply, nonce) = self.send(method, url, body, Some(CALL)).await?;
            answer = self.verified(reply, &nonce).await?;
        }
        if answer.status.is_success() {
            return serde_json::from_slice(&answer.body).map_err(unreachable);
        }
        match serde_json::from_slice::<Refused>(&answer.body) {
            Ok(refused) => Err(refused.into()),
            Err(_) => Err(unreachable(format!("answer {}", answer.status))),
        }
    }

    /// Reads a reply whole and checks the backend's signature, where one is pinned.
    async fn verified(&self, mut reply: Response, nonce: &str) -> Result<Answer, CallError> {
        let status = reply.status();
        let packed = reply
            .headers()
            .get(CONTENT_ENCODING)
            .is_some_and(|value| value == "gzip");
        let signature = reply.headers().get(SIGNATURE).cloned();
        let mut body = Vec::new();
        while let Some(chunk) = reply.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(unreachable("the reply is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        if packed {
            body = unpack(&body)?;
        }
        if let Some(me) = &self.identity {
            let signature = signature
                .as_ref()
                .and_then(|value| value.to_str().ok())
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| unreachable(format!("answer {status} without a signature")))?;
            verify_reply(&me.backend_key, nonce, status.as_u16(), &body, &signature)
                .map_err(|error| unreachable(format!("answer {status}: {error}")))?;
        }
        Ok(Answer { status, body })
    }

    /// Takes the backend's time from a verified answer that says our clock is off.
    fn corrects_clock(&self, answer: &Answer) -> bool {
        if answer.status != StatusCode::UNAUTHORIZED || self.identity.is_none() {
            return false;
        }
        let Ok(stale) = serde_json::from_slice::<Stale>(&answer.body) else {
            return false;
        };
        let skew = stale.at.since_ms(self.env.now());
        tracing::warn!(
            skew,
            "this computer's clock is off; requests are signed with it corrected"
        );
        self.skew_ms.store(skew, Ordering::Relaxed);
        true
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, CallError> {
        let body = serde_json::to_vec(body).map_err(unreachable)?;
        self.call(Method::POST, self.url(path, &[]), body).await
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        caller: &Caller,
        mut query: Vec<(&str, String)>,
    ) -> Result<T, CallError> {
        query.push(("incarnation", caller.head.incarnation.to_string()));
        query.push(("seq", caller.head.seq.to_string()));
        query.push(("hash", caller.head.hash.to_string()));
        self.call(Method::GET, self.url(path, &query), Vec::new())
            .await
    }

    /// Asks about the corporate wallet.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn wallet(&self, request: &WalletRequest) -> Result<WalletReply, CallError> {
        self.post("/v1/wallet", request).await
    }

    /// Hands over a file.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn import(&self, request: &ImportRequest) -> Result<ImportReport, CallError> {
        self.post("/v1/import", request).await
    }

    /// Asks for the photo of a slip.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn slip(&self, request: &SlipRequest) -> Result<Slip, CallError> {
        self.post("/v1/slip", request).await
    }

    /// Has a channel make its own code.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn code(&self, request: &CodeRequest) -> Result<CodeReply, CallError> {
        self.post("/v1/code", request).await
    }

    /// Opens the stream of pokes.
    ///
    /// # Errors
    /// [`CallError::Unreachable`].
    pub async fn events(&self) -> Result<Events, CallError> {
        let url = self.url("/v1/events", &[]);
        let (mut reply, nonce) = self
            .send(Method::GET, url.clone(), Vec::new(), None)
            .await?;
        if reply.status() == StatusCode::UNAUTHORIZED {
            let answer = self.verified(reply, &nonce).await?;
            self.corrects_clock(&answer);
            (reply, _) = self.send(Method::GET, url, Vec::new(), None).await?;
        }
        if !reply.status().is_success() {
            return Err(unreachable(format!("answer {}", reply.status())));
        }
        Ok(Events {
            reply,
            held: Vec::new(),
        })
    }
}

impl Backend for Http {
    async fn enrol(&self, r: EnrolRequest) -> Result<EnrolReply, CallError> {
        self.post("/v1/enrol", &r).await
    }

    async fn push(&self, r: PushRequest) -> Result<PushReply, CallError> {
        self.post("/v1/ops", &r).await
    }

    async fn pull(&self, r: PullRequest) -> Result<PullReply, CallError> {
        let query = vec![
            ("after", r.after.to_string()),
            ("tickets", r.tickets.to_string()),
        ];
        self.get("/v1/changes", &r.caller, query).await
    }

    async fn snapshot(&self, r: SnapshotRequest) -> Result<SnapshotPage, CallError> {
        let query = r
            .resume
            .into_iter()
            .map(|token| ("resume", token))
            .collect();
        self.get("/v1/snapshot", &r.caller, query).await
    }
}

/// Unpacks a reply, never to more than is read of a plain one.
fn unpack(packed: &[u8]) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    let room = u64::try_from(LARGEST).unwrap_or(u64::MAX);
    let mut limited = GzDecoder::new(packed).take(room + 1);
    limited.read_to_end(&mut body).map_err(unreachable)?;
    if body.len() > LARGEST {
        return Err(unreachable("the reply is too large"));
    }
    Ok(body)
}

/// The stream of pokes. They are not signed: a forged one costs a pull, and nothing rests on them.
#[derive(Debug)]
pub struct Events {
    reply: Response,
    held: Vec<u8>,
}

/// Longest line of the stream.
const LINE: usize = 4_096;

impl Events {
    /// The next newest number; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<u64> {
        loop {
            while let Some(end) = self.held.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.held.drain(..=end).collect();
                if let Some(seq) = poke(&line) {
                    return Some(seq);
                }
            }
            if self.held.len() > LINE {
                return None;
            }
            let chunk = self.reply.chunk().await.ok()??;
            self.held.extend_from_slice(&chunk);
        }
    }
}

/// Reads one line of the stream; comments, blanks and unknown fields are passed over.
fn poke(line: &[u8]) -> Option<u64> {
    std::str::from_utf8(line)
        .ok()?
        .strip_prefix("data:")?
        .trim()
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Code;
    use domain::id::{CompanyId, TerminalId};
    use std::io::Write as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use wire::change::Cursor;
    use wire::keys::{Hash, Keypair, Signature};
    use wire::protocol::Head;
    use wire::request::sign_reply;

    const ME: TerminalId = TerminalId(7);

    fn identity(url: String) -> Arc<Identity> {
        Arc::new(Identity {
            company: CompanyId(uuid::Uuid::from_u128(1)),
            terminal: ME,
            incarnation: 1,
            key: Keypair::from_seed([5; 32]),
            backend_key: Keypair::from_seed([9; 32]).public(),
            backend_url: url,
        })
    }

    fn request() -> PullRequest {
        PullRequest {
            caller: Caller {
                terminal: ME,
                head: Head {
                    incarnation: 1,
                    seq: 3,
                    hash: Hash::ZERO,
                },
            },
            after: Cursor {
                epoch: 1,
                seq: 2,
                tag: 3,
            },
            tickets: 4,
        }
    }

    struct Said {
        status: u16,
        head: String,
        body: Vec<u8>,
    }

    /// Pulls from a server that checks each request's signature and answers what `say` says to its
    /// nonce and time, once for each of `times`.
    async fn pulled_from(
        times: usize,
        mut say: impl FnMut(&str, Timestamp) -> Said,
    ) -> Result<PullReply, CallError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let env = Arc::new(wire::SystemEnv::new());
        let http = Http::enrolled(identity(url), env).unwrap();
        let answer = async {
            for _ in 0..times {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut text = Vec::new();
                while !text.ends_with(b"\r\n\r\n") {
                    assert!(stream.read_buf(&mut text).await.unwrap() > 0);
                }
                let text = String::from_utf8(text).unwrap();
                let header = |name: &str| {
                    let line = text
                        .lines()
                        .find(|line| line.starts_with(&format!("{name}: ")));
                    line.unwrap().split_once(": ").unwrap().1.to_owned()
                };
                let target = text.split(' ').nth(1).unwrap();
                let (nonce, time) = (header(NONCE), Timestamp(header(TIME).parse().unwrap()));
                let signed = RequestText {
                    method: "GET",
                    target,
                    terminal: header(TERMINAL).parse().unwrap(),
                    time,
                    nonce: &nonce,
                    body: b"",
                };
                let key = Keypair::from_seed([5; 32]).public();
                signed
                    .verify(&key, &header(SIGNATURE).parse().unwrap())
                    .unwrap();
                let start = "/v1/changes?after=1.2.3&tickets=4&incarnation=1&seq=3&hash=00";
                assert!(target.starts_with(start), "{target}");
                let said = say(&nonce, time);
                let head = format!(
                    "HTTP/1.1 {} x\r\nconnection: close\r\n{}content-length: {}\r\n\r\n",
                    said.status,
                    said.head,
                    said.body.len()
                );
                stream
                    .write_all(&[head.as_bytes(), &said.body].concat())
                    .await
                    .unwrap();
            }
        };
        tokio::join!(http.pull(request()), answer).0
    }

    async fn pulled(
        status: u16,
        body: &str,
        sign: impl FnOnce(&str) -> Option<Signature>,
    ) -> Result<PullReply, CallError> {
        let mut sign = Some(sign);
        pulled_from(1, |nonce, _| {
            let signature = sign.take().and_then(|sign| sign(nonce));
            let head = signature.map_or_else(String::new, |s| format!("{SIGNATURE}: {s}\r\n"));
            Said {
                status,
                head,
                body: body.as_bytes().to_vec(),
            }
        })
        .await
    }

    #[tokio::test]
    async fn a_wrong_clock_is_corrected_by_the_signed_time_and_a_packed_reply_is_read() {
        const AHEAD: i64 = 3 * domain::time::DAY_MS;
        let key = Keypair::from_seed([9; 32]);
        let mut times = Vec::new();
        let reply = pulled_from(2, |nonce, time| {
            times.push(time);
            if times.len() == 1 {
                let at = time.plus_ms(AHEAD).0;
                let body = format!(
                    r#"{{"refused":"rule","reason":{{"code":"bad_field","params":{{"field":"time"}}}},"at":{at}}}"#
                );
                let signature = sign_reply(&key, nonce, 401, body.as_bytes());
                let head = format!("{SIGNATURE}: {signature}\r\n");
                return Said { status: 401, head, body: body.into_bytes() };
            }
            let json = serde_json::to_vec(&Refused::Busy { seconds: 9 }).unwrap();
            let signature = sign_reply(&key, nonce, 429, &json);
            let mut pack = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            pack.write_all(&json).unwrap();
            let head = format!("{SIGNATURE}: {signature}\r\ncontent-encoding: gzip\r\n");
            Said { status: 429, head, body: pack.finish().unwrap() }
        })
        .await;
        assert!(
            matches!(reply, Err(CallError::Refused(Refused::Busy { seconds: 9 }))),
            "{reply:?}"
        );
        assert!(times[1].since_ms(times[0]) >= AHEAD - 1_000, "{times:?}");
    }

    #[test]
    fn a_reply_that_unpacks_without_end_is_refused() {
        let mut pack = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let zeros = vec![0; 1 << 20];
        for _ in 0..=LARGEST >> 20 {
            pack.write_all(&zeros).unwrap();
        }
        assert!(unpack(&pack.finish().unwrap()).is_err());
    }

    #[tokio::test]
    async fn only_the_pinned_key_can_answer_or_refuse() {
        let refused = serde_json::to_string(&Refused::NewEpoch { epoch: 2 }).unwrap();
        let (key, other) = (Keypair::from_seed([9; 32]), Keypair::from_seed([8; 32]));
        let bytes = refused.as_bytes();
        let good = pulled(409, &refused, |nonce| {
            Some(sign_reply(&key, nonce, 409, bytes))
        })
        .await;
        assert!(matches!(
            good,
            Err(CallError::Refused(Refused::NewEpoch { epoch: 2 }))
        ));
        for forged in [
            pulled(409, &refused, |_| None).await,
            pulled(409, &refused, |nonce| {
                Some(sign_reply(&other, nonce, 409, bytes))
            })
            .await,
            pulled(409, &refused, |nonce| {
                Some(sign_reply(&key, nonce, 200, bytes))
            })
            .await,
            pulled(409, &refused, |_| {
                Some(sign_reply(&key, "played back", 409, bytes))
            })
            .await,
        ] {
            assert!(
                matches!(forged, Err(CallError::Unreachable(_))),
                "{forged:?}"
            );
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_no_answer_is_unreachable_and_never_a_refusal() {
        let key = Keypair::from_seed([9; 32]);
        let rule = Refused::Rule {
            reason: Code::OrderFrozen,
        };
        let rule = serde_json::to_string(&rule).unwrap();
        let odd = pulled(502, "bad gateway", |n| {
            Some(sign_reply(&key, n, 502, b"bad gateway"))
        });
        assert!(matches!(odd.await, Err(CallError::Unreachable(_))));
        let bytes = rule.as_bytes();
        let said = pulled(422, &rule, |n| Some(sign_reply(&key, n, 422, bytes))).await;
        assert!(matches!(
            said,
            Err(CallError::Refused(Refused::Rule { .. }))
        ));
    }

    #[test]
    fn a_line_of_the_stream_is_a_number_or_passed_over() {
        assert_eq!(poke(b"data: 17\n"), Some(17));
        assert_eq!(poke(b"data:18\r\n"), Some(18));
        for other in [
            b": keep-alive\n".as_slice(),
            b"\n",
            b"event: x\n",
            b"data: x\n",
            b"\xff\n",
        ] {
            assert_eq!(poke(other), None);
        }
    }

    #[test]
    fn the_signed_target_is_the_one_that_is_sent() {
        let env = Arc::new(wire::SystemEnv::new());
        let http = Http::to_enrol("http://127.0.0.1:9/base/", env).unwrap();
        let url = http.url("/v1/snapshot", &[("resume", "a b&c=1/+".to_owned())]);
        assert_eq!(url.path(), "/base/v1/snapshot");
        assert_eq!(url.query(), Some("resume=a+b%26c%3D1%2F%2B"));
    }
}
