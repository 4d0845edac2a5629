//! Macaroons: PyPI's tokens, and any other in the two binary forms. Caveats only narrow, so the earliest bound wins.

use serde_json::Value;

use super::binary::Reader;
use super::{base64, from, instant, unix};
use crate::finding::{Ends, Evidence};

/// Fields of version 2.
const V2_IDENTIFIER: u8 = 2;

/// Reads a macaroon with or without PyPI's prefix.
pub fn read(text: &str) -> Option<Evidence> {
    let pypi = text.strip_prefix("pypi-");
    if pypi.is_none() && text.len() < 40 {
        return None;
    }
    let bytes = base64(pypi.unwrap_or(text))?;
    let caveats = if bytes.first() == Some(&2) { version_2(&bytes[1..])? } else { version_1(&bytes)? };
    let mut evidence = from("macaroon");
    for caveat in &caveats {
        narrow(&mut evidence, caveat);
    }
    // The same class can carry an end, and this one does not.
    if pypi.is_some() && evidence.expires.is_none() {
        evidence.expires = Some(Ends::Never);
    }
    (pypi.is_some() || evidence.expires.is_some()).then_some(evidence)
}

/// Sections of fields: location, identifier, then one section for each caveat.
fn version_2(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut reader = Reader(bytes);
    let mut caveats = Vec::new();
    let mut sections = 0;
    while let Some(field) = reader.byte() {
        if field == 0 {
            sections += 1;
            continue;
        }
        let length = reader.varint()?;
        let value = reader.take(length)?;
        if field == V2_IDENTIFIER && sections > 0 {
            caveats.push(value.to_vec());
        }
    }
    (sections > 0).then_some(caveats)
}

/// Packets: four hexadecimal digits of length, a key, a space, a value and a line feed.
fn version_1(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut reader = Reader(bytes);
    let mut caveats = Vec::new();
    let mut packets = 0;
    while !reader.0.is_empty() {
        let digits = std::str::from_utf8(reader.take(4)?).ok()?;
        let length = usize::from_str_radix(digits, 16).ok()?;
        let packet = reader.take(length.checked_sub(4)?)?;
        packets += 1;
        if let Some(value) = packet.strip_prefix(b"cid ") {
            caveats.push(value.strip_suffix(b"\n").unwrap_or(value).to_vec());
        }
    }
    (packets >= 3).then_some(caveats)
}

fn narrow(evidence: &mut Evidence, caveat: &[u8]) {
    let Ok(text) = std::str::from_utf8(caveat) else { return };
    if let Some(rest) = text.strip_prefix("time-before ").or_else(|| text.strip_prefix("time < ")) {
        end(evidence, instant(rest));
        return;
    }
    let Ok(Value::Array(parts)) = serde_json::from_str(text) else { return };
    match parts.first().and_then(Value::as_i64) {
        Some(0) => {
            end(evidence, parts.get(1).and_then(Value::as_f64).and_then(unix));
            evidence.not_before = parts.get(2).and_then(Value::as_f64).and_then(unix);
        }
        Some(1) => {
            let projects = parts.get(1).and_then(Value::as_array).into_iter().flatten();
            evidence.scopes.extend(projects.filter_map(Value::as_str).map(|name| format!("project:{name}")));
        }
        _ => {}
    }
}

fn end(evidence: &mut Evidence, time: Option<chrono::DateTime<chrono::Utc>>) {
    let Some(time) = time else { return };
    evidence.expires = match evidence.expires {
        Some(Ends::At(known)) => Some(Ends::At(known.min(time))),
        _ => Some(Ends::At(time)),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assembled(caveats: &[&str]) -> String {
        let mut bytes = vec![2];
        let mut field = |kind: u8, value: &str| {
            bytes.push(kind);
            bytes.push(u8::try_from(value.len()).unwrap());
            bytes.extend(value.as_bytes());
        };
        field(1, "pypi.org");
        field(2, "0b0e");
        let mut text = std::mem::take(&mut bytes);
        text.push(0);
        for caveat in caveats {
            text.extend([2, u8::try_from(caveat.len()).unwrap()]);
            text.extend(caveat.as_bytes());
            text.push(0);
        }
        text.push(0);
        format!("{}{}", "pypi-", data_encoding::BASE64URL_NOPAD.encode(&text))
    }

    #[test]
    fn the_earliest_bound_wins() {
        let token = assembled(&["[0, 1773500966, 1773400000]", "time-before 2027-01-01T00:00:00Z", r#"[1, ["demo"]]"#]);
        let evidence = read(&token).expect("a macaroon");
        assert_eq!(evidence.expires, unix(1_773_500_966.0).map(Ends::At));
        assert_eq!(evidence.scopes, ["project:demo"]);
    }

    #[test]
    fn a_token_without_a_bound_states_no_end() {
        assert_eq!(read(&assembled(&[])).and_then(|evidence| evidence.expires), Some(Ends::Never));
    }
}
