//! Signed URLs and shared access signatures: the dates stand in the query.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{base64, from, instant, unix};
use crate::finding::{Ends, Evidence};

/// Reads a signed URL, or the query of one.
pub fn read(text: &str) -> Option<Evidence> {
    let text = text.replace("&#x26;", "&").replace("&amp;", "&");
    let body = text.strip_prefix("SharedAccessSignature ").unwrap_or(&text);
    let query = body.split_once('?').map_or(body, |(_, query)| query);
    let fields: Fields = query
        .split(['&', ' '])
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), percent_decoded(value)))
        .collect();
    let readers: [Reader; 7] = [azure_storage, service_bus, sigv4, google, cloudfront, tencent, expires_field];
    readers.iter().find_map(|reader| reader(&fields))
}

type Fields = HashMap<String, String>;
/// Reads one vendor's fields.
type Reader = fn(&Fields) -> Option<Evidence>;

fn azure_storage(fields: &Fields) -> Option<Evidence> {
    let signature = fields.contains_key("sig") && fields.contains_key("sv");
    if !signature {
        return None;
    }
    let mut evidence = from("sas");
    evidence.created = fields.get("st").and_then(|text| instant(text));
    // `si` names a stored policy on the server, which may hold the end.
    evidence.expires = match fields.get("se") {
        Some(text) => instant(text).map(Ends::At),
        None => None,
    };
    evidence.scopes = fields.get("sp").map(|rights| rights.chars().map(String::from).collect()).unwrap_or_default();
    if let Some(protocol) =
        fields.get("spr").filter(|protocol| protocol.contains("http,") || protocol.contains(",http"))
    {
        evidence.identifiers.push(("sas-protocol", protocol.clone()));
    }
    Some(evidence)
}

fn service_bus(fields: &Fields) -> Option<Evidence> {
    if !(fields.contains_key("sr") && fields.contains_key("sig")) {
        return None;
    }
    let mut evidence = from("sas");
    evidence.expires = unix(fields.get("se")?.parse().ok()?).map(Ends::At);
    evidence.scopes = fields.get("skn").cloned().into_iter().collect();
    Some(evidence)
}

fn sigv4(fields: &Fields) -> Option<Evidence> {
    signed("presigned", fields.get("X-Amz-Date")?, fields.get("X-Amz-Expires"))
}

fn google(fields: &Fields) -> Option<Evidence> {
    signed("presigned", fields.get("X-Goog-Date")?, fields.get("X-Goog-Expires"))
}

fn signed(source: &'static str, date: &str, seconds: Option<&String>) -> Option<Evidence> {
    let created: DateTime<Utc> = instant(date)?;
    let mut evidence = from(source);
    evidence.created = Some(created);
    evidence.expires = seconds
        .and_then(|text| text.parse().ok())
        .and_then(TimeDelta::try_seconds)
        .and_then(|length| created.checked_add_signed(length))
        .map(Ends::At);
    Some(evidence)
}

fn cloudfront(fields: &Fields) -> Option<Evidence> {
    fields.get("Key-Pair-Id")?;
    let mut evidence = from("presigned");
    let end = match fields.get("Policy") {
        Some(policy) => {
            let text = policy.replace('-', "+").replace('_', "=").replace('~', "/");
            let policy: serde_json::Value = serde_json::from_slice(&base64(&text)?).ok()?;
            policy.pointer("/Statement/0/Condition/DateLessThan/AWS:EpochTime")?.as_f64()?
        }
        None => fields.get("Expires")?.parse().ok()?,
    };
    evidence.expires = unix(end).map(Ends::At);
    Some(evidence)
}

fn tencent(fields: &Fields) -> Option<Evidence> {
    let (start, end) = fields.get("q-sign-time")?.split_once(';')?;
    let mut evidence = from("presigned");
    evidence.created = unix(start.parse().ok()?);
    evidence.expires = unix(end.parse().ok()?).map(Ends::At);
    Some(evidence)
}

/// `Expires=<Unix time>` beside a signature: AWS version 2, Google version 2, Alibaba OSS.
fn expires_field(fields: &Fields) -> Option<Evidence> {
    fields.get("Signature")?;
    let mut evidence = from("presigned");
    evidence.expires = unix(fields.get("Expires")?.parse().ok()?).map(Ends::At);
    Some(evidence)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|pair| data_encoding::HEXUPPER_PERMISSIVE.decode(pair).ok());
        match hex {
            Some(decoded) if byte == b'%' => {
                bytes.extend(decoded);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
