//! Value management in full: what a company does with what it knows of its customers.
//!
//! `cargo run --release --example value_management` walks through the reports on a simulated company; `-- --help` says what else it
//! can do. All of it is from one policy file, `examples/policies/value_management.toml`.

#[path = "../score/rows.rs"]
#[allow(dead_code)] // `score` reads files of users too
mod csv_rows;
mod data;
#[path = "../score/ending.rs"]
mod ending;
mod generate;
#[path = "../score/lines.rs"]
mod lines;
mod money;
mod options;
mod output;
mod rows;
mod service;
mod value;
mod world;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::ValueEnum;
use customer_value::engine::Engine;
use customer_value::metrics::Catalog;
use customer_value::model::Day;
use customer_value::rules::language::{Chinese, English, Language};
use serde_json::{Map, Value};

use data::Data;
use options::{Chapter, Options, Tongue};
use output::Part;
use world::{Kept, World};

/// The policy is part of the program, so that it runs anywhere.
const POLICY: &str = include_str!("../policies/value_management.toml");

fn main() -> ExitCode {
    let options: Options = match ending::options() {
        Ok(options) => options,
        Err(status) => return status,
    };
    match run(&options) {
        Ok(text) => ending::print(&text),
        Err(error) => ending::failed(&error),
    }
}

fn run(options: &Options) -> anyhow::Result<String> {
    if let Some(folder) = &options.generate {
        return generate(folder);
    }
    let engine = Engine::from_toml(POLICY, &Catalog::standard())?;
    let data = Data::read(&engine, generate::LAST.parse()?)?;
    let day = options.day.unwrap_or(data.closed);
    let (first, action) = (
        generate::FIRST.parse::<Day>()?,
        generate::ACTION.parse::<Day>()?,
    );
    if day <= first || day > data.closed {
        bail!(
            "the files have the days after {first} up to {}, not {day}",
            data.closed
        );
    }
    let mut kept = Kept::before(&engine, &data, day)?;
    let population = data.on(&engine, day)?;
    let fitted = engine
        .clone()
        .fitted_to(&population, &kept.standings, day)?;
    let standings = std::mem::take(&mut kept.standings);
    let reviews = fitted.review_all(&population, &standings, day)?;
    kept.look(&reviews)?;
    let world = World {
        data: &data,
        engine: &engine,
        reviews: &reviews,
        kept: &kept,
    };

    let chapters = match options.chapter {
        Some(one) => vec![one],
        // Before its quarter is over nothing can be said about the action.
        None => {
            let known = |chapter: &&Chapter| **chapter != Chapter::Effect || day == data.closed;
            Chapter::value_variants()
                .iter()
                .filter(known)
                .copied()
                .collect()
        }
    };
    let language: &dyn Language = match options.language {
        Tongue::En => &English,
        Tongue::Zh => &Chinese,
    };
    let mut texts = Vec::new();
    let mut all = Map::new();
    for chapter in chapters {
        let parts = parts(&world, chapter, action)?;
        if options.json {
            all.insert(chapter.name().to_owned(), output::json(parts));
        } else if options.markdown {
            texts.push(format!("# {}\n", chapter.title(options.language)));
            texts.extend(parts.iter().map(|part| part.markdown(language)));
        } else {
            texts.push(format!("== {}\n", chapter.title(options.language)));
            texts.extend(parts.iter().map(|part| part.text(language)));
        }
    }
    if options.json {
        return Ok(serde_json::to_string_pretty(&Value::Object(all))? + "\n");
    }
    Ok(texts.join("\n"))
}

fn parts(world: &World<'_>, chapter: Chapter, action: Day) -> anyhow::Result<Vec<Part>> {
    match chapter {
        Chapter::Data => value::data(world),
        Chapter::Cost => value::cost(world),
        Chapter::Tiers => value::tiers(world),
        Chapter::Service => service::service(world),
        Chapter::Budget => money::budget(world),
        Chapter::Day => service::today(world),
        Chapter::Satisfaction => service::satisfaction(world),
        Chapter::Behaviour => service::behaviour(world),
        Chapter::Effect => money::effect(world, action),
    }
}

fn generate(folder: &Path) -> anyhow::Result<String> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make `{}`", folder.display()))?;
    let mut said = String::new();
    let company = generate::Company::new(generate::SEED);
    for (name, text) in company.files {
        let path = folder.join(name);
        std::fs::write(&path, text)
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        said.push_str(&format!("{}\n", path.display()));
    }
    said.push_str(&company.truth.text());
    Ok(said)
}
