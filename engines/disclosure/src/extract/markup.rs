//! Tags of HTML and SVG as browsers take them: nothing need be well-formed, nothing is run.

/// A piece of markup.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// `<name ...>`; lower-case name without prefix, what stands between it and `>`, and whether
    /// it closes itself.
    Open(String, &'a str, bool),
    /// `</name>`.
    Close(String),
    /// Text with its entities.
    Text(&'a str),
    /// What `<script>` and `<style>` hold, which no markup ends but their own.
    Raw(&'a str),
    /// `<!-- ... -->`.
    Comment(&'a str),
}

/// Cuts a document into pieces, each with its place in bytes.
pub struct Pieces<'a> {
    text: &'a str,
    at: usize,
    /// The element whose raw text follows.
    raw: Option<&'static str>,
}

impl<'a> Pieces<'a> {
    /// The pieces of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, raw: None }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (usize, Piece<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        if let Some(name) = self.raw.take() {
            let end = find_close(rest, name).unwrap_or(rest.len());
            self.at += end;
            return Some((start, Piece::Raw(&rest[..end])));
        }
        let Some(inner) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            self.at += end;
            return Some((start, Piece::Text(&rest[..end])));
        };
        if let Some(comment) = inner.strip_prefix("!--") {
            let end = comment.find("-->").unwrap_or(comment.len());
            self.at += (4 + end + 3).min(rest.len());
            return Some((start, Piece::Comment(&comment[..end])));
        }
        if let Some(data) = inner.strip_prefix("![CDATA[") {
            let end = data.find("]]>").unwrap_or(data.len());
            self.at += (9 + end + 3).min(rest.len());
            return Some((start, Piece::Text(&data[..end])));
        }
        let close = inner.starts_with('/');
        let name_at = usize::from(close);
        if !inner.get(name_at..).is_some_and(|n| {
            n.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?')
        }) {
            // A lone `<` is text.
            self.at += 1;
            return Some((start, Piece::Text(&rest[..1])));
        }
        let end = tag_end(inner);
        self.at += (1 + end + 1).min(rest.len());
        let tag = &inner[name_at..end.max(name_at)];
        let name_end = tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len());
        let name = tag[..name_end].rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
        if close {
            return Some((start, Piece::Close(name)));
        }
        let closed = tag.ends_with('/');
        self.raw = match name.as_str() {
            _ if closed => None,
            "script" => Some("script"),
            "style" => Some("style"),
            "textarea" => Some("textarea"),
            _ => None,
        };
        Some((start, Piece::Open(name, tag[name_end..].trim_end_matches('/'), closed)))
    }
}

/// Where `</name` is; letters of any case.
fn find_close(text: &str, name: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, b"</").find(|at| {
        let after = bytes.get(at + 2..at + 2 + name.len());
        after.is_some_and(|after| after.eq_ignore_ascii_case(name.as_bytes()))
    })
}

/// Where the tag's `>` is: quoted ones do not count.
fn tag_end(inner: &str) -> usize {
    let mut quote = None;
    for (at, b) in inner.bytes().enumerate() {
        match (quote, b) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(q), b) if q == b => quote = None,
            _ => {}
        }
    }
    // A quote that nothing closes: the first `>` ends the tag, as where it is forgotten.
    inner.find('>').unwrap_or(inner.len())
}

/// An attribute's value, entities resolved; empty for one without a value.
pub fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        if end == 0 {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let key = &rest[..end];
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (inner, stop) = match quote {
                Some(q) => {
                    let inner = &after[1..];
                    let stop = inner.find(q).unwrap_or(inner.len());
                    (inner, stop)
                }
                None => (after, after.find(char::is_whitespace).unwrap_or(after.len())),
            };
            value = &inner[..stop];
            rest = inner.get(stop + usize::from(quote.is_some())..).unwrap_or_default();
        }
        if key.eq_ignore_ascii_case(name) {
            return Some(unescape(value));
        }
    }
}

/// Entities that tables and French text need; others stay as they are.
pub fn unescape(text: &str) -> String {
    const NAMED: [(&str, &str); 24] = [
        ("amp", "&"),
        ("lt", "<"),
        ("gt", ">"),
        ("quot", "\""),
        ("apos", "'"),
        ("nbsp", "\u{a0}"),
        ("eacute", "é"),
        ("egrave", "è"),
        ("agrave", "à"),
        ("ecirc", "ê"),
        ("ccedil", "ç"),
        ("ocirc", "ô"),
        ("icirc", "î"),
        ("ugrave", "ù"),
        ("euro", "€"),
        ("thinsp", "\u{2009}"),
        ("ndash", "–"),
        ("mdash", "—"),
        ("minus", "−"),
        ("le", "≤"),
        ("ge", "≥"),
        ("lsquo", "‘"),
        ("rsquo", "’"),
        ("times", "×"),
    ];
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let end = tail.bytes().take(12).position(|b| b == b';');
        let found = end.and_then(|end| {
            let name = tail.get(..end)?;
            let code = name.strip_prefix('#').map(|n| match n.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => n.parse(),
            });
            match code {
                Some(code) => char::from_u32(code.ok()?).map(|c| (c.to_string(), end)),
                None => NAMED.iter().find(|n| n.0 == name).map(|n| (n.1.to_owned(), end)),
            }
        });
        match found {
            Some((text, end)) => {
                out.push_str(&text);
                rest = &tail[end + 1..];
            }
            None => {
                out.push('&');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_scripts_and_comments_are_cut_as_browsers_do() {
        let text = "<P a='>'>1 &lt; 2<script>if (a<b) '</p>'</SCRIPT><!-- <b> --></p>";
        let pieces: Vec<_> = Pieces::new(text).map(|(_, piece)| piece).collect();
        assert_eq!(pieces[0], Piece::Open("p".into(), " a='>'", false));
        assert_eq!(pieces[3], Piece::Raw("if (a<b) '</p>'"));
        assert_eq!(pieces[5], Piece::Comment(" <b> "));
        assert_eq!(attribute(" x=1 hidden  style=\"a:b\"", "style"), Some("a:b".into()));
        assert_eq!(attribute(" x=1 hidden ", "hidden"), Some(String::new()));
        assert_eq!(unescape("12&nbsp;345&#160;&eacute;&x;"), "12\u{a0}345\u{a0}é&x;");
    }
}
