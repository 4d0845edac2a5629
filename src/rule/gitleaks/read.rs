//! The file as it is written: every field with its place, what is unknown listed.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Problem, Problems, SourceText};
use crate::toml_reader::{self, At, Table};

/// A value and where it is written: `path:line`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub place: String,
}

/// A whole configuration.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// What it builds on.
    pub extend: Extend,
    /// Its rules, in their order.
    pub rules: Vec<Rule>,
    /// Where no rule, or none of those that they target, finds anything.
    pub allowlists: Vec<Allowlist>,
    /// What was not read: its place and the reason.
    pub unread: Vec<Placed<String>>,
}

/// `[extend]`.
#[derive(Clone, Debug, Default)]
pub struct Extend {
    /// Whether the tool's built-in rules are wanted too.
    pub use_default: Option<Placed<bool>>,
    /// Another configuration; relative to where the tool is called.
    pub path: Option<Placed<String>>,
    /// Rules that are not inherited.
    pub disabled_rules: Vec<Placed<String>>,
}

/// `[[rules]]`.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id and where the rule stands.
    pub id: Placed<String>,
    /// What it finds, in words.
    pub description: Option<String>,
    /// Go's regular expression.
    pub regex: Option<Placed<String>>,
    /// Go's regular expression over paths.
    pub path: Option<Placed<String>>,
    /// The group that is the secret.
    pub secret_group: Option<usize>,
    /// Entropy that the secret exceeds, in bits per character.
    pub entropy: Option<f64>,
    /// Words of which one stands in the text.
    pub keywords: Vec<Placed<String>>,
    /// Free tags.
    pub tags: Vec<String>,
    /// Whether it only serves other rules.
    pub skip_report: bool,
    /// Where it finds nothing.
    pub allowlists: Vec<Allowlist>,
    /// What must stand near it.
    pub required: Vec<Required>,
}

/// `[[rules.required]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    /// The rule that must find something.
    pub id: Placed<String>,
    /// How many lines away at most.
    pub within_lines: Option<u32>,
    /// How many columns away at most.
    pub within_columns: Option<u32>,
}

/// `[[allowlists]]` or `[[rules.allowlists]]`, or the older form of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowlist {
    /// Where it stands.
    pub place: String,
    /// What it is for, in words.
    pub description: Option<String>,
    /// Whether all kinds of criteria must match, or one is enough.
    pub all: bool,
    /// Ids of commits.
    pub commits: Vec<String>,
    /// Go's regular expressions over paths.
    pub paths: Vec<Placed<String>>,
    /// What `regexes` look at: `secret`, `match` or `line`.
    pub regex_target: Option<String>,
    /// Go's regular expressions.
    pub regexes: Vec<Placed<String>>,
    /// Words in the secret.
    pub stopwords: Vec<String>,
    /// The only rules that it is for, of a list that stands outside of rules.
    pub target_rules: Vec<Placed<String>>,
}

/// Fields that mean something to the tools and nothing here, and why.
const NOT_HONOURED: &[(&str, &str)] = &[
    ("tokenEfficiency", "the measure of its tokenizer is not part of keyrot, whose own measures apply"),
    ("confidence", "keyrot judges itself how sure a finding is"),
    ("validate", "keyrot sends no secret anywhere"),
    ("validateRegex", "keyrot sends no secret anywhere"),
    ("filter", "expressions are not evaluated"),
    ("prefilter", "expressions are not evaluated"),
];

/// Reads a file.
///
/// # Errors
/// It is no TOML, or a field has another type than the format gives it.
pub fn read(source: SourceText) -> Result<Config, Problems> {
    let mut problems = Vec::new();
    let mut reader = Reader { source: Arc::new(source), unread: Vec::new() };
    let source = Arc::clone(&reader.source);
    let mut config = Config::default();
    if let Some(root) = toml_reader::parse(&source.text, &mut problems) {
        config = reader.config(Table::root(&root), &mut problems);
    }
    if problems.is_empty() {
        let unread = reader.unread.iter().map(|problem| {
            let hint = problem.hint.as_ref().map_or(String::new(), |hint| format!("; {hint}"));
            let value = format!("{}{hint}", problem.message);
            Placed { value, place: reader.place(&problem.span) }
        });
        config.unread = unread.collect();
        return Ok(config);
    }
    Err(Problems { source: (*source).clone(), list: problems })
}

impl Config {
    /// This configuration on top of the one that it extends: what it says wins, lists are added to.
    #[must_use]
    pub fn over(self, base: Self) -> Self {
        let disabled = |rule: &Rule| self.extend.disabled_rules.iter().any(|id| id.value == rule.id.value);
        let mut rules: Vec<Rule> = base.rules.into_iter().filter(|rule| !disabled(rule)).collect();
        for rule in self.rules {
            match rules.iter_mut().find(|one| one.id.value == rule.id.value) {
                Some(one) => *one = rule.over(one.clone()),
                None => rules.push(rule),
            }
        }
        let mut extend = Extend { path: None, ..self.extend };
        extend.use_default = extend.use_default.or(base.extend.use_default);
        extend.disabled_rules.extend(base.extend.disabled_rules);
        Self {
            extend,
            rules,
            allowlists: base.allowlists.into_iter().chain(self.allowlists).collect(),
            unread: base.unread.into_iter().chain(self.unread).collect(),
        }
    }
}

impl Rule {
    fn over(self, base: Self) -> Self {
        Self {
            id: self.id,
            description: self.description.or(base.description),
            regex: self.regex.or(base.regex),
            path: self.path.or(base.path),
            secret_group: self.secret_group.or(base.secret_group),
            entropy: self.entropy.or(base.entropy),
            keywords: base.keywords.into_iter().chain(self.keywords).collect(),
            tags: base.tags.into_iter().chain(self.tags).collect(),
            skip_report: self.skip_report || base.skip_report,
            allowlists: base.allowlists.into_iter().chain(self.allowlists).collect(),
            required: if self.required.is_empty() { base.required } else { self.required },
        }
    }
}

