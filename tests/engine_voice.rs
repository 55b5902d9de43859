//! What a review tells of answers and complaints: the same as the reports made of the records by hand.

#![allow(clippy::inconsistent_digit_grouping)] // euros_cents

use customer_value::ledger::Records;
use customer_value::model::{Customer, Days, SurveyAnswer, SurveyInstrument};
use customer_value::report::{Satisfaction, SatisfactionOptions};
use customer_value::strategy::surveys::Invitation;
use customer_value::{
    Catalog, Currency, CustomerId, Day, Engine, Error, Ledger, Money, Transaction,
};

#[test]
fn a_review_groups_answers_as_it_found_the_customers() {
    let engine = Engine::from_toml(
        r#"
        head = { name = "heard", version = "1", currency = "EUR" }
        tiers = [{ name = "gold", when = "spend >= 100" }, { name = "member" }]
        attributes = { city = { type = "category", values = ["Bonn", "Ulm"] } }
        segments = [{ name = "large", when = "spend >= 50" }, { name = "local", when = 'city = "Ulm"' }]
        [surveys]
        ask = [{ name = "visit", instrument = "nps", topic = "visit", cadence = "90 days" }]
        "#,
        &Catalog::standard(),
    )
    .unwrap();
    let (bought, as_of): (Day, Day) =
        ("2025-03-03".parse().unwrap(), "2025-06-30".parse().unwrap());
    let sales = [(1, 150_00), (2, 60_00), (3, 10_00)].map(|(id, minor)| {
        Transaction::purchase(id, bought, Money::from_minor(minor, Currency::EUR)).unwrap()
    });
    // The last has never bought anything.
    let answers = [
        (1, 9, "visit"),
        (2, 3, "visit"),
        (3, 10, "price"),
        (9, 0, "visit"),
    ]
    .map(|(id, answer, topic)| {
        SurveyAnswer::new(id, bought, SurveyInstrument::Nps, answer)
            .unwrap()
            .with_topic(topic)
    });
    let options = engine.cleaning(as_of);
    let records = Records::clean(answers.clone(), &options);
    let ledger = Ledger::from_transactions(&sales, options);
    let city = [
        Customer::new(1).with("city", "Ulm").unwrap(),
        Customer::new(2).with("city", "Bonn").unwrap(),
    ];
    let bare = engine.population(&ledger).unwrap();
    let population = engine
        .population(&ledger.with_records(&records).unwrap())
        .unwrap();
    let population = population.with_customers(city).unwrap();
    let reviews = engine.review_all(&population, None, as_of).unwrap();

    let options = SatisfactionOptions::new(SurveyInstrument::Nps, as_of);
    let invitations = [
        Invitation::new(2, bought, "visit"),
        Invitation::new(3, bought, "visit"),
    ];
    type Groups = fn(u64) -> Vec<&'static str>;
    let by: [(&str, Groups); 3] = [
        ("tier", |id| vec![if id == 1 { "gold" } else { "member" }]),
        ("segments", |id| match id {
            1 => vec!["large", "local"],
            2 => vec!["large"],
            _ => vec![],
        }),
        ("city", |id| match id {
            1 => vec!["Ulm"],
            2 => vec!["Bonn"],
            _ => vec![],
        }),
    ];
    for (by, of) in by {
        let groups = |id: &CustomerId, _: Option<&str>| of(id.as_number().unwrap());
        let expected = Satisfaction::with_invitations(
            &answers,
            &invitations,
            engine.surveys(),
            options,
            by,
            groups,
        );
        assert_eq!(
            reviews.satisfaction(options, by, &invitations).unwrap(),
            expected,
            "{by}"
        );
    }
    let topics = reviews
        .satisfaction(options, "topic", &invitations)
        .unwrap();
    let counts = |topic: &str| {
        (
            topics.rows()[topic].answers.answers(),
            topics.rows()[topic].invited,
        )
    };
    assert_eq!((counts("visit"), counts("price")), ((3, 2), (1, 0)));
    // Whom nothing is known of but an answer is a customer without spend.
    let visit = &reviews.drivers(options, "spend").unwrap().by_share()[0];
    assert_eq!(
        (visit.low, visit.at_stake, visit.without_value),
        (2, 60_00, 0)
    );

    // Each mistake is said.
    let early = SatisfactionOptions::new(SurveyInstrument::Nps, bought);
    let mistakes = [
        reviews.satisfaction(options, "spend", &[]).err(),
        reviews.satisfaction(options, "town", &[]).err(),
        reviews.satisfaction(early, "tier", &[]).err(),
        reviews.drivers(early, "spend").err(),
        reviews.drivers(options, "city").err(),
        reviews.complaints("tier", Days::new(30)).err(),
    ];
    assert!(
        mistakes
            .iter()
            .all(|error| error.as_ref().is_some_and(Error::is_misuse)),
        "{mistakes:?}"
    );
    let without = engine.review_all(&bare, None, as_of).unwrap();
    assert!(
        without
            .satisfaction(options, "tier", &[])
            .unwrap_err()
            .is_misuse()
    );
    assert!(without.drivers(options, "spend").unwrap_err().is_misuse());
    assert!(
        without
            .complaints("spend", Days::new(30))
            .unwrap_err()
            .is_misuse()
    );
}

#[test]
fn money_is_spread_over_the_customers_that_a_review_found() {
    let engine = Engine::from_toml(
        r#"
        head = { name = "shared out", version = "1", currency = "EUR" }
        tiers = [{ name = "everybody" }]
        attributes = { city = { type = "category", values = ["Bonn", "Ulm", "Kiel"] } }
        [allocation]
        by = "city"
        segments = [
            { name = "Ulm", value = "50.00 EUR", response = { ceiling = 0.6, spend = "4.00 EUR", rate = 0.3 } },
            { name = "Bonn", value = "30.00 EUR", response = { ceiling = 0.6, spend = "4.00 EUR", rate = 0.3 } },
        ]
        "#,
        &Catalog::standard(),
    )
    .unwrap();
    let as_of: Day = "2025-06-30".parse().unwrap();
    let ledger = Ledger::from_transactions(&[], engine.cleaning(as_of));
    let cities = [
        Some("Ulm"),
        Some("Bonn"),
        Some("Ulm"),
        Some("Kiel"),
        Some("Rome"),
        None,
    ];
    let customers = (1..).zip(cities).map(|(id, city): (u64, _)| match city {
        Some(city) => Customer::new(id).with("city", city).unwrap(),
        None => Customer::new(id),
    });
    let population = engine.population(&ledger).unwrap();
    let population = population.with_customers(customers).unwrap();
    let reviews = engine.review_all(&population, None, as_of).unwrap();
    let budget: Money = "20.00 EUR".parse().unwrap();
    let expected = engine.allocation().unwrap().spread(budget, &[2, 1]);
    assert_eq!(reviews.spread(budget).unwrap(), Some(expected.unwrap()));
    assert!(reviews.spread("1.00 USD".parse().unwrap()).is_err());
    let without = Engine::new(
        customer_value::Policy::standard(Currency::EUR),
        &Catalog::standard(),
    );
    let without = without.unwrap();
    let population = without.population(&ledger).unwrap();
    let reviews = without.review_all(&population, None, as_of).unwrap();
    assert_eq!(reviews.spread(budget).unwrap(), None);
    assert_eq!(reviews.share_capacity().unwrap(), None);
}
