//! Policies are files: read one, see everything that is wrong with another, write the standard one.
//! `cargo run --example policy_file`

use anyhow::Context as _;
use customer_value::{Catalog, Currency, Engine, Policy};

fn main() -> anyhow::Result<()> {
    println!("== standard.toml");
    let policy = Policy::from_toml(&read("standard.toml")?)?;
    let (engine, problems) = Engine::check(policy, &Catalog::standard());
    // Warnings do not keep a policy from binding; `Engine::new` leaves them out.
    println!("{} problems", problems.len());
    let engine = engine.context("the standard policy binds")?;
    let tiers: Vec<&str> = engine
        .policy()
        .tiers
        .tiers
        .iter()
        .map(|t| &*t.name)
        .collect();
    println!("tiers:   {}", tiers.join(", "));
    println!(
        "columns: {}",
        engine.schema().names().collect::<Vec<_>>().join(", ")
    );

    println!("\n== broken.toml");
    // Not one problem at a time: all of them, each with its place, and advice where there is some.
    match Engine::from_toml(&read("broken.toml")?, &Catalog::standard()) {
        Ok(_) => anyhow::bail!("the broken policy binds"),
        Err(problems) => println!("{problems}"),
    }

    println!("\n== the beginning of `Policy::standard` as a file");
    // Written and read back it is the same policy, in TOML or in any other form that serde knows.
    let standard = Policy::standard(Currency::EUR);
    let text = standard.to_toml()?;
    anyhow::ensure!(Policy::from_toml(&text)? == standard);
    for line in text.lines().take(12) {
        println!("{line}");
    }
    Ok(())
}

fn read(name: &str) -> anyhow::Result<String> {
    let path = format!("{}/examples/policies/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
}
