//! What the command line says.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use customer_value::model::Day;

/// What a company does with what it knows of its customers: who costs more than they bring, how they are served, what that may cost,
/// what is to be done today, and whether an action worked.
///
/// It runs `examples/policies/value_management.toml` on the bundled files of a simulated company (`examples/data/company`).
#[derive(Debug, Parser)]
#[command(name = "value_management", version)]
pub struct Options {
    /// Only this chapter.
    #[arg(long, value_name = "NAME")]
    pub chapter: Option<Chapter>,
    /// The day at whose close everything is looked at. If not given: 2025-12-31, the last day of the files.
    #[arg(long, value_name = "DATE")]
    pub day: Option<Day>,
    /// The language of the reports: `en` or `zh`.
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub language: Tongue,
    /// Print Markdown.
    #[arg(long)]
    pub markdown: bool,
    /// Print JSON: an object with the reports of each chapter.
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// Only write the files of the company into this folder, as its generator makes them.
    #[arg(long, value_name = "DIR", exclusive = true)]
    pub generate: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tongue {
    En,
    Zh,
}

/// In the order of the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Chapter {
    Data,
    Cost,
    Tiers,
    Service,
    Budget,
    Day,
    Satisfaction,
    Behaviour,
    Effect,
}

impl Chapter {
    /// As it is named on the command line.
    pub fn name(self) -> &'static str {
        self.titles().0
    }

    pub fn title(self, language: Tongue) -> &'static str {
        let (_, english, chinese) = self.titles();
        match language {
            Tongue::En => english,
            Tongue::Zh => chinese,
        }
    }

    fn titles(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Data => ("data", "What was read", "数据"),
            Self::Cost => ("cost", "Who costs more than they bring", "谁的成本高于贡献"),
            Self::Tiers => ("tiers", "Tiers and segments", "等级与分群"),
            Self::Service => ("service", "What the playbook says", "服务方案"),
            Self::Budget => ("budget", "The budget and its allocation", "预算与分配"),
            Self::Day => ("day", "What is to be done", "当日待办"),
            Self::Satisfaction => ("satisfaction", "What customers say", "客户之声"),
            Self::Behaviour => (
                "behaviour",
                "How the one behaves who asks most",
                "询问最多的客户的行为",
            ),
            Self::Effect => ("effect", "Whether the autumn call worked", "秋季电话的效果"),
        }
    }
}
