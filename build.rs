//! Reads `rules/*.toml` with the same reader that reads the user's rule files, proves their keywords, and stores them so
//! that starting up parses no TOML. A mistake in a built-in rule stops the build and is shown in its file.

#[path = "src/rule/definition.rs"]
#[allow(dead_code)]
mod definition;
#[path = "src/diagnostic/mod.rs"]
#[allow(dead_code)]
mod diagnostic;
#[path = "src/rule/implication.rs"]
mod implication;
#[path = "src/rule/outline.rs"]
#[allow(dead_code)]
mod outline;
#[path = "src/rule/parse/mod.rs"]
#[allow(dead_code)]
mod parse;
#[path = "src/finding/rating.rs"]
#[allow(dead_code)]
mod rating;
#[path = "src/toml_reader.rs"]
#[allow(dead_code)]
mod toml_reader;
mod finding {
    pub use crate::rating::{Confidence, Severity};
}
mod rule {
    pub(crate) use crate::definition;
    pub(crate) use crate::outline::Outline;
}

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use definition::{Definition, Examples};
use diagnostic::{Problem, Problems, SourceText};
use outline::Outline;
use regex_automata::nfa::thompson::NFA;

#[allow(clippy::print_stderr, clippy::disallowed_methods, reason = "a build script talks to cargo")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    let mut files = Vec::new();
    for path in rule_files(Path::new("rules"))? {
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path)?;
        let (rules, problems) = parse::parse(&text);
        files.push((path, text, rules, problems));
    }
    let ids: Vec<String> =
        files.iter().flat_map(|(_, _, rules, _)| rules).map(|parsed| parsed.definition.id.clone()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut definitions: Vec<Definition> = Vec::new();
    let mut examples: Vec<Examples> = Vec::new();
    for (path, text, rules, mut problems) in files {
        problems.extend(parse::unknown_parts(&rules, &ids));
        for mut parsed in rules {
            if problems.is_empty() && !parsed.definition.pattern.is_empty() && !proven(&mut parsed.definition)? {
                let message = "a match of `pattern` can do without any of the `keywords`";
                problems.push(Problem::new(parsed.pattern_span.clone(), message));
            }
            definitions.push(parsed.definition);
            examples.push(parsed.examples);
        }
        if !problems.is_empty() {
            let source = SourceText { path: path.display().to_string(), text };
            eprintln!("{}", Problems { source, list: problems });
            return Err(format!("{} has mistakes", path.display()).into());
        }
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    fs::write(out.join("rules.bin"), postcard::to_stdvec(&definitions)?)?;
    fs::write(out.join("examples.bin"), postcard::to_stdvec(&examples)?)?;
    Ok(())
}

fn rule_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A rule without keywords must begin with digits in base64 or name the few files that it searches whole.
fn proven(definition: &mut Definition) -> Result<bool, Box<dyn Error>> {
    definition.outline = Outline::of(&definition.pattern)?;
    if definition.keywords.is_empty() {
        return Ok(definition.outline.numbered || !definition.paths.is_empty());
    }
    let syntax = regex_automata::util::syntax::Config::new().unicode(false).utf8(false);
    let nfa = NFA::compiler().syntax(syntax).build(&definition.pattern)?;
    definition.outline.begins = implication::begins(&nfa, &definition.keywords);
    Ok(implication::implies(&nfa, &definition.keywords))
}
