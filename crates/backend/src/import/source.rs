//! Where a file comes from: the disk, or the hands of somebody who sent it whole.

use super::ImportError;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const CHUNK: usize = 64 << 10;

/// A file to be read.
#[derive(Clone, Debug)]
pub enum Source {
    /// On the disk.
    File(PathBuf),
    /// In memory.
    Bytes {
        /// Its name.
        name: String,
        /// Its bytes.
        bytes: Arc<[u8]>,
    },
}

/// What a workbook is read from.
pub(super) trait Input: Read + Seek {}
impl<T: Read + Seek> Input for T {}

impl Source {
    /// The file's name, as problems tell it.
    pub(super) fn name(&self) -> String {
        match self {
            Source::File(path) => path.file_name().map_or_else(
                || path.display().to_string(),
                |name| name.to_string_lossy().into_owned(),
            ),
            Source::Bytes { name, .. } => name.clone(),
        }
    }

    /// Whether its name says that it is packed.
    pub(super) fn packed(&self) -> bool {
        let name = self.name();
        let ext = Path::new(&name).extension();
        ext.is_some_and(|ext| ext.eq_ignore_ascii_case("gz"))
    }

    /// Opens it, and says how many bytes it has.
    pub(super) fn open(&self) -> Result<(Box<dyn Input>, u64), ImportError> {
        match self {
            Source::File(path) => {
                let opened = File::open(path).and_then(|file| {
                    let length = file.metadata()?.len();
                    Ok((file, length))
                });
                let (file, length) = opened.map_err(|error| self.failed(error))?;
                Ok((Box::new(BufReader::with_capacity(CHUNK, file)), length))
            }
            Source::Bytes { bytes, .. } => {
                Ok((Box::new(Cursor::new(Arc::clone(bytes))), bytes.len() as u64))
            }
        }
    }

    /// What the system said while it was read.
    pub(super) fn failed(&self, source: io::Error) -> ImportError {
        ImportError::File {
            path: match self {
                Source::File(path) => path.clone(),
                Source::Bytes { name, .. } => PathBuf::from(name),
            },
            source,
        }
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Source {
        Source::File(path)
    }
}
