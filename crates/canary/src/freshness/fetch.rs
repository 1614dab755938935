//! Fetching over https, within limits. The only place of the workspace that opens connections of
//! its own; `git` opens the others.
//!
//! A source is not trusted: it may send for ever, redirect to this machine or to its network, or
//! answer with a gigabyte. So: https only, at most two redirects, addresses of the public internet
//! only, 2 MiB, a time for everything together. Addresses are checked where the connection is
//! made, so a name cannot mean another address a moment later.

use super::address::is_public;
use super::feed::MAX_FEED;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, DefaultConnector, NextTimeout};
use ureq::{Agent, Proxy, ProxyProtocol};

/// Redirects that are followed.
const REDIRECTS: u32 = 2;

/// How the network is reached.
#[derive(Debug, Clone)]
pub struct Network {
    /// `socks5h://HOST:PORT` (names are resolved there), or `http://HOST:PORT`.
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy, as in `NO_PROXY`.
    pub direct: Vec<String>,
    /// Certificates in PEM that vouch for servers besides the public roots.
    pub extra_roots: Option<Vec<u8>>,
    /// For one address altogether, redirects and body included.
    pub patience: Duration,
}

/// What a source may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The public internet.
    Public,
    /// Also the very host and port of its own URL, wherever they are.
    OwnHost,
}

/// Why there is nothing.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not https, at the start or after a redirect.
    #[error("{0} is not https")]
    NotHttps(String),
    /// A place that is not on the public internet.
    #[error(
        "it leads to {0}, which is no public address; for a host of your own, set `private = true` in its source"
    )]
    Private(String),
    /// More than two redirects.
    #[error("it redirects more than twice")]
    Redirects,
    /// More than 2 MiB.
    #[error("it sends more than 2 MiB")]
    TooLarge,
    /// Not done in time.
    #[error("it takes longer than {0} s")]
    Slow(u64),
    /// The server says no.
    #[error("it answers with status {0}")]
    Status(u16),
    /// The proxy or the certificates given cannot be used.
    #[error("{0}")]
    Setting(String),
    /// Anything else on the way.
    #[error("{0}")]
    Network(String),
}

/// Fetches one thing after another; nothing is kept between them.
#[derive(Debug)]
pub struct Client {
    proxy: Option<Proxy>,
    tls: TlsConfig,
    patience: Duration,
}

impl Client {
    /// Checks how the network is to be reached; opens nothing yet.
    ///
    /// # Errors
    /// [`FetchError::Setting`].
    pub fn new(network: &Network) -> Result<Self, FetchError> {
        let proxy = network.proxy.as_deref().map(|proxy| self::proxy(proxy, &network.direct));
        let builder = TlsConfig::builder();
        let tls = match &network.extra_roots {
            Some(pem) => builder.root_certs(roots(pem)?).build(),
            None => builder.build(),
        };
        Ok(Self { proxy: proxy.transpose()?, tls, patience: network.patience })
    }

    /// The body at a URL.
    ///
    /// # Errors
    /// Every limit has its own [`FetchError`].
    pub fn get(&self, url: &str, reach: Reach) -> Result<Vec<u8>, FetchError> {
        let uri: Uri = url.parse().map_err(|_| FetchError::Network("it is no URL".to_owned()))?;
        let own = match reach {
            Reach::Public => None,
            Reach::OwnHost => Some(place(&uri)),
        };
        let guard = Guard { own: own.flatten() };
        let connector = guard.clone().chain(DefaultConnector::new());
        let agent = Agent::with_parts(self.config(), connector, guard);
        let failed = |error| self.fault(error);
        let mut response = agent.get(uri).call().map_err(failed)?;
        let limit = u64::try_from(MAX_FEED).unwrap_or(u64::MAX);
        if response.body().content_length().is_some_and(|length| length > limit) {
            return Err(FetchError::TooLarge);
        }
        // ureq complains when the limit is reached, even if nothing follows.
        response.body_mut().with_config().limit(limit + 1).read_to_vec().map_err(failed)
    }

    fn config(&self) -> Config {
        Config::builder()
            .https_only(true)
            .max_redirects(REDIRECTS)
            .proxy(self.proxy.clone())
            .tls_config(self.tls.clone())
            .timeout_global(Some(self.patience))
            .user_agent("secpack")
            .build()
    }

