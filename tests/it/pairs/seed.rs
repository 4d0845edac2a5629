//! The document that started the project, in its own words where they matter: it must stay silent.

use keyrot::finding::Severity;

use super::scan;

#[test]
fn the_documented_example_is_silent() {
    let text = "If your **API key** has the value *h12shadjada:13ehjhj1b3j* then the value for the **user** is *h12shadjada* \
                and the value for the **pass** is *13ehjhj1b3j*.\nSee https://workspace.alphamoon.ai\n\
                <img src=\"https://files.gitbook.io/o/x.png?alt=media&#x26;token=7bd95753-af41-4ac7-9200-e4f01a4a1523\">\n\
                curl -u \"API_KEY\" https://workspace.alphamoon.ai/api/v0.3/processes\n\
                Authorization: Basic API_KEY_BASE64_ENCODED\nALPHAMOON_API_KEY=your_api_key_here\n";
    let found = scan("docs/generating-new-api-key.md", text);
    assert!(found.iter().all(|one| one.severity == Severity::Info), "{found:#?}");
}
