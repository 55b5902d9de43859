//! From sheets to lines.

use super::super::text::write_rows;
use super::{Align, Cell, Sheet, SheetTable};
use crate::rules::language::{FramePhrase, Language, Phrase};

/// For whom it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For a terminal.
    Text,
    /// For GitHub.
    Markdown,
}

impl Form {
    fn of(self, cell: &Cell, language: &dyn Language) -> String {
        let text = cell.text(language);
        match self {
            Self::Text => text,
            Self::Markdown => escaped(&text),
        }
    }
}

pub(super) fn sheet(sheet: &Sheet, language: &dyn Language, form: Form) -> String {
    let mut out = match form {
        Form::Text => format!("{}\n", form.of(&sheet.title, language)),
        Form::Markdown => format!("## {}\n", form.of(&sheet.title, language)),
    };
    let (before, mark) = match form {
        Form::Text => ("", ""),
        Form::Markdown => ("\n", "- "),
    };
    if !sheet.notes.is_empty() {
        out.push_str(before);
    }
    for note in &sheet.notes {
        let (label, value) = (
            form.of(&note.label, language),
            form.of(&note.value, language),
        );
        let labelled = Phrase::from(FramePhrase::Labelled {
            label: &label,
            value: &value,
        });
        out.push_str(&format!("{mark}{}\n", labelled.text(language)));
    }
    let tables = tables(&sheet.tables, language, form);
    if !tables.is_empty() {
        out.push('\n');
        out.push_str(&tables);
    }
    out
}

pub(super) fn tables(tables: &[SheetTable], language: &dyn Language, form: Form) -> String {
    let mut out = String::new();
    // A table without a column has nothing to show.
    for (i, table) in tables
        .iter()
        .filter(|table| !table.heads.is_empty())
        .enumerate()
    {
        if i > 0 {
            out.push('\n');
        }
        let heads = table.heads.iter().map(|head| form.of(&head.cell, language));
        let rows = table.rows.iter();
        let rows = rows.map(|row| row.iter().map(|cell| form.of(cell, language)).collect());
        let lines: Vec<Vec<String>> = [heads.collect()].into_iter().chain(rows).collect();
        match form {
            Form::Text => {
                let left = |column: usize| {
                    let head = table.heads.get(column);
                    head.is_some_and(|head| head.align == Align::Left)
                };
                // A string takes whatever is written to it.
                let _ = write_rows(&mut out, &lines, left);
            }
            Form::Markdown => {
                for (i, line) in lines.iter().enumerate() {
                    out.push_str(&format!("| {} |\n", line.join(" | ")));
                    if i == 0 {
                        out.push_str(&rule(table));
                    }
                }
            }
        }
    }
    out
}

/// The line below the heads.
fn rule(table: &SheetTable) -> String {
    let sides = table.heads.iter().map(|head| match head.align {
        Align::Left => "---|",
        Align::Right => "---:|",
    });
    format!("|{}\n", sides.collect::<String>())
}

/// With a backslash before whatever GitHub would take for markup in a cell, a heading or a line of a list: it counts `\|` as a pipe
/// and `\\` as a backslash before it looks for the ends of cells (GitHub Flavored Markdown, 4.10 and 6.1).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before: Option<char> = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        let followed_by = |what: fn(char) -> bool| next.is_some_and(what);
        let markup = match c {
            '\\' | '|' | '`' | '*' | '[' | ']' | '~' => true,
            // Within a word it is only a letter.
            '_' => {
                !(before.is_some_and(char::is_alphanumeric) && followed_by(char::is_alphanumeric))
            }
            // A tag, an entity.
            '<' => followed_by(|c| c.is_alphabetic() || matches!(c, '/' | '!' | '?')),
            '&' => followed_by(|c| c.is_alphanumeric() || c == '#'),
            // A quotation, a heading.
            '>' | '#' => before.is_none(),
            _ => false,
        };
        if markup {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
    out
}
