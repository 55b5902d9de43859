mod generate;
fn main() {
    let company = generate::Company::new(generate::SEED);
    let dir = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    for (name, text) in company.files { std::fs::write(dir.join(name), text).unwrap(); }
    let t = company.truth;
    eprintln!("{} {} {} {} {} {}", t.customers, t.bought_more, t.margin, t.cost, t.answered, t.points);
}
