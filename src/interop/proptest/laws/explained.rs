//! What explains a review says what was decided.

use crate::engine::Explanation;
use crate::model::Day;
use crate::rules::Truth;
use crate::tiering::Reason;

/// Whether an explanation says what was decided.
pub(super) fn explained(
    said: &Explanation,
    tier: &str,
    stage: Option<(&str, Day)>,
    number: impl Fn(&str) -> Option<f64>,
) -> Result<(), String> {
    if said.tier.tier != tier {
        return Err(format!(
            "the tier is `{tier}`, explained as `{}`",
            said.tier.tier
        ));
    }
    let highest = said
        .tier
        .tiers
        .iter()
        .find(|tier| tier.truth == Truth::True);
    if let (Reason::Base | Reason::Entry, Some(highest)) = (said.tier.reason, highest)
        && highest.tier != tier
    {
        let highest = &highest.tier;
        return Err(format!(
            "the tier is `{tier}`, and the conditions of `{highest}` hold"
        ));
    }
    if let Some(highest) = highest {
        // The tiers are listed best first.
        let place = |name: &str| said.tier.tiers.iter().position(|t| t.tier == name);
        let (held, highest) = (place(tier), place(&highest.tier));
        let fits = match said.tier.reason {
            Reason::Kept => held < highest,
            Reason::Waiting => held > highest,
            _ => true,
        };
        if !fits {
            let reason = said.tier.reason;
            return Err(format!(
                "the reason is {reason:?}, and the tier is `{tier}`"
            ));
        }
    }
    let told = said
        .stage
        .as_ref()
        .map(|stage| (&*stage.stage, stage.since));
    if told != stage {
        return Err(format!("the stage is {stage:?}, explained as {told:?}"));
    }
    for score in &said.scores {
        let name = &score.name;
        let bits = |number: Option<f64>| number.map(f64::to_bits);
        let (is, told) = (number(name), score.score);
        if bits(is) != bits(told) {
            return Err(format!("`{name}` is {is:?}, explained as {told:?}"));
        }
        let sum: f64 = score.parts.iter().map(|part| part.contribution).sum();
        if let Some(is) = is
            && is.to_bits() != (sum + 0.0).to_bits()
        {
            return Err(format!("`{name}` is {is}, and its parts add up to {sum}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, Policy};
    use crate::metrics::Catalog;
    use crate::model::{Currency, CustomerId, Transaction};
    use crate::{Ledger, Population};

    /// Policies always explain what they decide, so what is broken here is made by hand.
    #[test]
    fn an_explanation_of_something_else_is_told() {
        let engine = Engine::new(Policy::standard(Currency::EUR), &Catalog::standard()).unwrap();
        let day: Day = "2024-06-30".parse().unwrap();
        let sales = [("2024-05-02", 1), ("2024-06-02", 1), ("2024-06-05", 2)].map(|(day, id)| {
            Transaction::purchase(id, day.parse().unwrap(), "20.00 EUR".parse().unwrap()).unwrap()
        });
        let ledger = Ledger::from_transactions(&sales, engine.cleaning(day));
        let population: Population = engine.population(&ledger).unwrap();
        let engine = engine.fitted_to(&population, None, day).unwrap();
        let reviews = engine.review_all(&population, None, day).unwrap();
        let found = reviews.get(&CustomerId::from(1)).unwrap();
        let right = found.explain();
        let stage = found.stage().zip(found.stage_since());
        let check = |said: &Explanation| explained(said, found.tier(), stage, |n| found.number(n));
        assert_eq!(check(&right), Ok(()));

        let mut wrong = right.clone();
        wrong.tier.tier = "D".to_owned();
        assert!(check(&wrong).unwrap_err().contains("explained as `D`"));
        let mut wrong = right.clone();
        wrong.tier.tiers[0].truth = Truth::True;
        let held = right.tier.tiers[0].truth == Truth::True;
        assert_eq!(check(&wrong).is_ok(), held);
        let mut wrong = right.clone();
        wrong.stage.as_mut().unwrap().since = Day::MIN;
        assert!(check(&wrong).unwrap_err().contains("the stage"));
        let mut wrong = right.clone();
        wrong.scores[0].score = Some(1.0);
        assert!(check(&wrong).unwrap_err().contains("`value`"));
        let mut wrong = right;
        wrong.scores[0].parts[0].contribution += 1.0;
        assert!(check(&wrong).unwrap_err().contains("add up"));
    }
}
