//! Words and signs to a syntax tree, going on after an error to find the next.

use std::ops::Range;

use super::expr::{MAX_DEPTH, Node};
use super::lex::{Lexed, Token, lex, place, shown, syntax};
use super::term::{Literal, Op, Term};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Nobody reads more; it also bounds what a hostile text can make us say.
const MAX_PROBLEMS: usize = 20;

/// The tree of a text, and the bytes of every name and literal in the order of the text.
pub(super) fn parse(text: &str) -> Result<(Node, Vec<Range<usize>>), Diagnostics> {
    let mut problems = Diagnostics::new();
    let tokens = lex(text, &mut problems);
    let mut parser = Parser {
        text,
        tokens: &tokens,
        at: 0,
        level: 0,
        given_up: false,
        spans: Vec::new(),
        problems,
    };
    let node = parser.whole();
    if parser.problems.is_empty() && node.depth() > MAX_DEPTH {
        parser.too_deep(0..text.len());
    }
    if parser.problems.is_empty() {
        return Ok((node, parser.spans));
    }
    let mut problems: Vec<Diagnostic> = parser.problems.into_iter().collect();
    problems.sort_by_key(|problem| problem.place.start);
    problems.truncate(MAX_PROBLEMS);
    let mut sorted = Diagnostics::new();
    sorted.extend(problems);
    Err(sorted)
}

