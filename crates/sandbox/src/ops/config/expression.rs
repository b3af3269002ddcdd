//! The part of AWS Config's query language that is understood: `SELECT fields WHERE field = 'x' AND field IN (…) GROUP BY fields`.

use crate::Fault;

/// What may be selected, compared and grouped by.
const FIELDS: [&str; 5] = ["accountId", "awsRegion", "resourceType", "resourceId", "configuration.imageId"];

/// The column that counts.
pub(super) const COUNT: &str = "COUNT(*)";

/// A query.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expression {
    /// The columns, `COUNT(*)` among them.
    pub(super) select: Vec<String>,
    /// Fields with the values that they may have; all must hold.
    pub(super) conditions: Vec<(String, Vec<String>)>,
    /// What is grouped by.
    pub(super) group_by: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

fn invalid(what: impl std::fmt::Display) -> Fault {
    Fault::new("InvalidExpressionException", format!("The expression is not valid: {what}"))
}

impl Expression {
    /// Reads a query.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let mut reader = Reader { tokens: tokens(text)?, at: 0 };
        reader.keyword("SELECT")?;
        let select = reader.columns()?;
        let mut conditions = Vec::new();
        if reader.takes_keyword("WHERE") {
            conditions.push(reader.condition()?);
            while reader.takes_keyword("AND") {
                conditions.push(reader.condition()?);
            }
        }
        let mut group_by = Vec::new();
        if reader.takes_keyword("GROUP") {
            reader.keyword("BY")?;
            group_by = reader.columns()?;
        }
        if let Some(token) = reader.tokens.get(reader.at) {
            return Err(invalid(format_args!("{token:?} is not understood")));
        }
        let counts = select.iter().any(|column| column == COUNT);
        let ungrouped = select.iter().find(|column| *column != COUNT && !group_by.contains(column));
        match ungrouped {
            Some(column) if counts || !group_by.is_empty() => Err(invalid(format_args!("{column} is not grouped by"))),
            _ => Ok(Self { select, conditions, group_by }),
        }
    }

    /// Whether it is about groups of resources.
    pub(super) fn is_grouped(&self) -> bool {
        !self.group_by.is_empty() || self.select.iter().any(|column| column == COUNT)
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => {
                let end = rest[1..].find('\'').ok_or_else(|| invalid("a text has no end"))?;
                tokens.push(Token::Text(rest[1..=end].to_owned()));
                end + 2
            }
            '(' | ')' | ',' | '=' | '*' => {
                tokens.push(Token::Sign(first));
                1
            }
            _ => {
                let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':');
                let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
                if end == 0 {
                    return Err(invalid(format_args!("`{first}` is not understood")));
                }
                tokens.push(Token::Word(rest[..end].to_owned()));
                end
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> Result<Token, Fault> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(|| invalid("it ends too early"))?;
        self.at += 1;
        Ok(token)
    }

    fn takes_keyword(&mut self, keyword: &str) -> bool {
        let takes = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        self.at += usize::from(takes);
        takes
    }

    fn keyword(&mut self, keyword: &str) -> Result<(), Fault> {
        if self.takes_keyword(keyword) { Ok(()) } else { Err(invalid(format_args!("{keyword} is expected"))) }
    }

    fn takes(&mut self, sign: char) -> bool {
        let takes = self.tokens.get(self.at) == Some(&Token::Sign(sign));
        self.at += usize::from(takes);
        takes
    }

    fn sign(&mut self, sign: char) -> Result<(), Fault> {
        if self.takes(sign) { Ok(()) } else { Err(invalid(format_args!("`{sign}` is expected"))) }
    }

    fn columns(&mut self) -> Result<Vec<String>, Fault> {
        let mut columns = vec![self.column()?];
        while self.takes(',') {
            columns.push(self.column()?);
        }
        Ok(columns)
    }

    fn column(&mut self) -> Result<String, Fault> {
        match self.next()? {
            Token::Word(word) if word.eq_ignore_ascii_case("COUNT") => {
                self.sign('(')?;
                self.sign('*')?;
                self.sign(')')?;
                Ok(COUNT.to_owned())
            }
            Token::Word(word) if FIELDS.contains(&word.as_str()) => Ok(word),
            other => Err(invalid(format_args!("{other:?} is no property that is known here"))),
        }
    }

    fn condition(&mut self) -> Result<(String, Vec<String>), Fault> {
        let field = self.column()?;
        if self.takes('=') {
            return Ok((field, vec![self.text()?]));
        }
        self.keyword("IN")?;
        self.sign('(')?;
        let mut values = vec![self.text()?];
        while self.takes(',') {
            values.push(self.text()?);
        }
        self.sign(')')?;
        Ok((field, values))
    }

    fn text(&mut self) -> Result<String, Fault> {
        match self.next()? {
            Token::Text(text) => Ok(text),
            other => Err(invalid(format_args!("{other:?} is no text"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read() {
        let text = "SELECT accountId, configuration.imageId, COUNT(*) WHERE resourceType IN ('A::B','C::D') AND awsRegion = 'us-east-1' \
                    GROUP BY accountId, configuration.imageId";
        let read = Expression::parse(text).unwrap();
        assert_eq!(read.select, ["accountId", "configuration.imageId", COUNT]);
        assert_eq!(read.conditions[0], ("resourceType".to_owned(), vec!["A::B".to_owned(), "C::D".to_owned()]));
        assert_eq!(read.group_by.len(), 2);
        assert!(read.is_grouped());
        assert!(!Expression::parse("select resourceId").unwrap().is_grouped());
    }

    #[test]
    fn what_is_no_query_is_refused() {
        for text in [
            "",
            "SELECT",
            "SELECT *",
            "SELECT tags",
            "SELECT resourceId WHERE",
            "SELECT resourceId WHERE resourceType",
            "SELECT resourceId WHERE resourceType = A",
            "SELECT resourceId WHERE resourceType = 'A",
            "SELECT resourceId WHERE resourceType IN ()",
            "SELECT resourceId, COUNT(*)",
            "SELECT resourceId GROUP BY accountId",
            "SELECT resourceId; DROP",
        ] {
            assert_eq!(Expression::parse(text).unwrap_err().code, "InvalidExpressionException", "{text}");
        }
    }
}
