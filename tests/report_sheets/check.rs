//! How a sheet is written, and what holds of every one.

use customer_value::report::{Cell, Sheet, SheetTable};
use customer_value::rules::language::{Chinese, English, Language, ReportWord};
use unicode_width::UnicodeWidthStr;

/// All four forms of a sheet.
pub fn written(sheet: &Sheet) -> String {
    let forms = [
        sheet.text(&English),
        sheet.text(&Chinese),
        sheet.markdown(&English),
        sheet.markdown(&Chinese),
    ];
    forms.join("\n~~~\n\n")
}

/// A test for each sheet of some modules, with a file in a folder that says how it is written.
macro_rules! written_as {
    ($folder:literal: $($fixtures:ident { $($name:ident),+ $(,)? })+) => {
        $($(
            #[test]
            fn $name() {
                let written = $crate::check::written(&$fixtures::$name());
                let expected = include_str!(concat!($folder, stringify!($name), ".txt"));
                assert!(written == expected, "{written}");
            }
        )+)+

        /// Every report that is written above.
        fn all() -> Vec<customer_value::report::Sheet> {
            vec![$($($fixtures::$name()),+),+]
        }

        #[test]
        fn every_sheet_is_a_sheet() {
            $crate::check::all(&all());
        }
    };
}

/// The cells of a line of a Markdown table, as GitHub finds them: a pipe ends a cell unless a backslash stands before it that does
/// not itself stand behind one.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    let (mut cells, mut cell) = (Vec::new(), String::new());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(next) if next.is_ascii_punctuation() => cell.push(next),
                next => {
                    cell.push('\\');
                    cell.extend(next);
                }
            },
            '|' => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    cells.push(cell);
    Some(cells.iter().map(|cell| cell.trim().to_owned()).collect())
}

/// The tables of a text, as blocks of lines.
fn blocks(text: &str) -> Vec<Vec<&str>> {
    let blocks = text.split("\n\n").map(|block| block.lines().collect());
    blocks
        .filter(|lines: &Vec<&str>| !lines.is_empty())
        .collect()
}

/// Every line of a Markdown table has as many cells, and says what its cells say.
pub fn markdown(sheet: &Sheet, language: &dyn Language) {
    let text = sheet.tables_markdown(language);
    let blocks = blocks(&text);
    let tables = sheet
        .tables()
        .iter()
        .filter(|table| !table.heads().is_empty());
    assert_eq!(blocks.len(), tables.clone().count());
    for (lines, table) in blocks.iter().zip(tables) {
        assert_eq!(lines.len(), table.rows().len() + 2, "{text}");
        for (i, line) in lines.iter().enumerate() {
            let found = cells(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(found.len(), table.heads().len(), "{line}");
            let row: Vec<&Cell> = match i {
                0 => table.heads().iter().map(|head| &head.cell).collect(),
                1 => {
                    let rule = |cell: &String| cell == "---" || cell == "---:";
                    assert!(found.iter().all(rule), "{line}");
                    continue;
                }
                _ => table.rows()[i - 2].iter().collect(),
            };
            for (found, cell) in found.iter().zip(row) {
                assert_eq!(found, cell.text(language).trim());
            }
        }
    }
}

/// All lines of a table whose last column is of numbers end in the same column of a terminal.
pub fn text(sheet: &Sheet, language: &dyn Language) {
    for table in sheet.tables() {
        let heads: Vec<Cell> = table.heads().iter().map(|head| head.cell.clone()).collect();
        let mut alone = SheetTable::new(heads);
        table.rows().iter().cloned().for_each(|row| alone.row(row));
        let text = Sheet::new(ReportWord::Total)
            .table(alone)
            .tables_text(language);
        let lines: Vec<&str> = text.lines().collect();
        if table.heads().is_empty() {
            assert!(lines.is_empty());
            continue;
        }
        assert_eq!(lines.len(), table.rows().len() + 1, "{text}");
        let width = |line: &str| line.chars().map(|c| c.to_string().width()).sum::<usize>();
        if lines.iter().all(|line| line.width() == width(line)) {
            assert!(
                lines.iter().all(|line| line.width() == lines[0].width()),
                "{text}"
            );
        }
    }
}

/// Each is a table in every form and language, is data, and has a title of its own.
pub fn all(sheets: &[Sheet]) {
    let mut titles = std::collections::BTreeSet::new();
    for sheet in sheets {
        for language in [&English as &dyn Language, &Chinese] {
            markdown(sheet, language);
            text(sheet, language);
            // Nothing is said in braces, and no line ends in blanks.
            let text = sheet.text(language);
            assert!(!text.contains(['{', '}']), "{text}");
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text}");
        }
        let stored = serde_json::to_string(sheet).unwrap();
        let read: Sheet = serde_json::from_str(&stored).unwrap();
        // Not the same bits: serde_json reads a number to the last but one.
        assert_eq!(written(&read), written(sheet));
        assert!(titles.insert(sheet.title().text(&Chinese)));
    }
}
