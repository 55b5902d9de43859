//! Every report as a sheet: as text and as Markdown, in English and in Chinese.

#[macro_use]
mod check;
mod cost;
mod fixtures;
mod laws;

use std::collections::BTreeMap;

use customer_value::rules::language::{Chinese, English, Phrase, ReportWord};

written_as! { "":
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