struct Reader {
    source: Arc<SourceText>,
    unread: Vec<Problem>,
}

impl Reader {
    fn place(&self, span: &Range<usize>) -> String {
        format!("{}:{}", self.source.path, self.source.position(span.start).0)
    }

    fn placed<T>(&self, (value, span): At<T>) -> Placed<T> {
        Placed { value, place: self.place(&span) }
    }

    fn list(&self, table: &mut Table<'_, '_>, key: &'static str, problems: &mut Vec<Problem>) -> Vec<Placed<String>> {
        table.strings(key, problems).into_iter().map(|at| self.placed(at)).collect()
    }

    fn config(&mut self, mut table: Table<'_, '_>, problems: &mut Vec<Problem>) -> Config {
        for key in ["title", "description", "minVersion", "betterleaksMinVersion"] {
            table.string(key, problems);
        }
        let extend = match table.table("extend", problems) {
            Some(extend) => self.extend(extend, problems),
            None => Extend::default(),
        };
        let rules = table.tables("rules", problems).into_iter().map(|rule| self.rule(rule, problems)).collect();
        let allowlists = self.allowlists(&mut table, problems);
        self.leave(table);
        Config { extend, rules, allowlists, unread: Vec::new() }
    }

    fn extend(&mut self, mut table: Table<'_, '_>, problems: &mut Vec<Problem>) -> Extend {
        let place = self.place(&table.span());
        let extend = Extend {
            use_default: table.boolean("useDefault", problems).map(|value| Placed { value, place }),
            path: table.string("path", problems).map(|at| self.placed(at)),
            disabled_rules: self.list(&mut table, "disabledRules", problems),
        };
        if let Some((_, span)) = table.string("url", problems) {
            self.unread.push(Problem::new(span, "`url`: keyrot fetches nothing"));
        }
        self.leave(table);
        extend
    }

    fn rule(&mut self, mut table: Table<'_, '_>, problems: &mut Vec<Problem>) -> Rule {
        let place = self.place(&table.span());
        let limit = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let rule = Rule {
            id: Placed { value: table.required("id", problems).0, place },
            description: table.string("description", problems).map(|(text, _)| text),
            regex: table.string("regex", problems).map(|at| self.placed(at)),
            path: table.string("path", problems).map(|at| self.placed(at)),
            secret_group: table.number("secretGroup", problems).map(limit),
            entropy: table.float("entropy", problems),
            keywords: self.list(&mut table, "keywords", problems),
            tags: plain(table.strings("tags", problems)),
            skip_report: table.boolean("skipReport", problems).unwrap_or(false),
            allowlists: self.allowlists(&mut table, problems),
            required: table.tables("required", problems).into_iter().map(|one| self.required(one, problems)).collect(),
        };
        self.leave(table);
        rule
    }

    fn required(&mut self, mut table: Table<'_, '_>, problems: &mut Vec<Problem>) -> Required {
        let limit = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let required = Required {
            id: self.placed(table.required("id", problems)),
            within_lines: table.number("withinLines", problems).map(limit),
            within_columns: table.number("withinColumns", problems).map(limit),
        };
        self.leave(table);
        required
    }

    /// The list of tables and the one table of older files.
    fn allowlists(&mut self, table: &mut Table<'_, '_>, problems: &mut Vec<Problem>) -> Vec<Allowlist> {
        let older = table.table("allowlist", problems);
        let lists = table.tables("allowlists", problems);
        older.into_iter().chain(lists).map(|list| self.allowlist(list, problems)).collect()
    }

    fn allowlist(&mut self, mut table: Table<'_, '_>, problems: &mut Vec<Problem>) -> Allowlist {
        let condition = table.string("condition", problems);
        let known = ["AND", "&&", "OR", "||", ""];
        let upper = condition.as_ref().map(|(name, _)| name.to_ascii_uppercase()).unwrap_or_default();
        if let Some((name, span)) = condition.filter(|_| !known.contains(&upper.as_str())) {
            problems.push(toml_reader::unknown_name(&name, span, &["AND", "OR"]));
        }
        let target = table.string("regexTarget", problems);
        if let Some((name, span)) =
            target.clone().filter(|(name, _)| !["", "secret", "match", "line"].contains(&&**name))
        {
            problems.push(toml_reader::unknown_name(&name, span, &["secret", "match", "line"]));
        }
        let list = Allowlist {
            place: self.place(&table.span()),
            description: table.string("description", problems).map(|(text, _)| text),
            all: matches!(upper.as_str(), "AND" | "&&"),
            commits: plain(table.strings("commits", problems)),
            paths: self.list(&mut table, "paths", problems),
            regex_target: target.map(|(name, _)| name).filter(|name| !name.is_empty()),
            regexes: self.list(&mut table, "regexes", problems),
            stopwords: plain(table.strings("stopwords", problems)),
            target_rules: self.list(&mut table, "targetRules", problems),
        };
        self.leave(table);
        list
    }

    /// Notes every field that was not read.
    fn leave(&mut self, mut table: Table<'_, '_>) {
        for (key, reason) in NOT_HONOURED {
            if let Some(span) = table.skip(key) {
                self.unread.push(Problem::new(span, format!("`{key}` is not honoured: {reason}")));
            }
        }
        table.finish(&mut self.unread);
    }
}

fn plain(strings: Vec<At<String>>) -> Vec<String> {
    strings.into_iter().map(|(text, _)| text).collect()
}
