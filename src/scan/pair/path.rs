//! What a file's path says about how its text is written and what it is for.

/// How a text writes its literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Literals stand in quotes; a bare word is a name.
    Code,
    /// A bare word is a literal.
    Config,
    /// As configuration, with meaning in the indentation.
    Yaml,
    /// Sentences for people.
    Prose,
}

/// The syntax of a file by its path.
pub fn syntax(path: &str) -> Syntax {
    const CODE: &[&str] = &[
        "py", "pyi", "js", "jsx", "ts", "tsx", "mjs", "cjs", "vue", "svelte", "java", "kt", "kts", "scala", "groovy",
        "gradle", "go", "rs", "c", "h", "cc", "cpp", "hpp", "cs", "fs", "vb", "rb", "erb", "php", "pl", "pm", "swift",
        "m", "dart", "lua", "r", "ex", "exs", "erl", "hs", "clj", "ml", "jl", "tf", "tfvars", "hcl", "ps1", "psm1",
        "sql", "ipynb", "json", "jsp", "aspx", "cshtml", "razor", "haml", "slim", "coffee", "zig", "nim", "sol",
        "proto", "graphql", "css", "scss", "less", "jsonc", "json5", "har", "bzl", "pp",
    ];
    const PROSE: &[&str] = &[
        "md", "mdx", "markdown", "rst", "adoc", "asciidoc", "txt", "html", "htm", "tex", "org", "textile", "wiki",
        "log",
    ];
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    if matches!(ending.as_str(), "yml" | "yaml") {
        Syntax::Yaml
    } else if CODE.contains(&ending.as_str()) {
        Syntax::Code
    } else if PROSE.contains(&ending.as_str()) {
        Syntax::Prose
    } else {
        Syntax::Config
    }
}

/// A bundle of texts in one language: `login_zh_TW.properties`. The name is in lower case.
fn is_translation(name: &str) -> bool {
    let tail = name.strip_suffix(".properties").and_then(|stem| stem.rsplit_once('_')).map_or("", |(_, tail)| tail);
    tail.len() == 2 && tail.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Whether a file is there to show or to test something: what it holds is likely invented.
pub fn is_sample(path: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "test",
        "tests",
        "testing",
        "__tests__",
        "spec",
        "specs",
        "e2e",
        "fixtures",
        "fixture",
        "testdata",
        "test-data",
        "test_data",
        "mock",
        "mocks",
        "__mocks__",
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "demos",
        "doc",
        "docs",
        "documentation",
        "tutorial",
        "tutorials",
        "cassettes",
        "locales",
        "locale",
        "i18n",
        "l10n",
        "translations",
        "playground",
        "integration",
        "unit",
        "lang",
        "integration-tests",
        "molecule",
    ];
    const MARKS: &[&str] = &[
        "_test.",
        ".test.",
        ".spec.",
        "_spec.",
        "test_",
        ".example",
        ".sample",
        ".template",
        ".dist",
        "-example",
        "-sample",
        ".stories.",
    ];
    let path = path.to_ascii_lowercase();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
    syntax(&path) == Syntax::Prose
        || is_translation(name)
        || folders
            .split('/')
            .any(|folder| FOLDERS.contains(&folder) || folder.ends_with("-tests") || folder.ends_with("test"))
        || MARKS.iter().any(|mark| name.contains(mark))
        || name.starts_with("test")
        || name
            .rsplit_once('.')
            .is_some_and(|(stem, _)| stem.ends_with("test") || stem.ends_with("tests") || stem.ends_with("testcase"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_and_syntax() {
        assert!(
            is_sample("a/tests/b.py")
                && is_sample("README.md")
                && is_sample(".env.example")
                && is_sample("src/FooTest.java")
                && is_sample("ui/login_zh_TW.properties")
        );
        assert!(!is_sample("src/app/settings.py") && !is_sample(".env"));
        assert_eq!(syntax("a/values.yaml"), Syntax::Yaml);
        assert_eq!(syntax(".env"), Syntax::Config);
        assert_eq!(syntax("main.go"), Syntax::Code);
    }
}