    fn fault(&self, error: ureq::Error) -> FetchError {
        let shown = |text: &str| secpack_pack::escape(text);
        match error {
            ureq::Error::RequireHttpsOnly(uri) => FetchError::NotHttps(shown(&uri)),
            ureq::Error::TooManyRedirects => FetchError::Redirects,
            ureq::Error::BodyExceedsLimit(_) => FetchError::TooLarge,
            ureq::Error::Timeout(_) => FetchError::Slow(self.patience.as_secs()),
            ureq::Error::StatusCode(status) => FetchError::Status(status),
            ureq::Error::HostNotFound => FetchError::Network("its host is not found".to_owned()),
            ureq::Error::Io(error) => self.io_fault(error),
            ureq::Error::Other(error) => match error.downcast::<FetchError>() {
                Ok(ours) => *ours,
                Err(other) => FetchError::Network(shown(&other.to_string())),
            },
            other => FetchError::Network(shown(&other.to_string())),
        }
    }

    /// ureq wraps its own errors in those of reading, and rustls does as well.
    fn io_fault(&self, error: std::io::Error) -> FetchError {
        if error.get_ref().is_some_and(|inner| inner.is::<ureq::Error>()) {
            let inner = error.into_inner().and_then(|inner| inner.downcast::<ureq::Error>().ok());
            return inner.map_or(FetchError::Redirects, |inner| self.fault(*inner));
        }
        match error.kind() {
            std::io::ErrorKind::TimedOut => FetchError::Slow(self.patience.as_secs()),
            _ => FetchError::Network(secpack_pack::escape(&error.to_string())),
        }
    }
}

/// Names are resolved by the proxy, never here: whoever asks for Tor must not leak them.
fn proxy(text: &str, direct: &[String]) -> Result<Proxy, FetchError> {
    let refused = || {
        let shown = secpack_pack::escape(text);
        FetchError::Setting(format!("{shown} is no proxy; socks5h://HOST:PORT or http://HOST:PORT"))
    };
    let (scheme, _) = text.split_once("://").ok_or_else(refused)?;
    let protocol = match scheme {
        "socks5h" | "socks5" => ProxyProtocol::Socks5h,
        "http" => ProxyProtocol::Http,
        _ => return Err(refused()),
    };
    let read = Proxy::new(text).map_err(|_| refused())?;
    let mut builder = Proxy::builder(protocol).host(read.host()).port(read.port());
    if let Some(name) = read.username() {
        builder = builder.username(name).password(read.password().unwrap_or_default());
    }
    let builder = direct.iter().fold(builder, |builder, host| builder.no_proxy(host));
    builder.resolve_target(false).build().map_err(|_| refused())
}

/// The public roots and those of a file.
fn roots(pem: &[u8]) -> Result<RootCerts, FetchError> {
    let refused = |why: &str| FetchError::Setting(format!("the certificates given: {why}"));
    let mut all: Vec<Certificate<'static>> = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .map(|root| Certificate::from_der(root).to_owned())
        .collect();
    let public = all.len();
    for item in parse_pem(pem) {
        match item.map_err(|_| refused("not PEM"))? {
            PemItem::Certificate(root) => all.push(root),
            PemItem::PrivateKey(_) => return Err(refused("there is a private key among them")),
            _ => {}
        }
    }
    if all.len() == public {
        return Err(refused("there is none in the file"));
    }
    Ok(RootCerts::Specific(Arc::new(all)))
}

/// Stands where connections are made, once before the name is resolved and once after.
#[derive(Debug, Clone)]
struct Guard {
    /// The one place that may be private, as `host:port`.
    own: Option<String>,
}

impl Guard {
    fn is_own(&self, uri: &Uri) -> bool {
        self.own.is_some() && self.own == place(uri)
    }

    /// Names and literal addresses that mean this machine or its network, whoever resolves them.
    fn check(&self, uri: &Uri) -> Result<(), ureq::Error> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let named = ["localhost", "local", "internal", "home.arpa"]
            .iter()
            .any(|end| name == *end || name.ends_with(&format!(".{end}")));
        let literal = host.parse::<IpAddr>().ok();
        let private = named || literal.is_some_and(|address| !is_public(address));
        if private && !self.is_own(uri) { Err(refused(uri)) } else { Ok(()) }
    }
}

fn refused(uri: &Uri) -> ureq::Error {
    let place = secpack_pack::escape(uri.host().unwrap_or_default());
    ureq::Error::Other(Box::new(FetchError::Private(place)))
}

/// `host:port`, in lower case.
fn place(uri: &Uri) -> Option<String> {
    let port = uri.port_u16().unwrap_or(443);
    Some(format!("{}:{port}", uri.host()?.to_ascii_lowercase()))
}

impl Connector<()> for Guard {
    type Out = ();

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<()>, ureq::Error> {
        self.check(details.uri)?;
        Ok(chained)
    }
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        // Sources are https. What is not is the proxy, which a person chose.
        let is_proxy = uri.scheme_str() != Some("https");
        let trusted = is_proxy || self.is_own(uri);
        if !trusted {
            self.check(uri)?;
        }
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        let private = found.iter().any(|socket| !is_public(socket.ip()));
        if private && !trusted { Err(refused(uri)) } else { Ok(found) }
    }
}
