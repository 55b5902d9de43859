//! What holds of every sheet, whatever is in it.

use customer_value::model::{Currency, Days, Unit};
use customer_value::report::{Cell, Migration, Sheet, SheetTable};
use customer_value::rules::language::{Chinese, English, Language, ReportWord};
use proptest::prelude::*;

use super::check::{markdown, text};

#[test]
fn chinese_takes_two_columns() {
    let mut table = SheetTable::new([Cell::name("tier"), Cell::name("spend")]);
    table.row([Cell::literal("金卡"), Cell::money(1_00, Currency::EUR)]);
    table.row([Cell::literal("gold"), Cell::money(22_00, Currency::EUR)]);
    table.row([Cell::literal("café\u{301}"), Cell::Missing]);
    let sheet = Sheet::new(ReportWord::TitleDistribution).table(table);
    assert_eq!(
        sheet.tables_text(&Chinese),
        "等级  消费金额\n\
         金卡      1.00\n\
         gold     22.00\n\
         café\u{301}         -\n"
    );
}

#[test]
fn texts_of_users_stay_in_their_cells() {
    let mut table = SheetTable::new([Cell::literal("a|b"), Cell::literal("c")]).left(1);
    table.row([
        Cell::literal("x | y\n| z |"),
        Cell::literal("back\\|slash\\"),
    ]);
    table.row([
        Cell::literal("<b>&amp;[1](2)`*~"),
        Cell::literal("_spend_ spend_12m < 5 > 4"),
    ]);
    let sheet = Sheet::new(Cell::literal("# one\ntwo"))
        .note(Cell::literal("by"), Cell::literal("a\r\nb|c"))
        .table(table);
    assert_eq!(
        sheet.markdown(&English),
        "## \\# one two\n\n\
         - by: a  b\\|c\n\n\
         | a\\|b | c |\n\
         |---|---|\n\
         | x \\| y \\| z \\| | back\\\\\\|slash\\\\ |\n\
         | \\<b>\\&amp;\\[1\\](2)\\`\\*\\~ | \\_spend\\_ spend_12m < 5 > 4 |\n"
    );
    assert_eq!(
        sheet.text(&English),
        "# one two\n\
         by: a  b|c\n\n\
         a|b                c\n\
         x | y | z |        back\\|slash\\\n\
         <b>&amp;[1](2)`*~  _spend_ spend_12m < 5 > 4\n"
    );
    markdown(&sheet, &English);
}

/// More than the width of a format can be.
#[test]
fn long_texts_do_not_matter() {
    let mut table = SheetTable::new([Cell::literal("a"), Cell::literal("b")]);
    table.row([Cell::literal("x".repeat(70_000)), Cell::literal("")]);
    let text = Sheet::new(ReportWord::All)
        .table(table)
        .tables_text(&English);
    assert_eq!(
        text.lines().map(str::len).collect::<Vec<_>>(),
        [70_003, 70_003]
    );
}

#[test]
fn what_is_no_number_is_missing() {
    for cell in [
        Cell::share(f64::INFINITY),
        Cell::number(f64::NEG_INFINITY, 1),
        Cell::plain(f64::NAN),
        Cell::amount(None, Unit::Days),
        Cell::Share(f64::MAX),
        Cell::Number {
            value: f64::NAN,
            places: 2,
        },
    ] {
        assert_eq!(cell.text(&English), "-", "{cell:?}");
    }
    assert_eq!(Cell::plain(0.12345).text(&English), "0.1235");
    assert_eq!(Cell::plain(12.0).text(&English), "12");
    assert_eq!(Cell::amount(1.0, Unit::Days).text(&Chinese), "1 天");
    assert_eq!(Cell::share(-0.0001).text(&English), "0.0 %");
}

#[test]
fn rows_fit_their_heads_however_they_are_read() {
    let text = r#"{"title":{"text":"t"},"tables":[{"heads":[
        {"cell":{"word":"tier"},"align":"left"},{"cell":{"word":"customers"},"align":"right"}],
        "rows":[[],[{"count":1},{"count":2},{"count":3}]]}]}"#;
    let sheet: Sheet = serde_json::from_str(text).unwrap();
    let rows = sheet.tables()[0].rows();
    assert_eq!(rows[0], [Cell::Missing, Cell::Missing]);
    assert_eq!(rows[1], [Cell::Count(1), Cell::Count(2)]);
}

