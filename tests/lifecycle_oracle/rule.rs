//! The rule language, as `src/docs/policy_file.md` has it: read into a tree, judged with three values.

use serde::Deserialize;

use super::calendar::Date;
use super::customer::Value;

/// A condition, read from its text.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Rule {
    pub text: String,
    tree: Tree,
}

#[derive(Debug, Clone)]
enum Tree {
    Always(bool),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
    Not(Box<Tree>),
    Flag(String),
    Missing(String),
    Compare(String, String, Value),
    Between(String, Value, Value),
    OneOf(String, Vec<Value>),
}

impl TryFrom<String> for Rule {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let mut rest = Tokens {
            list: tokens(&text)?,
            at: 0,
        };
        let tree = rest.either()?;
        match rest.next() {
            None => Ok(Self { text, tree }),
            Some(more) => Err(format!("`{text}`: did not expect {more:?}")),
        }
    }
}

impl Rule {
    pub fn new(text: &str) -> Self {
        Self::try_from(text.to_owned()).unwrap()
    }

    /// True, false, or not known, of the value of each column.
    pub fn judge(&self, of: &dyn Fn(&str) -> Option<Value>) -> Option<bool> {
        judge(&self.tree, of)
    }
}

fn judge(tree: &Tree, of: &dyn Fn(&str) -> Option<Value>) -> Option<bool> {
    match tree {
        Tree::Always(answer) => Some(*answer),
        Tree::And(a, b) => match (judge(a, of), judge(b, of)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Tree::Or(a, b) => match (judge(a, of), judge(b, of)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        Tree::Not(a) => judge(a, of).map(|answer| !answer),
        Tree::Flag(column) => of(column).map(|value| value == Value::Flag(true)),
        Tree::Missing(column) => Some(of(column).is_none()),
        Tree::Compare(column, sign, to) => {
            let value = of(column)?;
            let order = value.partial_cmp(to);
            let order = order.unwrap_or_else(|| panic!("`{column}` {value:?} against {to:?}"));
            Some(match sign.as_str() {
                "=" => order.is_eq(),
                "!=" => order.is_ne(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                _ => order.is_ge(),
            })
        }
        Tree::Between(column, low, high) => {
            let value = of(column)?;
            Some(*low <= value && value <= *high)
        }
        Tree::OneOf(column, list) => of(column).map(|value| list.contains(&value)),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Value(Value),
    Sign(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let start = at;
        let c = letters[at];
        let run = |mut at: usize, more: &dyn Fn(char) -> bool| {
            while at < letters.len() && more(letters[at]) {
                at += 1;
            }
            at
        };
        let piece = |from: usize, to: usize| letters[from..to].iter().collect::<String>();
        if c.is_whitespace() {
            at += 1;
        } else if c == '"' || c == '\'' {
            at = run(at + 1, &|d| d != c);
            found.push(Token::Value(Value::Word(piece(start + 1, at))));
            at += 1;
        } else if c.is_ascii_digit() || c == '-' {
            at = run(at + 1, &|d| d.is_ascii_digit() || d == '.' || d == '-');
            let piece = piece(start, at);
            let value = match piece.parse::<f64>() {
                Ok(number) => Value::Number(number),
                Err(_) => Value::Date(Date::try_from(piece)?),
            };
            found.push(Token::Value(value));
        } else if c.is_alphanumeric() || c == '_' {
            at = run(at, &|d| d.is_alphanumeric() || d == '_');
            found.push(Token::Name(piece(start, at)));
        } else {
            let two = letters.get(at + 1) == Some(&'=');
            at += if two { 2 } else { 1 };
            found.push(Token::Sign(piece(start, at)));
        }
    }
    Ok(found)
}

const RESERVED: [&str; 7] = ["and", "or", "not", "in", "is", "between", "missing"];

struct Tokens {
    list: Vec<Token>,
    at: usize,
}

impl Tokens {
    fn next(&mut self) -> Option<Token> {
        self.at += 1;
        self.list.get(self.at - 1).cloned()
    }

    /// Goes on if the next is this word or sign.
    fn eat(&mut self, what: &str) -> bool {
        let same = match self.list.get(self.at) {
            Some(Token::Name(word) | Token::Sign(word)) => word == what,
            _ => false,
        };
        self.at += usize::from(same);
        same
    }

    fn must(&mut self, what: &str) -> Result<(), String> {
        let found = self.list.get(self.at).cloned();
        let said = || format!("expected `{what}`, found {found:?}");
        self.eat(what).then_some(()).ok_or_else(said)
    }

    fn value(&mut self) -> Result<Value, String> {
        match self.next() {
            Some(Token::Value(value)) => Ok(value),
            Some(Token::Name(word)) if word == "true" || word == "false" => {
                Ok(Value::Flag(word == "true"))
            }
            other => Err(format!("expected a value, found {other:?}")),
        }
    }

    fn either(&mut self) -> Result<Tree, String> {
        let mut tree = self.both()?;
        while self.eat("or") {
            tree = Tree::Or(Box::new(tree), Box::new(self.both()?));
        }
        Ok(tree)
    }

    fn both(&mut self) -> Result<Tree, String> {
        let mut tree = self.one()?;
        while self.eat("and") {
            tree = Tree::And(Box::new(tree), Box::new(self.one()?));
        }
        Ok(tree)
    }

    fn one(&mut self) -> Result<Tree, String> {
        if self.eat("not") {
            return Ok(Tree::Not(Box::new(self.one()?)));
        }
        if self.eat("(") {
            let tree = self.either()?;
            self.must(")")?;
            return Ok(tree);
        }
        let column = match self.next() {
            Some(Token::Name(word)) if word == "true" || word == "false" => {
                return Ok(Tree::Always(word == "true"));
            }
            Some(Token::Name(word)) if !RESERVED.contains(&word.as_str()) => word,
            other => return Err(format!("expected a column, found {other:?}")),
        };
        if self.eat("is") {
            let known = self.eat("not");
            self.must("missing")?;
            return Ok(negated(known, Tree::Missing(column)));
        }
        let not = self.eat("not");
        if self.eat("in") {
            self.must("(")?;
            let mut list = vec![self.value()?];
            while self.eat(",") {
                list.push(self.value()?);
            }
            self.must(")")?;
            return Ok(negated(not, Tree::OneOf(column, list)));
        }
        if self.eat("between") {
            let low = self.value()?;
            self.must("and")?;
            return Ok(negated(not, Tree::Between(column, low, self.value()?)));
        }
        for sign in ["=", "!=", "<", "<=", ">", ">="] {
            if self.eat(sign) {
                return Ok(Tree::Compare(column, sign.to_owned(), self.value()?));
            }
        }
        Ok(Tree::Flag(column))
    }
}

fn negated(not: bool, tree: Tree) -> Tree {
    if not { Tree::Not(Box::new(tree)) } else { tree }
}
