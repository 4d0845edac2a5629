//! Containers, told by their content and never by their name, and the members in them.
//!
//! A reader here trusts nothing that a header says: sizes only bound what is read, names are shown and never opened, and
//! nothing is written to disk. What a container costs is counted by the caller's budget on every byte it reads.

mod ar;
mod asar;
pub mod constants;
mod cpio;
mod pdf;
mod rpm;
mod sqlite;
pub mod strings;
mod zip;

use std::io::{self, Read, Seek, SeekFrom};

/// A kind of container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// zip and everything made of it: jar, whl, docx, apk, nupkg.
    Zip,
    /// 7z.
    SevenZip,
    /// A tar of any dialect.
    Tar,
    /// `ar`, such as deb.
    Ar,
    /// cpio, old and new.
    Cpio,
    /// An RPM package: headers before a compressed cpio.
    Rpm,
    /// Electron's archive.
    Asar,
    /// A `SQLite` database: tables are its members.
    Sqlite,
    /// A PDF: its text and its objects are its members.
    Pdf,
    /// gzip.
    Gzip,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// Zstandard.
    Zstd,
}

/// Something that can be read from any place.
pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// Where a container's bytes come from.
pub enum Input<'i> {
    /// From the start to the end, once.
    Stream(&'i mut dyn Read),
    /// From any place.
    Seek(&'i mut dyn ReadSeek),
}

/// Why a container could not be read to its end. What came before was scanned.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// It is damaged, or packed in a way that is not understood.
    Damaged(String),
    /// It asks for a password.
    Encrypted,
    /// A bound of this module was reached.
    Limit(String),
    /// The caller asked to stop.
    Stopped,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Damaged(error.to_string().to_lowercase())
    }
}

/// One member, as the visitor sees it. An empty name means that the member is the container itself, unpacked.
pub struct Member<'m> {
    /// Its path in the container.
    pub name: String,
    /// Its bytes, or why they cannot be had.
    pub content: Result<&'m mut dyn Read, Failure>,
}

/// Sees each member; false ends the walk.
pub type Visit<'v> = dyn FnMut(Member<'_>) -> bool + 'v;

impl Kind {
    /// Tells a container by its first bytes.
    pub fn of(head: &[u8]) -> Option<Self> {
        Some(match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, ..] => Self::SevenZip,
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..] => Self::Bzip2,
            // The old form of xz has no magic: usual properties, and a length that is not known.
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..]
            | [0x5d, 0, 0, _, _, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ..] => Self::Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [0xed, 0xab, 0xee, 0xdb, ..] => Self::Rpm,
            _ if head.starts_with(b"!<arch>\n") => Self::Ar,
            _ if [b"070701", b"070702", b"070707"].iter().any(|magic| head.starts_with(*magic))
                && cpio::is_header(head) =>
            {
                Self::Cpio
            }
            [0xc7, 0x71, ..] | [0x71, 0xc7, ..] if cpio::is_old_header(head) => Self::Cpio,
            _ if head.starts_with(b"SQLite format 3\0") => Self::Sqlite,
            _ if head.starts_with(pdf::HEAD) => Self::Pdf,
            [4, 0, 0, 0, _, _, _, 0, ..] if head.get(16..25) == Some(br#"{"files":"#) => Self::Asar,
            _ if is_tar(head) => Self::Tar,
            _ => return None,
        })
    }

    /// Whether it must be read from any place.
    pub fn seeks(self) -> bool {
        matches!(self, Self::Zip | Self::SevenZip | Self::Asar | Self::Sqlite | Self::Pdf)
    }

    /// Whether it holds one file and no name.
    pub fn is_coat(self) -> bool {
        matches!(self, Self::Gzip | Self::Bzip2 | Self::Xz | Self::Zstd)
    }

    /// Whether its members may be larger than what is stored of them.
    pub fn expands(self) -> bool {
        matches!(self, Self::Zip | Self::SevenZip | Self::Gzip | Self::Bzip2 | Self::Xz | Self::Zstd)
    }
}

/// A first header whose checksum holds: the old tar has no magic.
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512).filter(|header| header[0] != 0) else { return false };
    let digits =
        header[148..156].iter().skip_while(|byte| **byte == b' ').take_while(|byte| matches!(byte, b'0'..=b'7'));
    let (mut stated, mut count) = (0_u64, 0);
    for digit in digits {
        stated = stated << 3 | u64::from(digit - b'0');
        count += 1;
    }
    let sum: u64 = header.iter().map(|&byte| u64::from(byte)).sum();
    let field: u64 = header[148..156].iter().map(|&byte| u64::from(byte)).sum();
    count > 0 && stated == sum - field + 8 * u64::from(b' ')
}

/// Shows every member of the container to `visit`, in stored order.
///
/// # Errors
/// It cannot be read to its end.
pub fn walk(kind: Kind, input: Input<'_>, visit: &mut Visit<'_>) -> Result<(), Failure> {
    match (kind, input) {
        (Kind::Zip, Input::Seek(reader)) => zip::walk(reader, visit),
        (Kind::SevenZip, Input::Seek(reader)) => walk_seven_zip(reader, visit),
        (Kind::Asar, Input::Seek(reader)) => asar::walk(reader, visit),
        (Kind::Sqlite, Input::Seek(reader)) => whole(reader, |bytes| sqlite::walk(bytes, visit)),
        (Kind::Pdf, Input::Seek(reader)) => whole(reader, |bytes| pdf::walk(bytes, visit)),
        (kind, Input::Seek(reader)) => walk_stream(kind, reader, visit),
        (kind, Input::Stream(reader)) => walk_stream(kind, reader, visit),
    }
}

