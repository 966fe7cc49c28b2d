//! A payer's browser, as far as plain HTTP goes: cookies, redirects, forms.

use reqwest::header;
use std::collections::BTreeMap;
use url::Url;

pub(crate) const CHROME: &str = "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36";
pub(crate) const WECHAT: &str =
    "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.49 NetType/WIFI";
pub(crate) const ALIPAY: &str =
    "Mozilla/5.0 (Linux; Android 14) AliApp(AP/10.6) AlipayClient/10.6.0";

pub(crate) const DESKTOP: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36";

/// A page, and where it was found.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) url: Url,
    pub(crate) html: String,
}

impl Page {
    pub(crate) fn has(&self, part: &str) -> bool {
        self.html.contains(part)
    }

    /// Address of the form that holds the button with this id.
    pub(crate) fn form_of(&self, button: &str) -> Url {
        let at = self
            .html
            .find(&format!("id=\"{button}\""))
            .unwrap_or_else(|| {
                panic!("no {button} in {}", self.html);
            });
        let action = self.html[..at].rsplit_once("action=\"").unwrap().1;
        self.url
            .join(&plain(action.split('"').next().unwrap()))
            .unwrap()
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let after = self.html.split_once(&format!("{name}=\""))?.1;
        Some(plain(after.split('"').next()?))
    }
}

fn plain(html: &str) -> String {
    html.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

pub(crate) struct Browser {
    http: reqwest::Client,
    agent: &'static str,
    language: &'static str,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new(http: &reqwest::Client, agent: &'static str) -> Browser {
        Browser {
            http: http.clone(),
            agent,
            language: "en",
            cookies: BTreeMap::new(),
        }
    }

    /// The same with another language.
    pub(crate) fn speaking(self, language: &'static str) -> Browser {
        Browser { language, ..self }
    }

    /// One request, redirects not followed.
    pub(crate) async fn once(
        &mut self,
        method: reqwest::Method,
        url: &Url,
        json: Option<&str>,
    ) -> reqwest::Response {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = self
            .http
            .request(method, url.clone())
            .header(header::USER_AGENT, self.agent)
            .header(header::ACCEPT_LANGUAGE, self.language)
            .header(header::COOKIE, cookies.join("; "));
        if let Some(json) = json {
            request = request
                .header(header::CONTENT_TYPE, "application/json")
                .body(json.to_owned());
        }
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        response
    }

    async fn follow(&mut self, mut url: Url, mut response: reqwest::Response) -> Page {
        for _ in 0..10 {
            let Some(to) = response.headers().get(header::LOCATION) else {
                let status = response.status().as_u16();
                return Page {
                    status,
                    url,
                    html: response.text().await.unwrap(),
                };
            };
            url = url.join(to.to_str().unwrap()).unwrap();
            response = self.once(reqwest::Method::GET, &url, None).await;
        }
        panic!("redirects go round at {url}");
    }

    pub(crate) async fn get(&mut self, url: &str) -> Page {
        let url = Url::parse(url).unwrap();
        let response = self.once(reqwest::Method::GET, &url, None).await;
        self.follow(url, response).await
    }

    pub(crate) async fn post(&mut self, url: &Url) -> Page {
        let response = self.once(reqwest::Method::POST, url, None).await;
        self.follow(url.clone(), response).await
    }
}
