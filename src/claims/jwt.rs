//! JSON Web Tokens (JWS compact form) and PASETO public tokens: `exp`, `iat`, `nbf`, scopes and identifiers.

use serde_json::{Map, Value};

use super::{base64, from, instant, unix};
use crate::finding::{Ends, Evidence};

/// Signature lengths of PASETO public tokens, by version.
const PASETO: [(&str, usize); 4] = [("v1.public.", 256), ("v2.public.", 64), ("v3.public.", 96), ("v4.public.", 64)];

/// Reads the claims. A token that is not about time at all (no JSON object inside) states nothing.
pub fn read(text: &str) -> Option<Evidence> {
    if let Some((prefix, signature)) = PASETO.iter().find(|(prefix, _)| text.starts_with(prefix)) {
        let body = base64(text[prefix.len()..].split('.').next()?)?;
        let claims: Map<String, Value> =
            serde_json::from_slice(body.get(..body.len().checked_sub(*signature)?)?).ok()?;
        return Some(evidence("paseto", &claims));
    }
    let start = text.find("eyJ")?;
    let mut parts = text[start..].split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    // Five parts are an encrypted token, whose claims are hidden.
    if parts.next().is_some() || signature.is_empty() {
        return None;
    }
    let header: Map<String, Value> = serde_json::from_slice(&base64(header)?).ok()?;
    let claims: Map<String, Value> = serde_json::from_slice(&base64(payload)?).ok()?;
    header.contains_key("alg").then(|| {
        let mut evidence = evidence("jwt", &claims);
        if let Some(kid) = header.get("kid").and_then(Value::as_str) {
            evidence.identifiers.push(("jwt-kid", kid.to_owned()));
        }
        evidence
    })
}

fn evidence(source: &'static str, claims: &Map<String, Value>) -> Evidence {
    let time = |name: &str| match claims.get(name)? {
        Value::Number(number) => unix(number.as_f64()?),
        Value::String(text) => instant(text),
        _ => None,
    };
    let mut evidence = from(source);
    evidence.created = time("iat");
    evidence.not_before = time("nbf");
    evidence.expires = match claims.get("exp") {
        Some(_) => time("exp").map(Ends::At),
        None => Some(Ends::Never),
    };
    if claims.get("exp").and_then(Value::as_f64).is_some_and(crate::date::is_finer_than_seconds) {
        evidence.source = Some("jwt with milliseconds where seconds are prescribed");
    }
    evidence.scopes = ["scope", "scp", "roles", "scopes"].iter().flat_map(|name| texts(claims.get(*name))).collect();
    if evidence.scopes.is_empty() && claims.get("role").and_then(Value::as_str) == Some("service_role") {
        evidence.scopes.push("service_role".to_owned());
    }
    for (kind, name) in [("jwt-id", "jti"), ("jwt-subject", "sub"), ("jwt-issuer", "iss")] {
        if let Some(value) = claims.get(name).and_then(Value::as_str) {
            evidence.identifiers.push((kind, value.to_owned()));
        }
    }
    if let Some(name) = kubernetes(claims) {
        evidence.identifiers.push(("kubernetes-secret", name));
    }
    evidence
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// `namespace/secret` of a legacy service-account token.
fn kubernetes(claims: &Map<String, Value>) -> Option<String> {
    let claim = |name: &str| claims.get(&format!("kubernetes.io/serviceaccount/{name}")).and_then(Value::as_str);
    Some(format!("{}/{}", claim("namespace")?, claim("secret.name")?))
}
