//! The segment of an R, F, M cell: a table over all 125 cells, checked to cover each of them once.

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};

/// Cells with scores 1 to 5 in each of three digits.
const CELLS: usize = 125;
/// Stands for no segment while a table is checked; a table has at most this many segments.
const NONE: u8 = u8::MAX;

/// The default table: every cell once. Widely copied ones leave 10 and 36 of the 125 cells without a segment.
const DEFAULT: [(&str, &str); 11] = [
    ("Champions", "555 554 544 545 454 455 445"),
    ("Loyal", "543 444 435 355 354 345 344 335"),
    (
        "Potential Loyalist",
        "553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353 352 351 342 341 333 323",
    ),
    ("New", "512 511 422 421 412 411 311"),
    (
        "Promising",
        "525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313",
    ),
    ("Need Attention", "535 534 443 434 343 334 325 324"),
    ("About To Sleep", "331 321 312 221 213 231 241 251"),
    (
        "At Risk",
        "255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124",
    ),
    ("Cannot Lose Them", "155 154 144 214 215 115 114 113"),
    ("Hibernating", "332 322 233 232 223 222 132 123 122 212 211"),
    ("Lost", "111 112 121 131 141 151"),
];

/// One entry of a segment table, as a policy writes it: some cells, or a range for each digit, or both.
///
/// Several entries with one name are one segment. The order of the entries never decides: a cell in two segments is
/// a problem of the table.
///
/// ```
/// use customer_value::scoring::{SegmentSpec, SegmentTable};
///
/// let specs = [
///     SegmentSpec::ranges("good", "3-5", "3-5", "1-5"),
///     SegmentSpec::ranges("new", "3-5", "1-2", "1-5"),
///     SegmentSpec::ranges("gone", "1-2", "1-5", "1-5"),
/// ];
/// let table = SegmentTable::new(&specs, "segments").unwrap();
/// assert_eq!(table.name_of(5, 1, 3), Some("new"));
///
/// let problems = SegmentTable::new(&specs[..2], "segments").unwrap_err();
/// assert!(problems.to_string().contains("50 of 125 cells"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSpec {
    /// The name of the segment.
    pub name: String,
    /// Cells as digits R, F, M: `"555 554"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<String>,
    /// The recency scores: `"4-5"`, or one, `"5"`. Without it, but with `f` or `m`: every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r: Option<String>,
    /// The frequency scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub f: Option<String>,
    /// The monetary scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub m: Option<String>,
}

impl SegmentSpec {
    /// A segment of listed cells, such as `"555 554"`.
    pub fn cells(name: impl Into<String>, cells: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            cells: Some(cells.into()),
            r: None,
            f: None,
            m: None,
        }
    }

    /// A segment of a range of scores in each digit, such as `"4-5"`.
    pub fn ranges(
        name: impl Into<String>,
        r: impl Into<String>,
        f: impl Into<String>,
        m: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            cells: None,
            r: Some(r.into()),
            f: Some(f.into()),
            m: Some(m.into()),
        }
    }
}

/// The segment of each of the 125 cells.
///
/// ```
/// use customer_value::scoring::SegmentTable;
///
/// let table = SegmentTable::default();
/// assert_eq!(table.names().len(), 11);
/// assert_eq!(table.name_of(5, 5, 5), Some("Champions"));
/// assert_eq!(table.name_of(1, 5, 5), Some("Cannot Lose Them"));
/// assert_eq!(table.name_of(6, 1, 1), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Data", into = "Data")]
pub struct SegmentTable {
    names: Vec<String>,
    /// The position of the name of each cell, cell 111 first and 555 last.
    cells: [u8; CELLS],
}

/// The written form: each name with its cells.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Data(Vec<SegmentSpec>);

impl From<SegmentTable> for Data {
    fn from(table: SegmentTable) -> Self {
        let cells_of = |code: usize| {
            let cells: Vec<String> = all_cells()
                .zip(table.cells)
                .filter(|(_, c)| usize::from(*c) == code)
                .map(|((r, f, m), _)| format!("{r}{f}{m}"))
                .collect();
            cells.join(" ")
        };
        Self(
            table
                .names
                .iter()
                .enumerate()
                .map(|(code, name)| SegmentSpec::cells(name.as_str(), cells_of(code)))
                .collect(),
        )
    }
}

