//! Rule text to words and signs.

use std::fmt::{self, Write as _};
use std::ops::Range;

use super::term::Op;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::Day;

/// More words and signs than any rule a person maintains; it bounds the work on a hostile text.
const MAX_TOKENS: usize = 10_000;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Number(f64),
    Text(String),
    Day(Day),
    Op(Op),
    And,
    Or,
    Not,
    In,
    Between,
    Is,
    Missing,
    Constant(bool),
    Open,
    Close,
    Comma,
    /// Something that has been reported already.
    Bad,
}

#[derive(Debug, Clone)]
pub(super) struct Lexed {
    pub token: Token,
    pub span: Range<usize>,
}

fn keyword(word: &str) -> Option<Token> {
    const WORDS: [(&str, Token); 9] = [
        ("and", Token::And),
        ("or", Token::Or),
        ("not", Token::Not),
        ("in", Token::In),
        ("between", Token::Between),
        ("is", Token::Is),
        ("missing", Token::Missing),
        ("true", Token::Constant(true)),
        ("false", Token::Constant(false)),
    ];
    WORDS
        .into_iter()
        .find_map(|(text, token)| text.eq_ignore_ascii_case(word).then_some(token))
}

/// Whether a word has a meaning in rules, so that a column of that name is read in backticks only.
pub(super) fn is_keyword(word: &str) -> bool {
    keyword(word).is_some()
}

fn starts_name(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn continues_name(c: char) -> bool {
    matches!(c, '_' | '.') || c.is_alphanumeric()
}

/// Writes a column name so that it reads back: in backticks if it is not a plain word.
pub(super) fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name.chars().next().is_some_and(starts_name)
        && name.chars().all(continues_name)
        && keyword(name).is_none();
    if plain {
        return f.write_str(name);
    }
    f.write_char('`')?;
    for c in name.chars() {
        if c == '`' {
            f.write_char('`')?;
        }
        f.write_char(c)?;
    }
    f.write_char('`')
}

pub(super) fn place(span: Range<usize>) -> Place {
    Place::at("rule").span(span)
}

pub(super) fn syntax(span: Range<usize>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::Syntax, place(span), message)
}

/// A piece of the user's text for a message.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(40).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes characters while they are `wanted`.
    fn take(&mut self, mut wanted: impl FnMut(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or("")
    }

    fn sign(&mut self) -> Option<Token> {
        const SIGNS: [(&str, Token); 13] = [
            ("<=", Token::Op(Op::Le)),
            (">=", Token::Op(Op::Ge)),
            ("==", Token::Op(Op::Eq)),
            ("!=", Token::Op(Op::Ne)),
            ("&&", Token::And),
            ("||", Token::Or),
            ("<", Token::Op(Op::Lt)),
            (">", Token::Op(Op::Gt)),
            ("=", Token::Op(Op::Eq)),
            ("!", Token::Not),
            ("(", Token::Open),
            (")", Token::Close),
            (",", Token::Comma),
        ];
        let rest = self.rest();
        let (sign, token) = SIGNS.into_iter().find(|(sign, _)| rest.starts_with(sign))?;
        self.at += sign.len();
        Some(token)
    }

    /// A number or a date; it starts with a digit, perhaps after a minus.
    fn number(&mut self) -> Result<Token, String> {
        let start = self.at;
        if self.peek() == Some('-') {
            self.at += 1;
        }
        let mut before = ' ';
        // One run of everything that could belong to it, so that `12m` is one wrong word, not two right ones.
        let (mut digits, mut dashes) = (0, 0);
        self.take(|c| {
            let inside = match c {
                '-' if dashes > 0 || (digits == 4 && before.is_ascii_digit()) => true,
                '-' | '+' => matches!(before, 'e' | 'E'),
                _ => continues_name(c),
            };
            digits += u32::from(c.is_ascii_digit());
            dashes += u32::from(c == '-' && !matches!(before, 'e' | 'E'));
            before = c;
            inside
        });
        let word = self.text.get(start..self.at).unwrap_or("");
        if dashes > 0 && word.chars().all(|c| c.is_ascii_digit() || c == '-') {
            return word.parse().map(Token::Day).map_err(|e| e.to_string());
        }
        let plain = word.replace('_', "");
        let wrong = || format!("`{}` is not a number", shown(word));
        let end_is_digit = plain.ends_with(|c: char| c.is_ascii_digit());
        match plain.parse::<f64>() {
            Ok(number) if number.is_finite() && end_is_digit => Ok(Token::Number(number + 0.0)),
            Ok(number) if !number.is_finite() => Err(format!("`{}` is too large", shown(word))),
            _ => Err(wrong()),
        }
    }

    /// A text in quotes; a backslash before a quote or a backslash takes it as it is.
    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        let mut escaped = false;
        let rest = self.rest();
        for (i, c) in rest.char_indices().skip(1) {
            if escaped {
                if !matches!(c, '"' | '\'' | '\\') {
                    text.push('\\');
                }
                text.push(c);
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                self.at += i + c.len_utf8();
                return Ok(text);
            } else {
                text.push(c);
            }
        }
        self.at = self.text.len();
        Err(format!("the text is not closed: `{}`", shown(rest)))
    }

    /// A name in backticks; two backticks inside stand for one.
    fn name_in_backticks(&mut self) -> Result<String, String> {
        let mut name = String::new();
        let rest = self.rest();
        let mut chars = rest.char_indices().skip(1).peekable();
        while let Some((i, c)) = chars.next() {
            if c != '`' {
                name.push(c);
            } else if chars.next_if(|(_, c)| *c == '`').is_some() {
                name.push('`');
            } else {
                self.at += i + 1;
                return Ok(name);
            }
        }
        self.at = self.text.len();
        Err(format!("the name is not closed: `{}`", shown(rest)))
    }
}

/// The words and signs of a rule text; what is none of them is reported and stands as [`Token::Bad`].
pub(super) fn lex(text: &str, problems: &mut Diagnostics) -> Vec<Lexed> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.take(char::is_whitespace);
        let start = lexer.at;
        let Some(first) = lexer.peek() else { break };
        if tokens.len() == MAX_TOKENS {
            let message = format!("the rule has more than {MAX_TOKENS} words and signs");
            let span = start..text.len();
            problems.push(syntax(span.clone(), message));
            let token = Token::Bad;
            tokens.push(Lexed { token, span });
            break;
        }
        let second = lexer.rest().chars().nth(1);
        let token = if starts_name(first) {
            let word = lexer.take(continues_name);
            Ok(keyword(word).unwrap_or_else(|| Token::Name(word.to_owned())))
        } else if first.is_ascii_digit()
            || (first == '-' && second.is_some_and(|c| c.is_ascii_digit()))
        {
            lexer.number()
        } else if matches!(first, '"' | '\'') {
            lexer.quoted(first).map(Token::Text)
        } else if first == '`' {
            lexer.name_in_backticks().map(Token::Name)
        } else if let Some(token) = lexer.sign() {
            Ok(token)
        } else {
            lexer.at += first.len_utf8();
            Err(format!("`{first}` has no meaning in a rule"))
        };
        let span = start..lexer.at;
        tokens.push(Lexed {
            token: token.unwrap_or_else(|message| {
                problems.push(syntax(span.clone(), message));
                Token::Bad
            }),
            span,
        });
    }
    tokens
}
