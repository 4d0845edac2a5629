//! What may stand without quotes, by the kind of file.

/// How a file writes values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// A programming language: literals are quoted.
    Code,
    /// `name = value` to the end of the line: properties, INI, dotenv, YAML.
    Lines,
    /// Shell scripts, build files, documents and what has no known ending: a bare value is one word.
    Words,
}

/// By the path's ending.
pub fn of(path: &str) -> Syntax {
    const CODE: &[&str] = &[
        "py", "pyi", "rb", "js", "jsx", "mjs", "cjs", "ts", "tsx", "vue", "svelte", "go", "rs", "java", "kt", "kts",
        "scala", "c", "h", "cc", "cpp", "cxx", "hpp", "cs", "fs", "vb", "php", "pl", "pm", "swift", "m", "mm", "dart",
        "lua", "ex", "exs", "erl", "hs", "ml", "clj", "groovy", "gradle", "r", "jl", "sol", "sql", "proto", "json",
        "json5", "jsonc", "ipynb", "graphql", "css", "scss", "less", "html", "htm", "aspx", "cshtml", "erb", "coffee",
        "zig", "nim", "cr", "elm", "tsv", "csv",
    ];
    const LINES: &[&str] = &[
        "properties",
        "ini",
        "cfg",
        "conf",
        "cnf",
        "env",
        "yml",
        "yaml",
        "toml",
        "config",
        "prefs",
        "desktop",
        "service",
    ];
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    if name.starts_with(".env") || LINES.contains(&ending.as_str()) {
        Syntax::Lines
    } else if CODE.contains(&ending.as_str()) {
        Syntax::Code
    } else {
        Syntax::Words
    }
}