impl TryFrom<Data> for SegmentTable {
    type Error = Diagnostics;
    fn try_from(data: Data) -> Result<Self, Diagnostics> {
        Self::new(&data.0, "segments")
    }
}

impl Default for SegmentTable {
    /// The eleven segments from `Champions` to `Lost`.
    fn default() -> Self {
        let mut cells = [NONE; CELLS];
        for (code, (_, list)) in (0_u8..).zip(DEFAULT) {
            for cell in list.split(' ').filter_map(parse_cell) {
                if let Some(c) = cells.get_mut(cell) {
                    *c = code;
                }
            }
        }
        Self {
            names: DEFAULT.iter().map(|(name, _)| (*name).to_owned()).collect(),
            cells,
        }
    }
}

impl SegmentTable {
    /// The table of these entries; `path` is where they are in the policy.
    ///
    /// # Errors
    /// Every problem at once: an entry that does not parse or has no name, cells that no entry covers, cells in two
    /// segments, more than 255 segments.
    pub fn new(specs: &[SegmentSpec], path: &str) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::new();
        let names = Self::words(specs);
        let mut cells = [NONE; CELLS];
        for (i, spec) in specs.iter().enumerate() {
            let at = format!("{path}[{i}]");
            if spec.name.trim().is_empty() {
                let place = Place::at(format!("{at}.name"));
                problems.push(Diagnostic::error(
                    Code::InvalidName,
                    place,
                    "a segment needs a name",
                ));
            }
            let position = names.iter().position(|n| *n == spec.name);
            let code = position.and_then(|code| u8::try_from(code).ok());
            let Some(code) = code.filter(|c| *c < NONE) else {
                problems.push(Diagnostic::error(
                    Code::Range,
                    Place::at(at),
                    "a table has at most 255 segments",
                ));
                return Err(problems);
            };
            let mut taken: Vec<(u8, String)> = Vec::new();
            for cell in entry_cells(spec, &at, &mut problems) {
                match cells.get_mut(cell) {
                    Some(c) if *c == NONE || *c == code => *c = code,
                    Some(c) => taken.push((*c, digits(cell))),
                    None => {}
                }
            }
            // One message for each pair of segments, however many cells they share.
            taken.sort();
            for group in taken.chunk_by(|a, b| a.0 == b.0) {
                let other = group.first().and_then(|g| names.get(usize::from(g.0)));
                let shared: Vec<&str> = group.iter().map(|g| g.1.as_str()).collect();
                problems.push(
                    Diagnostic::error(
                        Code::Overlap,
                        Place::at(&at),
                        format!(
                            "`{}` and `{}` both have {}",
                            other.map_or("", String::as_str),
                            spec.name,
                            list(&shared)
                        ),
                    )
                    .help(
                        "a cell belongs to one segment; the order of the entries does not decide",
                    ),
                );
            }
        }
        let open: Vec<String> = cells
            .iter()
            .enumerate()
            .filter(|(_, c)| **c == NONE)
            .map(|(cell, _)| digits(cell))
            .collect();
        if !open.is_empty() {
            let shown: Vec<&str> = open.iter().map(String::as_str).collect();
            problems.push(
                Diagnostic::error(
                    Code::Uncovered,
                    Place::at(path),
                    format!(
                        "{} of {CELLS} cells are in no segment: {}",
                        open.len(),
                        shown.join(" ")
                    ),
                )
                .help("add them to a segment, or one entry such as `Other` for all of them"),
            );
        }
        if problems.is_empty() {
            Ok(Self { names, cells })
        } else {
            Err(problems)
        }
    }

    /// The names of the segments in the order of their codes, whether or not the table is sound.
    pub(crate) fn words(specs: &[SegmentSpec]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for spec in specs {
            if !names.contains(&spec.name) {
                names.push(spec.name.clone());
            }
        }
        names
    }

    /// The code of the segment of a cell: the position of its name. `None` unless each score is 1 to 5.
    #[must_use]
    pub fn segment(&self, r: u8, f: u8, m: u8) -> Option<u8> {
        let cell = cell_of(r, f, m)?;
        self.cells.get(cell).copied()
    }

    /// The name of the segment of a cell. `None` unless each score is 1 to 5.
    #[must_use]
    pub fn name_of(&self, r: u8, f: u8, m: u8) -> Option<&str> {
        self.name(self.segment(r, f, m)?)
    }

    /// The name of a code.
    #[must_use]
    pub fn name(&self, code: u8) -> Option<&str> {
        self.names.get(usize::from(code)).map(String::as_str)
    }

    /// The names, in the order of their codes: of their first entries.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

