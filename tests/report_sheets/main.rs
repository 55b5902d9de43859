//! Every report as a sheet: as text and as Markdown, in English and in Chinese.

mod cost;
mod fixtures;
mod laws;

use std::collections::BTreeMap;

use customer_value::report::Sheet;
use customer_value::rules::language::{Chinese, English, Phrase, ReportWord};

/// All four forms of a sheet.
fn written(sheet: &Sheet) -> String {
    let forms = [
        sheet.text(&English),
        sheet.text(&Chinese),
        sheet.markdown(&English),
        sheet.markdown(&Chinese),
    ];
    forms.join("\n~~~\n\n")
}

macro_rules! written_as {
    ($($fixtures:ident { $($name:ident),+ $(,)? })+) => {
        $($(
            #[test]
            fn $name() {
                let written = written(&$fixtures::$name());
                let expected = include_str!(concat!(stringify!($name), ".txt"));
                assert!(written == expected, "{written}");
            }
        )+)+

        /// Every report that is written above.
        fn all() -> Vec<Sheet> {
            vec![$($($fixtures::$name()),+),+]
        }
    };
}

written_as! {
    cost {
        budget_used,
        capacity,
        carry_over,
        cluster_choice,
        cluster_rules,
        clusters,
        segments,
        segments_crossed,
        value_grid,
        variance,
        verdict,
        waste,
        whale,
    }
    fixtures {
        backtest,
        changes,
        cohorts,
        cross_table,
        differences,
        distribution,
        exit,
        migration,
        pareto,
        proposal,
        quality,
        replay,
        stage_times,
        survival,
        uplift,
        what_if,
        win_back,
    }
}

#[test]
fn sheets_are_data() {
    for sheet in all() {
        let text = serde_json::to_string(&sheet).unwrap();
        let read: Sheet = serde_json::from_str(&text).unwrap();
        // Not the same bits: serde_json reads a number to the last but one.
        assert_eq!(written(&read), written(&sheet));
    }
}

#[test]
fn every_report_has_a_title_of_its_own() {
    let titles: Vec<String> = all().iter().map(|s| s.title().text(&Chinese)).collect();
    let different: std::collections::BTreeSet<&String> = titles.iter().collect();
    assert_eq!(different.len(), titles.len());
}

#[test]
fn every_word_is_said_in_both_languages() {
    let mut keys = BTreeMap::new();
    for word in ReportWord::ALL {
        let [english, chinese] = [
            Phrase::from(*word).text(&English),
            Phrase::from(*word).text(&Chinese),
        ];
        let signs = matches!(word, ReportWord::Missing | ReportWord::F1);
        assert_eq!(english == chinese, signs, "{word:?}");
        assert_eq!(chinese.is_ascii(), signs, "{word:?}");
        assert!(english.is_ascii(), "{word:?}");
        let key = serde_json::to_string(word).unwrap();
        assert_eq!(serde_json::from_str::<ReportWord>(&key).unwrap(), *word);
        assert_eq!(keys.insert(key, word), None);
    }
    assert_eq!(ReportWord::named("tier"), Some(ReportWord::Tier));
    assert_eq!(ReportWord::named("from"), Some(ReportWord::From));
    assert_eq!(ReportWord::named("spend_12m"), None);
}
