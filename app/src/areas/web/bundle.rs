//! The files of the web app, as Vite built them. A release build holds them; a debug build reads
//! the folder each time, so that it never serves yesterday's. Both compile without it.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use axum::http::{HeaderMap, HeaderValue, header};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

/// What was in `web/dist` when this was compiled.
#[derive(RustEmbed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct BuiltIn;

/// Where the files are.
#[derive(Clone, Debug)]
pub struct Bundle(Place);

#[derive(Clone, Debug)]
enum Place {
    BuiltIn,
    Folder(PathBuf),
}

/// A file as it goes out.
pub(super) struct File {
    /// Its bytes, packed as `encoding` says.
    pub(super) bytes: Cow<'static, [u8]>,
    /// How it is packed; none when it is as it was built.
    pub(super) encoding: Option<&'static str>,
    /// What the file is known by, however packed.
    pub(super) etag: HeaderValue,
    /// Its `Content-Type`.
    pub(super) kind: &'static str,
}

impl Bundle {
    /// The files of this build.
    #[must_use]
    pub fn built_in() -> Bundle {
        if cfg!(debug_assertions) {
            // Not by `RustEmbed`: it finds nothing in a folder that was made after compiling.
            return Bundle::of_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/../web/dist"));
        }
        Bundle(Place::BuiltIn)
    }

    /// The files of a folder, read each time.
    pub fn of_folder(folder: impl Into<PathBuf>) -> Bundle {
        Bundle(Place::Folder(folder.into()))
    }

    /// Whether there is an app at all.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.read("index.html").is_some()
    }

    /// A file by its path, packed in a way the client takes.
    pub(super) fn file(&self, path: &str, asked: &HeaderMap) -> Option<File> {
        // What only stands beside the files is none of them.
        if path.ends_with(".br") || path.ends_with(".gz") || path.starts_with('.') {
            return None;
        }
        let plain = self.read(path)?;
        let hash = format!("W/\"{:x}\"", Sha256::digest(&plain));
        let etag = hash.get(..19).unwrap_or_default().to_owned() + "\"";
        let packed = [("br", "br"), ("gzip", "gz")]
            .into_iter()
            .filter(|(name, _)| takes(asked, name))
            .find_map(|(name, end)| Some((name, self.read(&format!("{path}.{end}"))?)));
        let (encoding, bytes) = match packed {
            Some((name, bytes)) => (Some(name), bytes),
            None => (None, plain),
        };
        Some(File {
            bytes,
            encoding,
            etag: HeaderValue::try_from(etag).ok()?,
            kind: kind(path),
        })
    }

    fn read(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        match &self.0 {
            Place::BuiltIn => BuiltIn::get(path).map(|file| file.data),
            Place::Folder(folder) => {
                let path = Path::new(path);
                let inside = path
                    .components()
                    .all(|part| matches!(part, Component::Normal(_)));
                let bytes = inside.then(|| std::fs::read(folder.join(path)).ok())?;
                bytes.map(Cow::Owned)
            }
        }
    }
}

/// Whether a client takes this packing, and has not refused it by `q=0`.
fn takes(asked: &HeaderMap, packing: &str) -> bool {
    let values = asked.get_all(header::ACCEPT_ENCODING).iter();
    let mut offers = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    offers.any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(packing));
        let refused = parts
            .filter_map(|part| part.strip_prefix("q="))
            .any(|weight| weight.parse().is_ok_and(|weight: f32| weight == 0.0));
        named && !refused
    })
}

/// What a file is, by its name.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(
            header::ACCEPT_ENCODING,
            HeaderValue::from_str(value).unwrap(),
        )])
    }

    #[test]
    fn a_packing_is_taken_when_it_is_named_and_not_refused() {
        assert!(takes(&accepting("gzip, deflate, br"), "br"));
        assert!(takes(&accepting("GZIP;q=0.5"), "gzip"));
        assert!(!takes(&accepting("gzip, br;q=0"), "br"));
        assert!(!takes(&accepting("brotli"), "br"));
        assert!(!takes(&HeaderMap::new(), "gzip"));
    }
}