/// A condition could not be read; the problem has been reported.
struct Failed;

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Lexed],
    at: usize,
    level: u32,
    /// Too deep to go on: what would follow from that is not reported.
    given_up: bool,
    spans: Vec<Range<usize>>,
    problems: Diagnostics,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at).map(|lexed| &lexed.token)
    }

    fn peek_second(&self) -> Option<&'a Token> {
        self.tokens.get(self.at + 1).map(|lexed| &lexed.token)
    }

    /// The bytes of the next word or sign; at the end, the end of the text.
    fn span(&self) -> Range<usize> {
        self.tokens
            .get(self.at)
            .map_or(self.text.len()..self.text.len(), |l| l.span.clone())
    }

    fn eat(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    /// What stands at the next place, for a message.
    fn found(&self) -> String {
        match self.peek() {
            None => "the rule ends".to_owned(),
            Some(_) => format!("found `{}`", self.source(self.span())),
        }
    }

    fn source(&self, span: Range<usize>) -> String {
        shown(self.text.get(span).unwrap_or(""))
    }

    fn fail(&mut self, problem: Diagnostic) -> Failed {
        // What the lexer reported is not reported again.
        if self.peek() != Some(&Token::Bad) {
            self.problems.push(problem);
        }
        Failed
    }

    fn expected(&mut self, what: &str) -> Failed {
        let message = format!("expected {what}, {}", self.found());
        self.fail(syntax(self.span(), message))
    }

    fn too_deep(&mut self, span: Range<usize>) {
        let message = format!("the rule is nested more than {MAX_DEPTH} deep");
        self.problems.push(syntax(span, message));
        self.at = self.tokens.len();
        self.given_up = true;
    }

    fn whole(&mut self) -> Node {
        let mut node = self.or();
        // A second `)` or a forgotten `and`: say so and read on.
        while self.at < self.tokens.len() {
            if self.eat(&Token::Close) {
                let span = self
                    .tokens
                    .get(self.at - 1)
                    .map_or(0..0, |l| l.span.clone());
                self.problems.push(syntax(span, "this `)` closes nothing"));
                if !matches!(self.peek(), Some(Token::And | Token::Or)) {
                    continue;
                }
                self.at += 1;
            }
            node = self.or();
        }
        node
    }

    fn or(&mut self) -> Node {
        let mut all = Vec::new();
        loop {
            match self.and() {
                Node::Or(inner) => all.extend(inner),
                one => all.push(one),
            }
            if !self.eat(&Token::Or) {
                return one_or(all, Node::Or);
            }
        }
    }

    fn and(&mut self) -> Node {
        let mut all = Vec::new();
        loop {
            match self.not() {
                Node::And(inner) => all.extend(inner),
                one => all.push(one),
            }
            if !self.eat(&Token::And) {
                return one_or(all, Node::And);
            }
        }
    }

    fn not(&mut self) -> Node {
        self.level += 1;
        let node = if self.level > MAX_DEPTH + 1 {
            self.too_deep(self.span());
            Node::Constant(true)
        } else if self.eat(&Token::Not) {
            Node::Not(Box::new(self.not()))
        } else {
            self.primary().unwrap_or_else(|Failed| {
                self.skip();
                Node::Constant(true)
            })
        };
        self.level -= 1;
        node
    }

    /// After an error: on to the next `and`, `or` or `)` that belongs to the condition's surroundings.
    fn skip(&mut self) {
        let mut open = 0_usize;
        while let Some(token) = self.peek() {
            match token {
                Token::Open => open += 1,
                Token::Close if open > 0 => open -= 1,
                Token::And | Token::Or | Token::Close if open == 0 => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    fn primary(&mut self) -> Result<Node, Failed> {
        let node = match self.peek() {
            Some(Token::Open) => {
                let span = self.span();
                self.at += 1;
                let node = self.or();
                // Whatever went wrong inside, it was skipped up to a `)` or to the end.
                if !self.eat(&Token::Close) && !self.given_up {
                    self.problems.push(syntax(span, "this `(` is not closed"));
                }
                node
            }
            Some(Token::Constant(value)) => {
                self.at += 1;
                Node::Constant(*value)
            }
            Some(Token::Name(name)) => self.condition(name)?,
            Some(Token::Number(_) | Token::Text(_) | Token::Day(_)) => {
                let message = format!("expected a column, {}", self.found());
                let problem = syntax(self.span(), message)
                    .help("the column stands first, as in `spend >= 500`");
                return Err(self.fail(problem));
            }
            _ => return Err(self.expected("a condition")),
        };
        match self.peek() {
            None | Some(Token::And | Token::Or | Token::Close) => Ok(node),
            Some(_) if matches!(node, Node::Flag(_)) => {
                Err(self.expected("a comparison such as `>= 1` after the column"))
            }
            Some(_) => Err(self.expected("`and`, `or` or the end")),
        }
    }

    fn condition(&mut self, name: &str) -> Result<Node, Failed> {
        let term = self.term(name)?;
        let negated =
            matches!(self.peek_second(), Some(Token::In | Token::Between)) && self.eat(&Token::Not);
        let node = match self.peek() {
            Some(Token::Op(op)) => {
                self.at += 1;
                self.comparison(term, *op)?
            }
            Some(Token::Between) => {
                self.at += 1;
                let low = self.literal()?;
                if !self.eat(&Token::And) {
                    return Err(self.expected("`and` and the upper end"));
                }
                let high = self.literal()?;
                Node::Between { term, low, high }
            }
            Some(Token::In) => {
                self.at += 1;
                let values = self.list()?;
                Node::In { term, values }
            }
            Some(Token::Is) => {
                self.at += 1;
                let not = self.eat(&Token::Not);
                if !self.eat(&Token::Missing) {
                    return Err(self.expected("`missing` or `not missing`"));
                }
                not_if(not, Node::Missing(term))
            }
            _ => Node::Flag(term),
        };
        Ok(not_if(negated, node))
    }

    fn term(&mut self, name: &str) -> Result<Term, Failed> {
        let span = self.span();
        self.at += 1;
        if self.peek() != Some(&Token::Open) {
            self.spans.push(span);
            return Ok(Term::Column(name.to_owned()));
        }
        let term = match name.to_ascii_lowercase().as_str() {
            "percentile" => Term::Percentile,
            "cumulative_share" => Term::CumulativeShare,
            _ => {
                let message = format!("there is no function `{}`", shown(name));
                let problem = Diagnostic::error(Code::UnknownName, place(span), message)
                    .did_you_mean(name, ["percentile", "cumulative_share"]);
                return Err(self.fail(problem));
            }
        };
        self.at += 1;
        let Some(Token::Name(column)) = self.peek() else {
            return Err(self.expected("a column"));
        };
        self.spans.push(self.span());
        self.at += 1;
        if !self.eat(&Token::Close) {
            return Err(self.expected("`)`"));
        }
        Ok(term(column.clone()))
    }

    fn comparison(&mut self, term: Term, op: Op) -> Result<Node, Failed> {
        // `vip = true` says no more than `vip`.
        if let (Op::Eq | Op::Ne, Some(Token::Constant(value))) = (op, self.peek()) {
            self.at += 1;
            return Ok(not_if((op == Op::Eq) != *value, Node::Flag(term)));
        }
        let value = self.literal()?;
        Ok(Node::Compare { term, op, value })
    }

    fn list(&mut self) -> Result<Vec<Literal>, Failed> {
        if !self.eat(&Token::Open) {
            return Err(self.expected("a list such as `(\"A\", \"B\")`"));
        }
        let mut values = Vec::new();
        if self.eat(&Token::Close) {
            return Ok(values);
        }
        loop {
            values.push(self.literal()?);
            if self.eat(&Token::Close) {
                return Ok(values);
            }
            if !self.eat(&Token::Comma) {
                return Err(self.expected("`,` or `)`"));
            }
        }
    }

    fn literal(&mut self) -> Result<Literal, Failed> {
        let span = self.span();
        let literal = match self.peek() {
            Some(Token::Number(number)) => Literal::Number(*number),
            Some(Token::Text(text)) => Literal::Text(text.clone()),
            Some(Token::Day(day)) => Literal::Day(*day),
            Some(Token::Name(name)) => {
                let message = format!("expected a number, a text or a date, {}", self.found());
                let help = format!("a text is written in quotes: \"{}\"", shown(name));
                return Err(self.fail(syntax(span, message).help(help)));
            }
            _ => return Err(self.expected("a number, a text or a date")),
        };
        self.spans.push(span);
        self.at += 1;
        Ok(literal)
    }
}

fn not_if(negated: bool, node: Node) -> Node {
    if negated {
        Node::Not(Box::new(node))
    } else {
        node
    }
}

/// A group of at least two, or the one node itself.
fn one_or(mut all: Vec<Node>, group: fn(Vec<Node>) -> Node) -> Node {
    match all.pop() {
        Some(only) if all.is_empty() => only,
        Some(last) => {
            all.push(last);
            group(all)
        }
        None => Node::Constant(true),
    }
}
