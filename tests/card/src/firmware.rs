//! The firmware on the parts that it asks for: where a PIN is checked, where long files are kept,
//! who computes RSA. On a real card these are the same crates over other hardware.

use opcard::{Card, Options};
use std::path::PathBuf;
use trussed::backend::{Backend, BackendId};
use trussed::platform::Platform;
use trussed::serde_extensions::{ExtensionDispatch, ExtensionId, ExtensionImpl};
use trussed::service::ServiceResources;
use trussed::types::Context;
use trussed::virt::{self, Client, StorageConfig, StoreConfig};
use trussed_auth::AuthExtension;
use trussed_auth_backend::{AuthBackend, AuthContext, FilesystemLayout};
use trussed_chunked::ChunkedExtension;
use trussed_core::Error;
use trussed_core::api::{Reply, Request, reply, request};
use trussed_core::types::{Bytes, Location};
use trussed_rsa_alloc::SoftwareRsa;
use trussed_staging::{StagingBackend, StagingContext};
use trussed_wrap_key_to_file::WrapKeyToFileExtension;

/// Runs `body` with the card that lives in `file`.
pub fn with_card<R>(
    file: PathBuf,
    serial: u32,
    body: impl FnOnce(Card<Client<'_, Parts>>) -> R,
) -> R {
    let store = StoreConfig {
        internal: StorageConfig::filesystem(file),
        external: StorageConfig::ram(),
        volatile: StorageConfig::ram(),
    };
    let mut options = Options::default();
    options.serial = serial.to_be_bytes();
    options.storage = Location::Internal;
    options.button_available = false;
    virt::with_platform(store, |platform| {
        platform.run_client_with_backends("opcard", Parts::new(), ORDER, |client| {
            body(Card::new(client, options))
        })
    })
}

/// Who is asked, in this order, until one knows how.
const ORDER: &[BackendId<Part>] = &[
    BackendId::Custom(Part::Files),
    BackendId::Custom(Part::Pins),
    BackendId::Custom(Part::Rsa),
    BackendId::Core,
];

/// One part beside the core.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    /// Checks PINs and keeps what they unlock.
    Pins,
    /// Files in chunks, keys wrapped into files.
    Files,
    /// RSA.
    Rsa,
}

/// What the core does not know and a part does.
#[derive(Debug, Clone, Copy)]
pub enum Extension {
    /// PINs.
    Auth,
    /// Files in chunks.
    Chunked,
    /// Keys wrapped into files.
    WrapKey,
}

const EXTENSIONS: [Extension; 3] = [Extension::Auth, Extension::Chunked, Extension::WrapKey];

impl From<Extension> for u8 {
    fn from(extension: Extension) -> u8 {
        extension as u8
    }
}

impl TryFrom<u8> for Extension {
    type Error = Error;

    fn try_from(id: u8) -> Result<Self, Error> {
        EXTENSIONS.get(usize::from(id)).copied().ok_or(Error::InternalError)
    }
}

/// All parts of the card.
#[derive(Debug)]
pub struct Parts {
    pins: AuthBackend,
    files: StagingBackend,
}

/// What the parts remember of one client.
#[derive(Default)]
pub struct Remembered {
    pins: AuthContext,
    files: StagingContext,
}

impl Parts {
    fn new() -> Self {
        // Instead of a secret of the chip, a constant.
        let chip = Bytes::from(b"a card for tests");
        let pins = AuthBackend::with_hw_key(Location::Internal, chip, FilesystemLayout::V0);
        Self { pins, files: StagingBackend::new() }
    }
}

impl ExtensionDispatch for Parts {
    type BackendId = Part;
    type Context = Remembered;
    type ExtensionId = Extension;

    fn core_request<P: Platform>(
        &mut self,
        part: &Part,
        context: &mut Context<Remembered>,
        request: &Request,
        resources: &mut ServiceResources<P>,
    ) -> Result<Reply, Error> {
        let Context { core, backends, .. } = context;
        match part {
            Part::Pins => self.pins.request(core, &mut backends.pins, request, resources),
            Part::Files => self.files.request(core, &mut backends.files, request, resources),
            Part::Rsa => SoftwareRsa.request(core, &mut (), request, resources),
        }
    }

    fn extension_request<P: Platform>(
        &mut self,
        part: &Part,
        extension: &Extension,
        context: &mut Context<Remembered>,
        request: &request::SerdeExtension,
        resources: &mut ServiceResources<P>,
    ) -> Result<reply::SerdeExtension, Error> {
        let Context { core, backends, .. } = context;
        let Remembered { pins, files } = backends;
        match (part, extension) {
            (Part::Pins, Extension::Auth) => {
                self.pins.extension_request_serialized(core, pins, request, resources)
            }
            (Part::Files, Extension::Chunked) => {
                let staging = &mut self.files;
                ExtensionImpl::<ChunkedExtension>::extension_request_serialized(
                    staging, core, files, request, resources,
                )
            }
            (Part::Files, Extension::WrapKey) => {
                let staging = &mut self.files;
                ExtensionImpl::<WrapKeyToFileExtension>::extension_request_serialized(
                    staging, core, files, request, resources,
                )
            }
            (Part::Pins, Extension::Chunked | Extension::WrapKey)
            | (Part::Files, Extension::Auth)
            | (Part::Rsa, Extension::Auth | Extension::Chunked | Extension::WrapKey) => {
                Err(Error::RequestNotAvailable)
            }
        }
    }
}

impl ExtensionId<AuthExtension> for Parts {
    type Id = Extension;
    const ID: Extension = Extension::Auth;
}

impl ExtensionId<ChunkedExtension> for Parts {
    type Id = Extension;
    const ID: Extension = Extension::Chunked;
}

impl ExtensionId<WrapKeyToFileExtension> for Parts {
    type Id = Extension;
    const ID: Extension = Extension::WrapKey;
}