fn walk_stream(kind: Kind, reader: &mut dyn Read, visit: &mut Visit<'_>) -> Result<(), Failure> {
    match kind {
        Kind::Gzip => walk_gzip(reader, visit),
        Kind::Bzip2 => coat(&mut bzip2::read::MultiBzDecoder::new(reader), visit),
        Kind::Xz => coat(&mut xz(reader)?, visit),
        Kind::Zstd => coat(&mut zstd::stream::read::Decoder::new(reader)?, visit),
        Kind::Tar => walk_tar(reader, visit),
        Kind::Ar => ar::walk(reader, visit),
        Kind::Cpio => cpio::walk(reader, visit),
        Kind::Rpm => rpm::walk(reader, visit),
        Kind::Zip | Kind::SevenZip | Kind::Asar | Kind::Sqlite | Kind::Pdf => {
            Err(Failure::Damaged("it cannot be read as a stream".to_owned()))
        }
    }
}

/// Unpacks xz and its old form.
fn xz<R: Read>(reader: R) -> Result<liblzma::read::XzDecoder<R>, Failure> {
    let memory = (DECODER_MEMORY << 10) as u64;
    let stream = liblzma::stream::Stream::new_auto_decoder(memory, liblzma::stream::CONCATENATED);
    Ok(liblzma::read::XzDecoder::new_stream(reader, stream.map_err(io::Error::from)?))
}

/// Largest database or document that is held in memory at once, in bytes.
pub const WHOLE: u64 = 64 << 20;

fn whole(reader: &mut dyn ReadSeek, read: impl FnOnce(&[u8]) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    reader.seek(SeekFrom::Start(0))?;
    (&mut *reader).take(WHOLE).read_to_end(&mut bytes)?;
    read(&bytes)?;
    if reader.read(&mut [0])? > 0 {
        return Err(Failure::Limit(format!("databases and documents are read up to {WHOLE} bytes")));
    }
    Ok(())
}

fn proceed(wanted: bool) -> Result<(), Failure> {
    if wanted { Ok(()) } else { Err(Failure::Stopped) }
}

/// Shows what a coat holds.
fn coat(reader: &mut dyn Read, visit: &mut Visit<'_>) -> Result<(), Failure> {
    proceed(visit(Member { name: String::new(), content: Ok(reader) }))
}

/// Shows what a gzip holds, then what its header says, where that is long enough to hold a key.
fn walk_gzip(reader: &mut dyn Read, visit: &mut Visit<'_>) -> Result<(), Failure> {
    let mut decoder = flate2::read::MultiGzDecoder::new(reader);
    coat(&mut decoder, visit)?;
    let header = decoder.header();
    let fields = [header.and_then(flate2::GzHeader::filename), header.and_then(flate2::GzHeader::comment)];
    show_comments(&fields.into_iter().flatten().collect::<Vec<_>>().join(&b'\n'), visit)
}

/// Shows what stands in a container beside its members.
fn show_comments(mut comments: &[u8], visit: &mut Visit<'_>) -> Result<(), Failure> {
    const SHORTEST: usize = 16;
    if comments.len() < SHORTEST {
        return Ok(());
    }
    proceed(visit(Member { name: "comments".to_owned(), content: Ok(&mut comments) }))
}

/// Memory that one decoder of xz, LZMA, `PPMd` or 7z may ask for, in KiB: a header may claim any dictionary.
const DECODER_MEMORY: usize = 128 << 10;

fn walk_seven_zip(reader: &mut dyn ReadSeek, visit: &mut Visit<'_>) -> Result<(), Failure> {
    use sevenz_rust2::{ArchiveReader, Error, Password};
    let failure = |error: Error| match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => Failure::Encrypted,
        Error::UnsupportedCompressionMethod(name) if name.starts_with("AES") => Failure::Encrypted,
        Error::Io(error, _) => Failure::from(error),
        other => Failure::Damaged(other.to_string().to_lowercase()),
    };
    let mut archive =
        ArchiveReader::new_with_memory_limit(reader, Password::empty(), DECODER_MEMORY).map_err(failure)?;
    archive.set_thread_count(1);
    let mut stopped = false;
    let walked = archive.for_each_entries(|entry, reader| {
        if !entry.is_directory() && !stopped {
            stopped = !visit(Member { name: shown(entry.name().as_bytes()), content: Ok(reader) });
        }
        Ok(!stopped)
    });
    proceed(!stopped)?;
    walked.map_err(failure)
}

fn walk_tar(reader: &mut dyn Read, visit: &mut Visit<'_>) -> Result<(), Failure> {
    let mut archive = tar::Archive::new(reader);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        let name = shown(&entry.path_bytes());
        if kind.is_gnu_sparse() {
            // Its holes cost nothing to store and may claim any size.
            let content = Err(Failure::Damaged("a sparse file is not expanded".to_owned()));
            proceed(visit(Member { name, content }))?;
        } else if kind.is_file() {
            proceed(visit(Member { name, content: Ok(&mut entry) }))?;
        }
    }
    Ok(())
}

/// A member's name as reports show it: bytes that are not UTF-8 and control characters are percent-encoded.
pub fn shown(name: &[u8]) -> String {
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() {
                let mut bytes = [0; 4];
                character.encode_utf8(&mut bytes).bytes().for_each(|byte| text.push_str(&format!("%{byte:02X}")));
            } else {
                text.push(character);
            }
        }
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("%{byte:02X}")));
    }
    text.strip_prefix("./").map(str::to_owned).unwrap_or(text)
}

/// Reads exactly `N` bytes.
fn array<const N: usize>(reader: &mut dyn Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Reads past `count` bytes.
fn pass(reader: &mut dyn Read, count: u64) -> io::Result<()> {
    io::copy(&mut reader.take(count), &mut io::sink()).map(|_| ())
}