fn cell() -> impl Strategy<Value = Cell> {
    let text = || prop_oneof![any::<String>(), "[a-z|\\\\\n<_#`中文 -]{0,8}"];
    prop_oneof![
        Just(Cell::Missing),
        prop::sample::select(ReportWord::ALL).prop_map(Cell::Word),
        text().prop_map(Cell::Name),
        text().prop_map(Cell::Text),
        any::<u64>().prop_map(Cell::Count),
        any::<i64>().prop_map(|minor| Cell::money(minor, Currency::JPY)),
        any::<f64>().prop_map(Cell::Share),
        (any::<f64>(), any::<u8>()).prop_map(|(value, places)| Cell::Number { value, places }),
        any::<f64>().prop_map(|value| Cell::Amount {
            value,
            unit: Unit::Date
        }),
        any::<i32>().prop_map(|n| Cell::Day(super::fixtures::day("1970-01-01").plus(Days::new(n)))),
        (text(), prop::option::of(text())).prop_map(|(from, to)| Cell::Way { from, to }),
    ]
}

fn sheet() -> impl Strategy<Value = Sheet> {
    let row = || prop::collection::vec(cell(), 0..5);
    let table = (row(), prop::collection::vec(row(), 0..4), 0..6_usize);
    let table = table.prop_map(|(heads, rows, left)| {
        let mut table = SheetTable::new(heads).left(left);
        rows.into_iter().for_each(|row| table.row(row));
        table
    });
    (cell(), cell(), prop::collection::vec(table, 0..3)).prop_map(|(title, note, tables)| {
        let sheet = Sheet::new(title).note(note.clone(), note);
        tables.into_iter().fold(sheet, Sheet::table)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_sheet_is_a_sheet_in_every_form(sheet in sheet()) {
        for language in [&English as &dyn Language, &Chinese] {
            markdown(&sheet, language);
            text(&sheet, language);
            let lines = sheet.text(language).lines().count();
            let tables = sheet.tables().iter().filter(|table| !table.heads().is_empty());
            // A line between the notes and the first table, and between two tables.
            let expected: usize = tables.map(|table| table.rows().len() + 2).sum();
            prop_assert_eq!(lines, 2 + expected);
        }
        for table in sheet.tables() {
            prop_assert!(table.rows().iter().all(|row| row.len() == table.heads().len()));
        }
    }

    #[test]
    fn a_migration_counts_everybody_once(
        customers in prop::collection::vec(
            (prop::option::of(0_usize..4), prop::option::of(0_usize..3), -99_i64..99), 0..40),
    ) {
        let mut migration =
            Migration::new("tier", ["A", "B", "C"], ["A", "B"], "spend", Currency::EUR);
        for (from, to, value) in &customers {
            migration.add(*from, *to, *value, 2 * value);
        }
        // A code that no group has is not there.
        let known = customers.iter().map(|(from, to, value)| {
            (from.filter(|code| *code < 3), to.filter(|code| *code < 2), *value)
        });
        let known = known.filter(|(from, to, _)| from.is_some() || to.is_some());
        let cells = migration.cells();
        let sum: u64 = cells.iter().map(|cell| cell.customers).sum();
        prop_assert_eq!(sum, known.clone().count() as u64);
        for cell in cells {
            let own = known.clone().filter(|(from, to, _)| (*from, *to) == (cell.from, cell.to));
            prop_assert_eq!(cell.customers, own.clone().count() as u64);
            let value: i128 = own.map(|(_, _, value)| i128::from(value)).sum();
            prop_assert_eq!((cell.before, cell.after), (value, 2 * value));
        }
        for from in 0..3 {
            let own = cells.iter().filter(|cell| cell.from == Some(from));
            let shares: Vec<f64> = own.filter_map(|cell| migration.share(cell)).collect();
            let whole: f64 = shares.iter().sum();
            prop_assert!(shares.is_empty() || (whole - 1.0).abs() < 1e-12);
            prop_assert_eq!(migration.stayed(from).is_none(), shares.is_empty());
        }
        markdown(&migration.sheet(), &Chinese);
    }
}
