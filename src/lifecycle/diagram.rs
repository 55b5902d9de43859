//! A lifecycle as a drawing: Mermaid and DOT.

use std::fmt::Write as _;

use super::machine::Lifecycle;
use super::position::StageId;

/// Words that begin something else in a Mermaid state diagram.
const RESERVED: [&str; 17] = [
    "acc_descr",
    "acc_title",
    "as",
    "choice",
    "class",
    "classdef",
    "click",
    "default",
    "direction",
    "end",
    "fork",
    "hide",
    "join",
    "note",
    "scale",
    "state",
    "style",
];

impl Lifecycle {
    /// The lifecycle as a Mermaid state diagram: an arrow for each pair of stages, with why its transitions are made, by
    /// priority.
    ///
    /// A stage whose name is no identifier is drawn under its name with an identifier of its own.
    ///
    /// ```
    /// # use customer_value::diagnostic::Diagnostics;
    /// # use customer_value::lifecycle::{LifecycleSpec, StageSpec, TransitionSpec};
    /// # use customer_value::model::Days;
    /// # use customer_value::table::Schema;
    /// let spec = LifecycleSpec::new(
    ///     "trial",
    ///     [StageSpec::new("trial"), StageSpec::new("trial over").into_final()],
    ///     [TransitionSpec::open(["trial"], "trial over").after(Days::new(30))],
    /// );
    /// let lifecycle = spec.bind(&Schema::new(), &mut Diagnostics::new()).unwrap();
    /// assert_eq!(lifecycle.to_mermaid(), r#"stateDiagram-v2
    ///     trial
    ///     state "trial over" as stage_1
    ///     [*] --> trial
    ///     trial --> stage_1 : after 30 days
    ///     stage_1 --> [*]
    /// "#);
    /// ```
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let ids = self.mermaid_ids();
        let id = |stage: StageId| ids.get(stage.index()).map_or("", String::as_str);
        let mut text = String::from("stateDiagram-v2\n");
        for (stage, name) in self.stages() {
            // Writing to a text does not fail.
            let _ = if id(stage) == name {
                writeln!(text, "    {name}")
            } else {
                writeln!(text, "    state \"{}\" as {}", mermaid(name), id(stage))
            };
        }
        let _ = writeln!(text, "    [*] --> {}", id(self.start()));
        for (from, to, words) in self.arrows() {
            let words: Vec<String> = words.into_iter().map(mermaid).collect();
            let _ = writeln!(
                text,
                "    {} --> {} : {}",
                id(from),
                id(to),
                words.join(" / ")
            );
        }
        for stage in self.ids().filter(|stage| self.is_final(*stage)) {
            let _ = writeln!(text, "    {} --> [*]", id(stage));
        }
        text
    }

    /// The lifecycle in DOT, the language of Graphviz: an arrow for each pair of stages, with why its transitions are made,
    /// by priority. The start has an arrow from nowhere, a final stage a double border.
    ///
    /// ```
    /// # use customer_value::diagnostic::Diagnostics;
    /// # use customer_value::lifecycle::{LifecycleSpec, StageSpec, TransitionSpec};
    /// # use customer_value::model::Days;
    /// # use customer_value::table::Schema;
    /// let spec = LifecycleSpec::new(
    ///     "trial",
    ///     [StageSpec::new("trial"), StageSpec::new("trial over").into_final()],
    ///     [TransitionSpec::open(["trial"], "trial over").after(Days::new(30))],
    /// );
    /// let lifecycle = spec.bind(&Schema::new(), &mut Diagnostics::new()).unwrap();
    /// assert_eq!(lifecycle.to_dot(), r#"digraph lifecycle {
    ///     rankdir=LR;
    ///     node [shape=box, style=rounded];
    ///     "" [shape=point];
    ///     "trial";
    ///     "trial over" [peripheries=2];
    ///     "" -> "trial";
    ///     "trial" -> "trial over" [label="after 30 days"];
    /// }
    /// "#);
    /// ```
    #[must_use]
    pub fn to_dot(&self) -> String {
        let name = |stage: StageId| dot(self.name(stage));
        let mut text = String::from(
            "digraph lifecycle {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n    \"\" [shape=point];\n",
        );
        for stage in self.ids() {
            let border = if self.is_final(stage) {
                " [peripheries=2]"
            } else {
                ""
            };
            let _ = writeln!(text, "    \"{}\"{border};", name(stage));
        }
        let _ = writeln!(text, "    \"\" -> \"{}\";", name(self.start()));
        for (from, to, words) in self.arrows() {
            let words: Vec<String> = words.into_iter().map(dot).collect();
            let label = words.join("\\n");
            let _ = writeln!(
                text,
                "    \"{}\" -> \"{}\" [label=\"{label}\"];",
                name(from),
                name(to)
            );
        }
        text.push_str("}\n");
        text
    }

    /// Every pair of stages that a transition leads from and to, in the order of the policy, with why, by priority.
    fn arrows(&self) -> Vec<(StageId, StageId, Vec<&str>)> {
        let transitions = || {
            self.order()
                .iter()
                .filter_map(|i| self.transitions().get(*i))
        };
        let mut arrows = Vec::new();
        for from in self.ids() {
            for to in self.ids() {
                let words: Vec<&str> = transitions()
                    .filter(|t| t.from & from.bit() != 0 && t.to == to)
                    .map(|t| t.why.as_str())
                    .collect();
                if !words.is_empty() {
                    arrows.push((from, to, words));
                }
            }
        }
        arrows
    }

    /// The name of each stage where it is an identifier, and one of its own otherwise.
    fn mermaid_ids(&self) -> Vec<String> {
        let taken = |id: &str| self.stages().any(|(_, name)| name.eq_ignore_ascii_case(id));
        let id = |(stage, name): (StageId, &str)| {
            if is_identifier(name) {
                return name.to_owned();
            }
            let mut id = format!("stage_{}", stage.index());
            while taken(&id) {
                id.push('_');
            }
            id
        };
        self.stages().map(id).collect()
    }
}

fn is_identifier(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins = name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    let reserved = RESERVED.iter().any(|word| name.eq_ignore_ascii_case(word));
    begins && name.bytes().all(word) && !reserved
}

/// A text in Mermaid: what it reads as something else is written as the number of its character.
fn mermaid(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            c if c.is_control() => escaped.push(' '),
            '#' | ';' | ':' | '"' | '%' | '<' | '>' | '&' | '`' | '\\' | '[' | ']' | '{' | '}' => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// A text between the quotation marks of DOT.
fn dot(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            c if c.is_control() => escaped.push(' '),
            '"' | '\\' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}
