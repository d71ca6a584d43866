//! From text to a tree: by hand, with a limit on depth, so that no text overflows the stack.

use std::ops::Range;

use super::problem::Problem;
use super::tree::{Comparison, Function, Kind, Literal, Node, Operator};
use crate::text::nearest::nearest;

/// How deep parts may lie in each other: more than anybody writes, and little of any stack.
pub const MAX_DEPTH: usize = 100;
/// The longest expression, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Literal(Literal),
    Name(String),
    In,
    Not,
    /// An operator, a parenthesis, a bracket, a comma.
    Symbol(&'static str),
    End,
}

/// Reads an expression.
///
/// # Errors
/// If the text is no expression, with the place.
pub fn parse(text: &str) -> Result<Node, Problem> {
    if text.len() > MAX_BYTES {
        let message = format!("an expression has at most {MAX_BYTES} bytes");
        return Err(Problem::new(0..0, message));
    }
    let mut parser = Parser { text, at: 0, token: Token::End, span: 0..0, end: 0, depth: 0 };
    parser.advance()?;
    if parser.token == Token::End {
        return Err(parser.problem("the expression is empty"));
    }
    let node = parser.any()?;
    match parser.token {
        Token::End => Ok(node),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser<'t> {
    text: &'t str,
    /// Where the token after the current one begins to be looked for.
    at: usize,
    token: Token,
    span: Range<usize>,
    /// Where the token before the current one ended.
    end: usize,
    depth: usize,
}

/// All symbols; one that begins as another does comes before it.
const SYMBOLS: [&str; 20] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "(", ")", "[", "]",
    ",", ".",
];

/// What other languages write, and what it is here.
const ELSEWHERE: [(&str, &str); 8] = [
    ("and", "&&"),
    ("or", "||"),
    ("=", "=="),
    ("&", "&&"),
    ("|", "||"),
    ("<>", "!="),
    ("AND", "&&"),
    ("OR", "||"),
];

