//! A room (a folder or file of `src/`) uses only rooms above it in the list of the house.
//!
//! The check reads the text of `src/`: paths that start with `crate` or climb with `super` to the root of the
//! crate. Comments and doc links may name any room.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, from the one that uses nothing to the one that may use all.
const ROOMS: [&str; 18] = [
    "docs",
    "error",
    "diagnostic",
    "parallel",
    "model",
    "ledger",
    "history",
    "summary",
    "table",
    "metrics",
    "scoring",
    "rules",
    "tiering",
    "lifecycle",
    "strategy",
    "report",
    "engine",
    "interop",
];

#[test]
fn no_room_uses_one_below_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let exports = exports(&tokens(&fs::read_to_string(src.join("lib.rs")).unwrap()));
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    assert!(files.len() > ROOMS.len() / 2, "found only {files:?}");

    let mut problems = Vec::new();
    for file in files {
        let path = file.strip_prefix(&src).unwrap();
        let module = module_of(path);
        if !module.is_empty() {
            let text = fs::read_to_string(&file).unwrap();
            let found = violations(&module, &text, &exports);
            problems.extend(found.iter().map(|p| format!("src/{}:{p}", path.display())));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The module path of a file below `src/`, empty for the root of the crate.
fn module_of(path: &Path) -> Vec<String> {
    let mut module: Vec<String> = path
        .with_extension("")
        .components()
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .collect();
    let last = module.last().map(String::as_str);
    if last == Some("mod") || module == ["lib"] {
        module.pop();
    }
    module
}

/// What `lib.rs` re-exports: name → room, so that `crate::Name` counts as a use of the room.
fn exports(tokens: &[Token]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for i in 0..tokens.len() {
        if tokens[i].text == "use" && ROOMS.contains(&text(tokens, i + 1)) {
            let end = (i..tokens.len()).find(|&j| tokens[j].text == ";");
            let names = &tokens[i + 2..end.unwrap_or(tokens.len())];
            let room = &tokens[i + 1].text;
            out.extend(names.iter().map(|name| (name.text.clone(), room.clone())));
        }
    }
    out
}

/// What the text of a module may not use, as `line: reason`.
fn violations(module: &[String], source: &str, exports: &BTreeMap<String, String>) -> Vec<String> {
    let room = module[0].as_str();
    let Some(own) = ROOMS.iter().position(|r| *r == room) else {
        return vec![format!("1: `{room}` is not in the list of rooms")];
    };
    let mut out = Vec::new();
    for (line, name) in root_names(&tokens(source), module.len()) {
        let used = exports.get(&name).unwrap_or(&name);
        match ROOMS.iter().position(|r| r == used) {
            Some(place) if place <= own => {}
            Some(_) => out.push(format!("{line}: `{room}` uses `{used}`, which is below it")),
            None => out.push(format!("{line}: `{name}` of the crate is no room")),
        }
    }
    out
}

/// Every name that is looked up in the root of the crate, with its line; `depth` is that of the file's module.
fn root_names(tokens: &[Token], depth: usize) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let mut inline = Vec::new(); // the brace depths at which inline modules opened
    let mut braces = 0_usize;
    let mut i = 0;
    while i < tokens.len() {
        match tokens[i].text.as_str() {
            "{" => {
                if i >= 2 && tokens[i - 2].text == "mod" {
                    inline.push(braces);
                }
                braces += 1;
            }
            "}" => {
                braces = braces.saturating_sub(1);
                if inline.last() == Some(&braces) {
                    inline.pop();
                }
            }
            "crate" | "super" | "customer_value" => {
                i = path(tokens, i, depth + inline.len(), &mut out);
                continue;
            }
            _ => {}
        }
        i += 1;
    }
    out
}

/// Reads the head of a path at token `i`, from a module `depth` below the root; returns where to go on.
fn path(tokens: &[Token], mut i: usize, mut depth: usize, out: &mut Vec<(usize, String)>) -> usize {
    loop {
        let follows = text(tokens, i + 1);
        match text(tokens, i) {
            "crate" | "customer_value" => depth = 0,
            "super" => depth = depth.saturating_sub(1),
            "self" if follows == "::" => {}
            "{" => return group(tokens, i + 1, depth, out),
            "" => return i,
            name => {
                if depth == 0 {
                    out.push((tokens[i].line, name.to_string()));
                }
                return i + 1;
            }
        }
        match follows {
            "::" => i += 2,
            // `use crate as other` would hide the paths after it.
            "as" if depth == 0 => i += 1,
            _ => return i + 1,
        }
    }
}

/// Reads the entries of `{a::b, c}`, each of which goes on from where the path before the group led.
fn group(tokens: &[Token], mut i: usize, depth: usize, out: &mut Vec<(usize, String)>) -> usize {
    loop {
        i = path(tokens, i, depth, out);
        let mut inner = 0_usize;
        loop {
            match text(tokens, i) {
                "" => return i,
                "}" if inner == 0 => return i + 1,
                "," if inner == 0 => break,
                "{" => inner += 1,
                "}" => inner -= 1,
                _ => {}
            }
            i += 1;
        }
        i += 1;
        // A comma before the end.
        if text(tokens, i) == "}" {
            return i + 1;
        }
    }
}

struct Token {
    line: usize,
    text: String,
}

/// The text of a token, empty past the end.
fn text(tokens: &[Token], i: usize) -> &str {
    tokens.get(i).map_or("", |token| token.text.as_str())
}

/// Names, `::` and single signs, without comments, numbers' insides and the contents of literals.
fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let is_name = |c: char| c == '_' || c.is_alphanumeric();
    let mut out = Vec::new();
    let (mut i, mut line, mut counted) = (0, 1, 0);
    while i < chars.len() {
        line += chars[counted..i].iter().filter(|c| **c == '\n').count();
        counted = i;
        match (at(i), at(i + 1)) {
            ('/', '/') => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1;
                }
            }
            ('/', '*') => {
                let mut open = 1;
                i += 2;
                while i < chars.len() && open > 0 {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (open, i) = (open + 1, i + 2),
                        ('*', '/') => (open, i) = (open - 1, i + 2),
                        _ => i += 1,
                    }
                }
            }
            ('"', _) => {
                i += 1;
                while i < chars.len() && at(i) != '"' {
                    i += if at(i) == '\\' { 2 } else { 1 };
                }
                i += 1;
            }
            // `'x'` and `'\n'` are literals, `'a` is a lifetime.
            ('\'', '\\') => {
                i += 3;
                while i < chars.len() && at(i) != '\'' {
                    i += 1;
                }
                i += 1;
            }
            ('\'', _) => i += if at(i + 2) == '\'' { 3 } else { 1 },
            (':', ':') => {
                out.push((line, "::".to_string()));
                i += 2;
            }
            (c, _) if is_name(c) => {
                let start = i;
                while is_name(at(i)) {
                    i += 1;
                }
                let name: String = chars[start..i].iter().collect();
                let hashes = (i..).take_while(|&j| at(j) == '#').count();
                if matches!(name.as_str(), "r" | "br" | "cr") && at(i + hashes) == '"' {
                    i += hashes + 1;
                    let ends = |i: usize| at(i) == '"' && (1..=hashes).all(|h| at(i + h) == '#');
                    while i < chars.len() && !ends(i) {
                        i += 1;
                    }
                    i += hashes + 1;
                } else {
                    out.push((line, name));
                }
            }
            (c, _) => {
                if !c.is_whitespace() {
                    out.push((line, c.to_string()));
                }
                i += 1;
            }
        }
    }
    out.into_iter()
        .map(|(line, text)| Token { line, text })
        .collect()
}

