//! Servers on the loopback: https with a throw-away authority, and a SOCKS 5 proxy in front.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a server says.
pub enum Answer {
    /// This body.
    Body(Vec<u8>),
    /// This status and no body.
    Status(u16),
    /// A redirect there.
    Redirect(String),
    /// A body of this many bytes, as it says; only a little of it comes.
    Announced(u64),
    /// A body without an end.
    Endless,
    /// A byte now and then.
    Slow,
}

/// Names under which the servers answer, besides the loopback addresses.
pub const NAMES: [&str; 3] = ["localhost", "news.example.org", "blocks.example.org"];

/// A server for https.
pub struct Web {
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// The certificate of its authority, in PEM.
    pub ca: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    /// Starts it; `answer` gets the path. It ends with the test.
    ///
    /// # Panics
    /// When no port can be had.
    pub fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let (config, ca) = identity();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, log) = (Arc::clone(&config), Arc::clone(&log));
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || serve(stream, config, &log, &*answer));
            }
        });
        Self { port, ca, asked }
    }

    /// The paths that were asked for so far.
    ///
    /// # Panics
    /// When the server has panicked.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a server that lives").clone()
    }
}

/// An authority and a server's certificate under it.
fn identity() -> (Arc<ServerConfig>, String) {
    let authority = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = params.self_signed(&authority).expect("a certificate");
    let issuer = Issuer::new(params, authority);
    let key = KeyPair::generate().expect("a key");
    let names =
        NAMES.into_iter().chain(["127.0.0.1", "::1"]).map(str::to_owned).collect::<Vec<_>>();
    let leaf = CertificateParams::new(names).expect("parameters").signed_by(&key, &issuer);
    let chain = vec![CertificateDer::from(leaf.expect("a certificate"))];
    let secret = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .expect("a pair");
    (Arc::new(config), root.pem())
}

fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    log: &Mutex<Vec<String>>,
    answer: &dyn Fn(&str) -> Answer,
) {
    let Ok(connection) = ServerConnection::new(config) else { return };
    let mut reader = BufReader::new(StreamOwned::new(connection, stream));
    // The client may keep the connection for its next request.
    while let Some(path) = request(&mut reader) {
        log.lock().expect("a log").push(path.clone());
        if reply(reader.get_mut(), answer(&path)).is_err() {
            return;
        }
    }
}

/// The path of a request, whose other lines are read and forgotten.
fn request(reader: &mut impl BufRead) -> Option<String> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let mut line = String::new();
    while reader.read_line(&mut line).ok()? > 2 {
        line.clear();
    }
    first.split(' ').nth(1).map(str::to_owned)
}

fn reply(stream: &mut impl Write, answer: Answer) -> std::io::Result<()> {
    match answer {
        Answer::Body(body) => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len())?;
            stream.write_all(&body)?;
        }
        Answer::Status(code) => {
            write!(stream, "HTTP/1.1 {code} No\r\nContent-Length: 0\r\n\r\n")?;
        }
        Answer::Redirect(to) => {
            write!(stream, "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")?;
        }
        Answer::Announced(length) => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nsome")?;
        }
        Answer::Endless => {
            write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[b' '; 1 << 14])?;
            }
        }
        Answer::Slow => {
            write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(b" ")?;
                stream.flush()?;
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
    stream.flush()
}

/// A SOCKS 5 proxy (RFC 1928) that leads every name to one port of this machine.
pub struct Socks {
    /// Its port on 127.0.0.1.
    pub port: u16,
    wanted: Arc<Mutex<Vec<String>>>,
}

impl Socks {
    /// Starts it in front of a port.
    ///
    /// # Panics
    /// When no port can be had.
    pub fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let wanted = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&wanted);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                std::thread::spawn(move || pass(stream, target, &log));
            }
        });
        Self { port, wanted }
    }

    /// What it was asked to connect to: `name:port`, or `address ...` when it was no name.
    ///
    /// # Panics
    /// When the proxy has panicked.
    pub fn wanted(&self) -> Vec<String> {
        self.wanted.lock().expect("a proxy that lives").clone()
    }
}

fn pass(mut client: TcpStream, target: u16, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut two = [0; 2];
    client.read_exact(&mut two).ok()?;
    let mut methods = vec![0; two[1].into()];
    client.read_exact(&mut methods).ok()?;
    client.write_all(&[5, 0]).ok()?;
    let mut head = [0; 4];
    client.read_exact(&mut head).ok()?;
    let wanted = match head[3] {
        3 => {
            let mut length = [0; 1];
            client.read_exact(&mut length).ok()?;
            let mut name = vec![0; length[0].into()];
            client.read_exact(&mut name).ok()?;
            String::from_utf8(name).ok()?
        }
        kind => {
            let mut address = vec![0; if kind == 1 { 4 } else { 16 }];
            client.read_exact(&mut address).ok()?;
            format!("address {address:?}")
        }
    };
    client.read_exact(&mut two).ok()?;
    log.lock().expect("a log").push(format!("{wanted}:{}", u16::from_be_bytes(two)));
    let server = TcpStream::connect(("127.0.0.1", target)).ok()?;
    client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).ok()?;
    relay(client, server)
}

fn relay(client: TcpStream, server: TcpStream) -> Option<()> {
    let (mut from, mut to) = (client.try_clone().ok()?, server.try_clone().ok()?);
    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
    let (mut from, mut to) = (server, client);
    std::io::copy(&mut from, &mut to).ok()?;
    Some(())
}
