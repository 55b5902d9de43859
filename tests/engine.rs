use customer_value::engine::*;
use customer_value::metrics::Catalog;
use customer_value::model::Currency;

#[test]
fn standard_binds() {
    let (engine, problems) = Engine::check(Policy::standard(Currency::USD), &Catalog::standard());
    println!("{problems}");
    let engine = engine.unwrap();
    for f in engine.schema().fields() {
        println!("{} {:?}", f.name(), f.unit());
    }
    println!("{:?}", engine.layout());
    assert!(problems.is_empty());
}