impl Parser<'_> {
    fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.span.clone(), message)
    }

    fn unexpected(&self, expected: &str) -> Problem {
        let found = match &self.token {
            Token::End => "the expression ends".to_owned(),
            _ => format!("found `{}`", self.text.get(self.span.clone()).unwrap_or_default()),
        };
        let written = self.text.get(self.span.clone()).unwrap_or_default();
        let help = ELSEWHERE.iter().find(|(other, _)| *other == written);
        self.problem(format!("expected {expected}, but {found}"))
            .with_help(help.map(|(_, own)| format!("did you mean `{own}`?")))
    }

    fn node(&self, start: usize, kind: Kind) -> Result<Node, Problem> {
        let height = match &kind {
            Kind::Literal(_) | Kind::Name(_) => 0,
            Kind::Not(one) | Kind::Negative(one) | Kind::Among { needle: one, .. } => one.height,
            Kind::Compare(_, sides) | Kind::Calculate(_, sides) => {
                sides[0].height.max(sides[1].height)
            }
            Kind::All(parts) | Kind::Any(parts) | Kind::Call(_, parts) => {
                parts.iter().map(|part| part.height).max().unwrap_or_default()
            }
        } + 1;
        let node = Node { span: start..self.end.max(start), height, kind };
        if height > MAX_DEPTH { Err(self.too_deep()) } else { Ok(node) }
    }

    fn too_deep(&self) -> Problem {
        self.problem(format!("parts lie more than {MAX_DEPTH} deep in each other"))
    }

    /// Reads one part that lies in the current one.
    fn deeper<T>(&mut self, read: fn(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let part = read(self);
        self.depth -= 1;
        part
    }

    fn takes(&mut self, symbol: &'static str) -> Result<bool, Problem> {
        let there = self.token == Token::Symbol(symbol);
        if there {
            self.advance()?;
        }
        Ok(there)
    }

    fn expects(&mut self, symbol: &'static str) -> Result<(), Problem> {
        if self.takes(symbol)? { Ok(()) } else { Err(self.unexpected(&format!("`{symbol}`"))) }
    }

    fn any(&mut self) -> Result<Node, Problem> {
        self.chain("||", Self::all, Kind::Any)
    }

    fn all(&mut self) -> Result<Node, Problem> {
        self.chain("&&", Self::comparison, Kind::All)
    }

    fn chain(
        &mut self,
        symbol: &'static str,
        part: fn(&mut Self) -> Result<Node, Problem>,
        kind: fn(Vec<Node>) -> Kind,
    ) -> Result<Node, Problem> {
        let start = self.span.start;
        let first = part(self)?;
        if self.token != Token::Symbol(symbol) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.takes(symbol)? {
            parts.push(part(self)?);
        }
        self.node(start, kind(parts))
    }

    fn comparison(&mut self) -> Result<Node, Problem> {
        let start = self.span.start;
        let left = self.sum()?;
        let node = match self.token {
            Token::In | Token::Not => {
                let negated = self.token == Token::Not;
                self.advance()?;
                if negated {
                    if self.token != Token::In {
                        return Err(self.unexpected("`in` after `not`"));
                    }
                    self.advance()?;
                }
                let list = self.list()?;
                self.node(start, Kind::Among { negated, needle: Box::new(left), list })?
            }
            Token::Symbol(symbol) => match Comparison::spelled(symbol) {
                Some(comparison) => {
                    self.advance()?;
                    let right = self.sum()?;
                    self.node(start, Kind::Compare(comparison, Box::new([left, right])))?
                }
                None => return Ok(left),
            },
            _ => return Ok(left),
        };
        let again = match self.token {
            Token::In | Token::Not => true,
            Token::Symbol(symbol) => Comparison::spelled(symbol).is_some(),
            _ => false,
        };
        if again {
            let help = "join two comparisons by `&&`, or put one in parentheses".to_owned();
            return Err(self
                .problem("comparisons do not follow one another")
                .with_help(Some(help)));
        }
        Ok(node)
    }

    fn list(&mut self) -> Result<Vec<(Literal, Range<usize>)>, Problem> {
        self.expects("[")?;
        let mut list = Vec::new();
        loop {
            let start = self.span.start;
            let negative = self.takes("-")?;
            let literal = match std::mem::replace(&mut self.token, Token::End) {
                Token::Literal(Literal::Number(number)) if negative => Literal::Number(-number),
                Token::Literal(literal) if !negative => literal,
                token => {
                    self.token = token;
                    return Err(self.unexpected("a number or a text"));
                }
            };
            self.advance()?;
            list.push((literal, start..self.end));
            if !self.takes(",")? {
                self.expects("]")?;
                return Ok(list);
            }
        }
    }

    fn sum(&mut self) -> Result<Node, Problem> {
        self.arithmetic(false, Self::product)
    }

    fn product(&mut self) -> Result<Node, Problem> {
        self.arithmetic(true, Self::prefix)
    }

    fn arithmetic(
        &mut self,
        tightly: bool,
        part: fn(&mut Self) -> Result<Node, Problem>,
    ) -> Result<Node, Problem> {
        let start = self.span.start;
        let mut left = part(self)?;
        while let Token::Symbol(symbol) = self.token
            && let Some(operator) = Operator::spelled(symbol)
            && operator.binds_tightly() == tightly
        {
            self.advance()?;
            let right = part(self)?;
            left = self.node(start, Kind::Calculate(operator, Box::new([left, right])))?;
        }
        Ok(left)
    }

    fn prefix(&mut self) -> Result<Node, Problem> {
        let start = self.span.start;
        if self.takes("!")? {
            let inner = self.deeper(Self::prefix)?;
            self.node(start, Kind::Not(Box::new(inner)))
        } else if self.takes("-")? {
            let inner = self.deeper(Self::prefix)?;
            self.node(start, Kind::Negative(Box::new(inner)))
        } else {
            self.whole()
        }
    }

    fn whole(&mut self) -> Result<Node, Problem> {
        let span = self.span.clone();
        if self.takes("(")? {
            let inner = self.deeper(Self::any)?;
            self.expects(")")?;
            return Ok(inner);
        }
        match std::mem::replace(&mut self.token, Token::End) {
            Token::Literal(literal) => {
                self.advance()?;
                self.node(span.start, Kind::Literal(literal))
            }
            Token::Name(name) => {
                self.advance()?;
                if self.token != Token::Symbol("(") {
                    return self.node(span.start, Kind::Name(name));
                }
                let Some(function) = Function::spelled(&name) else {
                    let known = Function::ALL.iter().map(|function| function.spelling());
                    return Err(Problem::new(span, format!("there is no function `{name}`"))
                        .with_help(nearest(&name, known)));
                };
                let arguments = self.deeper(Self::arguments)?;
                self.node(span.start, Kind::Call(function, arguments))
            }
            token => {
                self.token = token;
                Err(self.unexpected("a number, a text, a name or `(`"))
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<Node>, Problem> {
        self.expects("(")?;
        let mut arguments = Vec::new();
        if self.takes(")")? {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.any()?);
            if !self.takes(",")? {
                self.expects(")")?;
                return Ok(arguments);
            }
        }
    }

    /// Goes to the next token.
    fn advance(&mut self) -> Result<(), Problem> {
        self.end = self.span.end;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let rest = rest.trim_start();
        let start = self.text.len() - rest.len();
        self.span = start..start;
        let Some(first) = rest.chars().next() else {
            self.token = Token::End;
            return Ok(());
        };
        let (token, length) = if first.is_ascii_digit() {
            self.number(rest, start)?
        } else if first == '"' || first == '\'' {
            self.string(rest, start, first)?
        } else if first.is_ascii_alphabetic() || first == '_' {
            name(rest)
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            (Token::Symbol(symbol), symbol.len())
        } else {
            let help = ELSEWHERE.iter().find(|(other, _)| rest.starts_with(other));
            let span = start..start + first.len_utf8();
            return Err(Problem::new(
                span,
                format!("`{}` means nothing here", first.escape_debug()),
            )
            .with_help(help.map(|(_, own)| format!("did you mean `{own}`?"))));
        };
        self.token = token;
        self.at = start + length;
        self.span = start..self.at;
        Ok(())
    }

    fn number(&self, rest: &str, start: usize) -> Result<(Token, usize), Problem> {
        let bytes = rest.as_bytes();
        let digits = |from: usize| {
            bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count() + from
        };
        let mut length = digits(0);
        if bytes.get(length) == Some(&b'.') {
            length = digits(length + 1);
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            length = digits(length + 1 + sign);
        }
        let tail = rest.get(length..).unwrap_or_default();
        let letters =
            tail.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(tail.len());
        let written = rest.get(..length + letters).unwrap_or_default();
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() && letters == 0 => {
                Ok((Token::Literal(Literal::Number(number)), length))
            }
            _ => Err(Problem::new(start..start + written.len(), "this is no number")),
        }
    }

    fn string(&self, rest: &str, start: usize, quote: char) -> Result<(Token, usize), Problem> {
        let mut text = String::new();
        let mut characters = rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            if character == quote {
                return Ok((Token::Literal(Literal::Text(text)), at + 1));
            }
            if character != '\\' {
                text.push(character);
                continue;
            }
            match characters.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 'r')) => text.push('\r'),
                Some((_, 't')) => text.push('\t'),
                Some((_, escaped @ ('\\' | '"' | '\''))) => text.push(escaped),
                // A backslash before anything else stands for itself, as regular expressions
                // like it.
                Some((_, other)) => text.extend(['\\', other]),
                None => break,
            }
        }
        Err(Problem::new(start..start + 1, format!("no {quote} ends this text")))
    }
}

/// A name: words of letters, digits and `_` with points between.
fn name(rest: &str) -> (Token, usize) {
    let bytes = rest.as_bytes();
    let word = |from: usize| {
        let rest = bytes.iter().skip(from);
        rest.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
    };
    let mut length = word(0);
    while bytes.get(length) == Some(&b'.') && word(length + 1) > 0 {
        length += 1 + word(length + 1);
    }
    let written = rest.get(..length).unwrap_or_default();
    let token = match written {
        "true" => Token::Literal(Literal::Boolean(true)),
        "false" => Token::Literal(Literal::Boolean(false)),
        "in" => Token::In,
        "not" => Token::Not,
        _ => Token::Name(written.to_owned()),
    };
    (token, length)
}