/// Every (R, F, M) in the order of the cells.
fn all_cells() -> impl Iterator<Item = (u8, u8, u8)> {
    (1..=5).flat_map(|r| (1..=5).flat_map(move |f| (1..=5).map(move |m| (r, f, m))))
}

fn cell_of(r: u8, f: u8, m: u8) -> Option<usize> {
    let digit = |d: u8| (1..=5).contains(&d).then(|| usize::from(d - 1));
    Some(digit(r)? * 25 + digit(f)? * 5 + digit(m)?)
}

fn digits(cell: usize) -> String {
    format!("{}{}{}", cell / 25 + 1, cell / 5 % 5 + 1, cell % 5 + 1)
}

fn parse_digit(byte: u8) -> Option<u8> {
    (b'1'..=b'5').contains(&byte).then(|| byte - b'0')
}

fn parse_cell(text: &str) -> Option<usize> {
    let &[r, f, m] = text.as_bytes() else {
        return None;
    };
    cell_of(parse_digit(r)?, parse_digit(f)?, parse_digit(m)?)
}

/// `"2-4"` or `"3"`.
fn parse_range(text: &str) -> Option<(u8, u8)> {
    let one = |t: &str| match t.trim().as_bytes() {
        [b] => parse_digit(*b),
        _ => None,
    };
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = (one(low)?, one(high)?);
    (low <= high).then_some((low, high))
}

/// The cells of an entry, each once.
fn entry_cells(spec: &SegmentSpec, at: &str, problems: &mut Diagnostics) -> Vec<usize> {
    let mut cells = Vec::new();
    for word in spec.cells.iter().flat_map(|c| c.split_whitespace()) {
        match parse_cell(word) {
            Some(cell) => cells.push(cell),
            None => problems.push(
                Diagnostic::error(
                    Code::Range,
                    Place::at(format!("{at}.cells")),
                    format!("`{word}` is not a cell"),
                )
                .help("a cell is three digits from 1 to 5, such as `543`"),
            ),
        }
    }
    let mut range = |digit: &str, text: &Option<String>| match text {
        None => Some((1, 5)),
        Some(text) => {
            let range = parse_range(text);
            if range.is_none() {
                problems.push(
                    Diagnostic::error(
                        Code::Range,
                        Place::at(format!("{at}.{digit}")),
                        format!("`{text}` is not a range of scores"),
                    )
                    .help("a range is two digits from 1 to 5, such as `4-5`, or one"),
                );
            }
            range
        }
    };
    if spec.r.is_some() || spec.f.is_some() || spec.m.is_some() {
        let ranges = (
            range("r", &spec.r),
            range("f", &spec.f),
            range("m", &spec.m),
        );
        if let (Some(r), Some(f), Some(m)) = ranges {
            let within = |d: u8, (low, high): (u8, u8)| (low..=high).contains(&d);
            cells.extend(
                all_cells()
                    .enumerate()
                    .filter(|(_, c)| within(c.0, r) && within(c.1, f) && within(c.2, m))
                    .map(|(cell, _)| cell),
            );
        }
    } else if spec.cells.is_none() {
        problems.push(
            Diagnostic::error(
                Code::Missing,
                Place::at(at),
                format!("`{}` has no cells", spec.name),
            )
            .help("give `cells`, or some of `r`, `f` and `m`"),
        );
    }
    cells.sort_unstable();
    cells.dedup();
    cells
}

fn list(cells: &[&str]) -> String {
    let noun = if cells.len() == 1 { "cell" } else { "cells" };
    format!("the {noun} {}", cells.join(" "))
}
