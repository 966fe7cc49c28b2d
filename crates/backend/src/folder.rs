//! The backend's folder: one database, the backend's identity, the vault's key, the wallet file. The identity holds
//! the key that signs everything the backend says; it is made once and never replaced in silence,
//! because terminals have pinned it.

use crate::store::StoreError;
use crate::store::sqlite::SqliteStore;
use crate::vault::Vault;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::CompanyId;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use wire::{Env, Keypair};

const DATABASE: &str = "backend.db";
const IDENTITY: &str = "identity.json";
const WALLET: &str = "wallet.json";
const VAULT: &str = "vault.key";
const LOCK: &str = "lock";

/// Why the folder can't be used. No file of it was changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Not writable, or no folder.
    #[error("{} can't be used: {source}; check its rights and the disk's space, or choose another \
             folder with --data", path.display())]
    Unusable {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another backend works in it.
    #[error("{} is in use by another backend; stop that one first", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A database without its identity.
    #[error("{} is missing beside a database; restore it from a backup: terminals trust no other \
             key", path.display())]
    NoIdentity {
        /// The file.
        path: PathBuf,
    },
    /// The identity can't be read.
    #[error("{} is damaged; restore it from a backup: terminals trust no other key", path.display())]
    BadIdentity {
        /// The file.
        path: PathBuf,
    },
    /// The database can't be opened.
    #[error("{} can't be opened: {source}; it was left as it is: restore it from a backup, or move \
             the folder away and begin anew", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: StoreError,
    },
}

/// A backend's folder, held by this process until the value goes.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: Option<File>,
}

#[derive(Serialize, Deserialize)]
struct Identity {
    company: CompanyId,
    /// Secret half of the backend's key, base64url.
    key: String,
}

impl Folder {
    /// Takes the folder for a program that serves from it; makes it if need be.
    ///
    /// # Errors
    /// [`FolderError::Unusable`], [`FolderError::InUse`].
    pub fn take(path: &Path) -> Result<Folder, FolderError> {
        let unusable = |path: &Path| {
            let path = path.to_owned();
            move |source| FolderError::Unusable { path, source }
        };
        make_private(path).map_err(unusable(path))?;
        let file = path.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&file)
            .map_err(unusable(&file))?;
        match lock.try_lock() {
            Ok(()) => Ok(Folder {
                path: path.to_owned(),
                _lock: Some(lock),
            }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(FolderError::Unusable { path: file, source }),
        }
    }

    /// The folder of a backend that may be running: for short acts beside it.
    ///
    /// # Errors
    /// [`FolderError::NoIdentity`] when no backend was ever started here.
    pub fn beside(path: &Path) -> Result<Folder, FolderError> {
        let identity = path.join(IDENTITY);
        if !identity.is_file() {
            return Err(FolderError::NoIdentity { path: identity });
        }
        Ok(Folder {
            path: path.to_owned(),
            _lock: None,
        })
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The file of merchant accounts, if there is one.
    pub fn wallet(&self) -> Option<PathBuf> {
        Some(self.path.join(WALLET)).filter(|path| path.is_file())
    }

    /// The vault of merchant keys; its key is made at the first start, in a file of its own.
    ///
    /// # Errors
    /// [`FolderError::Unusable`] when the file can't be made or read, or is not 32 bytes.
    pub fn vault(&self, env: &dyn Env) -> Result<Vault, FolderError> {
        let path = self.path.join(VAULT);
        let unusable = |source| FolderError::Unusable {
            path: path.clone(),
            source,
        };
        match fs::read(&path) {
            Ok(key) => match <[u8; 32]>::try_from(key) {
                Ok(key) => Ok(Vault::new(key)),
                Err(_) => Err(unusable(io::Error::other(
                    "it is not a vault key; restore it from a backup",
                ))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut key = [0u8; 32];
                env.random(&mut key);
                self.write_private(&path, &key).map_err(unusable)?;
                Ok(Vault::new(key))
            }
            Err(source) => Err(unusable(source)),
        }
    }

    /// Opens the database and brings it to this program's schema.
    ///
    /// # Errors
    /// [`FolderError::Database`].
    pub fn open_store(&self) -> Result<SqliteStore, FolderError> {
        let path = self.database();
        SqliteStore::open(&path).map_err(|source| FolderError::Database { path, source })
    }

    /// The company and the backend's key; made at the first start.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn identity(&self, env: &dyn Env) -> Result<(CompanyId, Keypair), FolderError> {
        let path = self.path.join(IDENTITY);
        match fs::read(&path) {
            Ok(text) => read_identity(&text).ok_or(FolderError::BadIdentity { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if self.database().exists() {
                    return Err(FolderError::NoIdentity { path });
                }
                let mut seed = [0u8; 32];
                env.random(&mut seed);
                let identity = Identity {
                    company: CompanyId(env.uuid()),
                    key: URL_SAFE_NO_PAD.encode(seed),
                };
                serde_json::to_vec_pretty(&identity)
                    .map_err(io::Error::from)
                    .and_then(|text| self.write_private(&path, &text))
                    .map_err(|source| FolderError::Unusable { path, source })?;
                Ok((identity.company, Keypair::from_seed(seed)))
            }
            Err(source) => Err(FolderError::Unusable { path, source }),
        }
    }

    /// On disk in whole before it is used: a key that terminals pinned must not be lost to a crash.
    fn write_private(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let part = path.with_extension("part");
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)?;
        #[cfg(unix)]
        File::open(&self.path)?.sync_all()?;
        Ok(())
    }
}

/// Makes the folder, for nobody else's eyes: keys, verifiers and receipt codes are in it.
fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn read_identity(text: &[u8]) -> Option<(CompanyId, Keypair)> {
    let identity: Identity = serde_json::from_slice(text).ok()?;
    let seed: [u8; 32] = URL_SAFE_NO_PAD.decode(identity.key).ok()?.try_into().ok()?;
    Some((identity.company, Keypair::from_seed(seed)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::SystemEnv;

    #[test]
    fn an_identity_is_made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::take(&dir.path().join("new/backend")).unwrap();
        let env = SystemEnv::new();
        let (company, key) = folder.identity(&env).unwrap();
        let (again, same) = folder.identity(&env).unwrap();
        assert_eq!((company, key.public()), (again, same.public()));
    }

    #[test]
    fn a_second_backend_is_turned_away_and_a_look_beside_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let first = Folder::take(dir.path()).unwrap();
        assert!(matches!(
            Folder::take(dir.path()),
            Err(FolderError::InUse { .. })
        ));
        assert!(matches!(
            Folder::beside(dir.path()),
            Err(FolderError::NoIdentity { .. })
        ));
        first.identity(&SystemEnv::new()).unwrap();
        assert!(Folder::beside(dir.path()).is_ok());
        drop(first);
        assert!(Folder::take(dir.path()).is_ok());
    }

    #[test]
    fn a_damaged_file_is_named_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::take(dir.path()).unwrap();
        fs::write(folder.database(), "no database").unwrap();
        assert!(matches!(
            folder.identity(&SystemEnv::new()),
            Err(FolderError::NoIdentity { .. })
        ));
        let told = folder.open_store().unwrap_err().to_string();
        assert!(
            told.contains("backend.db") && told.contains("backup"),
            "{told}"
        );
        assert_eq!(fs::read(folder.database()).unwrap(), b"no database");
        fs::write(dir.path().join(IDENTITY), "{}").unwrap();
        assert!(matches!(
            folder.identity(&SystemEnv::new()),
            Err(FolderError::BadIdentity { .. })
        ));
    }
}
