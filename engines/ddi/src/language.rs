//! Language tags: the shape of BCP 47, the usual case of each part, and what is not a language.

/// What a tag turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Tag {
    /// A well-formed tag, in its usual form (`en`, `en-GB`, `zh-Hans`).
    Known(String),
    /// Well-formed, but its first part is two letters that ISO 639-1 does not have (`yy`).
    Unknown(String),
    /// Not the shape of a tag (`should ignore this`).
    Bad,
}

/// The two-letter codes of ISO 639-1.
const ISO_639_1: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch \
    co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he \
    hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv \
    kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny \
    oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st \
    su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Reads a language tag as BCP 47 writes it (RFC 5646, sections 2.1 and 2.1.1): the language in
/// small letters, a script of four letters with a capital, a region of two letters in capitals.
/// `_` is taken for `-`, as old programs wrote it. Three-letter languages are not looked up.
pub fn read(raw: &str) -> Tag {
    let raw = raw.trim();
    let parts: Vec<&str> = raw.split(['-', '_']).collect();
    let well_formed = parts.iter().all(|part| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    let language = parts[0].to_ascii_lowercase();
    let alphabetic = language.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !well_formed || !alphabetic || !matches!(language.len(), 2 | 3) {
        return Tag::Bad;
    }
    let known = language.len() == 3 || ISO_639_1.split(' ').any(|code| code == language);
    let mut tag = language;
    for part in &parts[1..] {
        tag.push('-');
        tag.push_str(&match part.len() {
            2 => part.to_ascii_uppercase(),
            4 if part.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                part[..1].to_ascii_uppercase() + &part[1..].to_ascii_lowercase()
            }
            _ => part.to_ascii_lowercase(),
        });
    }
    if known { Tag::Known(tag) } else { Tag::Unknown(tag) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_written_in_their_usual_form() {
        for (raw, tag) in [("EN", "en"), (" en_gb", "en-GB"), ("ZH-hans-cn", "zh-Hans-CN")] {
            assert_eq!(read(raw), Tag::Known(tag.into()));
        }
        assert_eq!(read("fin"), Tag::Known("fin".into()));
    }

    #[test]
    fn what_is_no_language_is_told_apart_from_what_is_no_tag() {
        assert_eq!(read("yy"), Tag::Unknown("yy".into()));
        for raw in ["should ignore this", "FI: should ignore this", "", "e", "12", "fr-"] {
            assert_eq!(read(raw), Tag::Bad, "{raw}");
        }
    }
}