mod checker {
    use super::*;

    /// The violations of a text that stands in `src/PATH`.
    fn check(path: &str, source: &str) -> Vec<String> {
        let exports = exports(&tokens(
            "pub mod engine; pub use error::Error; pub use engine::{Engine, bind};",
        ));
        violations(&module_of(Path::new(path)), source, &exports)
    }

    #[test]
    fn a_room_may_use_what_is_above_it_and_itself() {
        let source = "
            use crate::{Error, model::{Day, Unit}, table::Column};
            use super::schema::{self, Field};
            pub(crate) fn f() -> crate::table::Row { super::row() }
            pub(in crate::table) struct S;
            mod tests { use super::*; use super::super::Cell; fn g() { crate::model::Day::MIN } }
        ";
        assert_eq!(check("table/column.rs", source), [""; 0]);
        assert_eq!(check("interop/mod.rs", "use crate::Engine;"), [""; 0]);
    }

    #[test]
    fn a_use_of_a_room_below_is_found_however_it_is_written() {
        for (path, source) in [
            ("table/column.rs", "use crate::rules::Rule;"),
            ("table/column.rs", "fn f() { crate :: rules :: f() }"),
            (
                "table/column.rs",
                "use crate::{model::{Day, Unit}, rules::Rule};",
            ),
            (
                "table/column.rs",
                "use crate::{model::{self, Day}, table::*, rules};",
            ),
            ("table/column.rs", "use super::super::rules::Rule;"),
            (
                "table/column.rs",
                "use super::{schema::Field, super::rules::Rule};",
            ),
            ("table/column.rs", "use self::super::super::rules;"),
            (
                "table/column/deep.rs",
                "fn f(x: super::super::super::rules::Rule) {}",
            ),
            ("table/mod.rs", "use super::rules::Rule;"),
            (
                "table/mod.rs",
                "mod tests { mod more { use super::super::super::rules; } }",
            ),
            ("table/mod.rs", "mod tests { fn f() {} } use super::rules;"),
            (
                "table/mod.rs",
                "macro_rules! m { () => { $crate::rules::f() }; }",
            ),
            (
                "table/mod.rs",
                "fn f<'a>(c: &'a str) -> char { '\"' } use crate::rules; // \"",
            ),
            (
                "table/mod.rs",
                "const S: &str = r#\" \" \"#; use customer_value::rules;",
            ),
            ("error.rs", "/* /* use */ */ use crate::rules;"),
            ("diagnostic.rs", "\"\\\"\"; use super::rules;"),
        ] {
            let found = check(path, source);
            assert_eq!(found.len(), 1, "{source}: {found:?}");
            assert!(
                found[0].contains("uses `rules`, which is below it"),
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_re_export_counts_as_its_room() {
        let found = check("ledger/mod.rs", "\nuse crate::{Error,\n  Engine};");
        assert_eq!(found, ["3: `ledger` uses `engine`, which is below it"]);
    }

    #[test]
    fn what_hides_a_room_or_is_none_is_refused() {
        for source in [
            "use crate::helpers::f;",
            "use crate::*;",
            "use crate::{self as root};",
            "use crate as root;",
            "use super::*;",
        ] {
            assert_eq!(check("rules/mod.rs", source).len(), 1, "{source}");
        }
    }

    #[test]
    fn a_room_that_is_not_in_the_list_is_refused() {
        assert_eq!(
            check("helpers/mod.rs", "fn f() {}"),
            ["1: `helpers` is not in the list of rooms"]
        );
        assert_eq!(check("util.rs", "").len(), 1);
    }

    #[test]
    fn comments_and_literals_are_not_uses() {
        let source = "
            //! [`Rule`](crate::rules::Rule)
            /// use crate::rules::Rule;
            /* crate::rules */
            const A: &str = \"crate::rules\";
            const B: &str = r##\"crate::rules \"# crate::rules\"##;
        ";
        assert_eq!(check("table/mod.rs", source), [""; 0]);
    }
}
