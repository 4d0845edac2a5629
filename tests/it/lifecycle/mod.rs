//! The rotation audit through the command line.

mod demo;
mod inventory;
mod join;
mod rows;

use serde_json::Value;

use crate::sandbox::{Done, Sandbox};

const KEY: (&str, &str) = ("KEYROT_KEY", "a public key for demos and tests");
const LISTING: &str = r#"{"apiKeys":[
{"id":"5d0c1b2a3948576655443322110f0e0d","name":"invoices-prod-upload","orgId":"org_Inv3nted0Org0001","scopes":["workspace.file:upload"],"status":"Active","createdAt":"2026-09-01T08:00:00Z","exp":"2026-12-01T00:00:00Z"},
{"id":"77e0c1b2a3948576655443322110f0e0","name":"test","orgId":"org_Inv3nted0Org0001","scopes":["workspace.admin.api_key:manage"],"status":"Active","createdAt":"2026-01-01T08:00:00Z","exp":null}
]}"#;

fn findings(done: &Done) -> Vec<Value> {
    let report: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{}{}", done.stdout, done.stderr));
    report["findings"].as_array().unwrap().clone()
}

fn rules(done: &Done) -> Vec<String> {
    let mut rules: Vec<String> = findings(done).iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect();
    rules.sort();
    rules
}

fn aws_id() -> String {
    format!("{}{}", "AKIA", "RTX3GSDSVIAQEAYE")
}

fn aws_row(created: &str, status: &str) -> String {
    format!(
        "schema = 1\n[[key]]\nid = '{}'\nclass = 'aws-access-key-id'\nname = 'ci-deploy'\nowner = 'team-ci'\n\
         created = {created}\nrotated = 'never'\nexpires = 2027-01-01\nlast_used = 2026-11-20\nscopes = ['s3:GetObject']\n\
         service = 'deploy'\nenvironment = 'ci'\nstatus = '{status}'\n\
         [[key]]\nid = 'other'\nname = 'old-key'\ncreated = 2020-01-01\nexpires = 'never'\n",
        aws_id()
    )
}
