//! zip, with members that are packed in any of the ways of its specification: Deflate, Deflate64, Bzip2, Zstandard, LZMA, xz
//! and `PPMd`. A header may claim any amount of memory for a decoder: what it claims is looked at first.

use std::io::{BufReader, Read};

use ::zip::CompressionMethod as Method;
use ::zip::ZipArchive;
use ::zip::result::ZipError;

use super::{DECODER_MEMORY, Failure, Member, ReadSeek, Visit, proceed, show_comments, shown, xz};

type Archive<'r> = ZipArchive<BufReader<&'r mut dyn ReadSeek>>;

pub(super) fn walk(reader: &mut dyn ReadSeek, visit: &mut Visit<'_>) -> Result<(), Failure> {
    let mut archive = ZipArchive::new(BufReader::new(reader)).map_err(failure)?;
    let mut comments = archive.comment().to_vec();
    for index in 0..archive.len() {
        let name = archive
            .name_for_index(index)
            .and_then(Result::ok)
            .map_or_else(|| index.to_string(), std::borrow::Cow::into_owned);
        if !name.ends_with('/') {
            proceed(member(&mut archive, index, shown(name.as_bytes()), &mut comments, visit)?)?;
        }
    }
    show_comments(&comments, visit)
}

fn failure(error: ZipError) -> Failure {
    match error {
        ZipError::UnsupportedArchive(text) if text == ZipError::PASSWORD_REQUIRED => Failure::Encrypted,
        other => Failure::Damaged(other.to_string().to_lowercase()),
    }
}

/// Shows one member; whether there is to be a next one.
fn member(
    archive: &mut Archive<'_>,
    index: usize,
    name: String,
    comments: &mut Vec<u8>,
    visit: &mut Visit<'_>,
) -> Result<bool, Failure> {
    let content = match packing(archive, index, comments) {
        Ok(Packing::Xz) => {
            let raw = archive.by_index_raw(index).map_err(failure)?;
            return Ok(visit(Member { name, content: Ok(&mut xz(raw)?) }));
        }
        Ok(Packing::Other) => archive.by_index(index).map_err(failure),
        Err(refused) => Err(refused),
    };
    Ok(match content {
        Ok(mut file) => visit(Member { name, content: Ok(&mut file) }),
        Err(error) => visit(Member { name, content: Err(error) }),
    })
}

/// Who unpacks a member.
enum Packing {
    /// The decoder of xz files, which keeps to a bound.
    Xz,
    /// The one of zip.
    Other,
}

/// Who unpacks the member; its comment is added to the others.
fn packing(archive: &mut Archive<'_>, index: usize, comments: &mut Vec<u8>) -> Result<Packing, Failure> {
    let mut raw = archive.by_index_raw(index).map_err(failure)?;
    if !raw.comment_raw().is_empty() {
        comments.push(b'\n');
        comments.extend_from_slice(raw.comment_raw());
    }
    let memory = match raw.compression() {
        // What it tells of an encrypted member it says itself.
        _ if raw.encrypted() => 0,
        Method::XZ => return Ok(Packing::Xz),
        Method::LZMA => {
            let mut head = [0; 9];
            raw.read_exact(&mut head)?;
            u32::from_le_bytes([head[5], head[6], head[7], head[8]]) >> 10
        }
        Method::PPMD => {
            let mut head = [0; 2];
            raw.read_exact(&mut head)?;
            (u32::from(u16::from_le_bytes(head) >> 4 & 0xff) + 1) << 10
        }
        _ => 0,
    };
    if memory as usize > DECODER_MEMORY {
        return Err(Failure::Damaged(format!("its decoder asks for {} mib of memory", memory >> 10)));
    }
    Ok(Packing::Other)
}
