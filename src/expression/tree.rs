//! The tree of an expression as it was written, and its canonical spelling.

use std::fmt;
use std::ops::Range;

/// A part of an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// The longest way down to a leaf.
    pub height: usize,
    /// What it is.
    pub kind: Kind,
}

/// What a part of an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A constant.
    Literal(Literal),
    /// A metric or a field of the document, `language` or `family.metric`.
    Name(String),
    /// `!`
    Not(Box<Node>),
    /// `-` before its operand.
    Negative(Box<Node>),
    /// Parts between `&&`; at least two.
    All(Vec<Node>),
    /// Parts between `||`; at least two.
    Any(Vec<Node>),
    /// A comparison.
    Compare(Comparison, Box<[Node; 2]>),
    /// Arithmetic.
    Calculate(Operator, Box<[Node; 2]>),
    /// `in` or `not in` a list of constants.
    Among {
        /// Whether it is `not in`.
        negated: bool,
        /// What is looked for.
        needle: Box<Node>,
        /// The list, and where each item stands.
        list: Vec<(Literal, Range<usize>)>,
    },
    /// A function, where its name stands, and its arguments.
    Call(Function, Vec<Node>),
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
}

macro_rules! spelled {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $spelling:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// How it is written.
            pub fn spelling(self) -> &'static str {
                match self { $(Self::$variant => $spelling,)+ }
            }

            /// The one that is written so.
            pub fn spelled(spelling: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.spelling() == spelling)
            }
        }
    };
}

spelled! {
    /// A comparison.
    Comparison {
        /// Equal.
        Equal = "==",
        /// Not equal.
        Unequal = "!=",
        /// Below.
        Below = "<",
        /// At most.
        AtMost = "<=",
        /// Above.
        Above = ">",
        /// At least.
        AtLeast = ">=",
    }
}

spelled! {
    /// An operator of arithmetic.
    Operator {
        /// Sum.
        Add = "+",
        /// Difference.
        Subtract = "-",
        /// Product.
        Multiply = "*",
        /// Quotient.
        Divide = "/",
        /// Remainder, with the sign of the dividend.
        Remainder = "%",
    }
}

spelled! {
    /// A function.
    Function {
        /// A field of the record.
        Field = "field",
        /// Whether a metric or field is there.
        Has = "has",
        /// Whether a text begins with another.
        StartsWith = "starts_with",
        /// Whether a text ends with another.
        EndsWith = "ends_with",
        /// Whether a text has another in it.
        Contains = "contains",
        /// Whether a regular expression matches anywhere in a text.
        Matches = "matches",
        /// The least of several numbers.
        Min = "min",
        /// The greatest of several numbers.
        Max = "max",
        /// A number without its sign.
        Abs = "abs",
    }
}

impl Operator {
    /// Whether it binds as `*` does.
    pub fn binds_tightly(self) -> bool {
        !matches!(self, Self::Add | Self::Subtract)
    }
}

/// How tightly a part holds together; looser parts stand in parentheses inside tighter ones.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Level {
    Any,
    All,
    Comparison,
    Sum,
    Product,
    Prefix,
    Whole,
}

impl Node {
    /// Hands out all names, in order.
    pub fn each_name<'n>(&'n self, take: &mut impl FnMut(&'n str)) {
        match &self.kind {
            Kind::Literal(_) => {}
            Kind::Name(name) => take(name),
            Kind::Not(inner) | Kind::Negative(inner) => inner.each_name(take),
            Kind::Among { needle, .. } => needle.each_name(take),
            Kind::All(parts) | Kind::Any(parts) | Kind::Call(_, parts) => {
                parts.iter().for_each(|part| part.each_name(take));
            }
            Kind::Compare(_, sides) | Kind::Calculate(_, sides) => {
                sides.iter().for_each(|side| side.each_name(take));
            }
        }
    }

    fn level(&self) -> Level {
        match &self.kind {
            Kind::Any(_) => Level::Any,
            Kind::All(_) => Level::All,
            Kind::Compare(..) | Kind::Among { .. } => Level::Comparison,
            Kind::Calculate(operator, _) if operator.binds_tightly() => Level::Product,
            Kind::Calculate(..) => Level::Sum,
            Kind::Not(_) | Kind::Negative(_) => Level::Prefix,
            Kind::Literal(_) | Kind::Name(_) | Kind::Call(..) => Level::Whole,
        }
    }

    fn write(&self, least: Level, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.level() < least {
            out.write_str("(")?;
            self.write(Level::Any, out)?;
            return out.write_str(")");
        }
        match &self.kind {
            Kind::Literal(literal) => write!(out, "{literal}"),
            Kind::Name(name) => out.write_str(name),
            Kind::Not(inner) => {
                out.write_str("!")?;
                inner.write(Level::Prefix, out)
            }
            Kind::Negative(inner) => {
                out.write_str("-")?;
                inner.write(Level::Prefix, out)
            }
            Kind::All(parts) => write_between(parts, " && ", Level::Comparison, out),
            Kind::Any(parts) => write_between(parts, " || ", Level::All, out),
            Kind::Compare(comparison, sides) => {
                sides[0].write(Level::Sum, out)?;
                write!(out, " {} ", comparison.spelling())?;
                sides[1].write(Level::Sum, out)
            }
            Kind::Calculate(operator, sides) => {
                let (left, right) = match operator.binds_tightly() {
                    true => (Level::Product, Level::Prefix),
                    false => (Level::Sum, Level::Product),
                };
                sides[0].write(left, out)?;
                write!(out, " {} ", operator.spelling())?;
                sides[1].write(right, out)
            }
            Kind::Among { negated, needle, list } => {
                needle.write(Level::Sum, out)?;
                out.write_str(if *negated { " not in [" } else { " in [" })?;
                for (number, (literal, _)) in list.iter().enumerate() {
                    out.write_str(if number == 0 { "" } else { ", " })?;
                    write!(out, "{literal}")?;
                }
                out.write_str("]")
            }
            Kind::Call(function, arguments) => {
                write!(out, "{}(", function.spelling())?;
                write_between(arguments, ", ", Level::Any, out)?;
                out.write_str(")")
            }
        }
    }
}

fn write_between(
    parts: &[Node],
    between: &str,
    least: Level,
    out: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (number, part) in parts.iter().enumerate() {
        out.write_str(if number == 0 { "" } else { between })?;
        part.write(least, out)?;
    }
    Ok(())
}

impl fmt::Display for Node {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(Level::Any, out)
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Number(number) => write!(out, "{number}"),
            Literal::Boolean(value) => write!(out, "{value}"),
            Literal::Text(text) => {
                out.write_str("\"")?;
                for character in text.chars() {
                    match character {
                        '"' => out.write_str("\\\"")?,
                        '\\' => out.write_str("\\\\")?,
                        '\n' => out.write_str("\\n")?,
                        '\r' => out.write_str("\\r")?,
                        '\t' => out.write_str("\\t")?,
                        other => write!(out, "{other}")?,
                    }
                }
                out.write_str("\"")
            }
        }
    }
}
