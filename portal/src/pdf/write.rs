//! Writing pages as PDF/UA-1: tagged, with title, language and outline. The writer refuses a file
//! that breaks the standard, so that none is given out.

use std::num::NonZeroU16;

use domain::Timestamp;
use jiff::tz::TimeZone;
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{PathBuilder, Point},
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::{Fill, Stroke},
    surface::Surface,
    tagging::{
        Artifact, ArtifactType, ContentTag, Identifier, Node as Tagged, SpanTag, TableHeaderScope,
        Tag, TagGroup, TagKind, TagTree,
    },
};

use super::{
    Paper, PdfError,
    face::Fonts,
    layout::{HEIGHT, Kind, Laid, Mark, Style, WIDTH, What},
};

/// Writes the pages.
pub(super) fn write(paper: &Paper, laid: Laid, fonts: &Fonts) -> Result<Vec<u8>, PdfError> {
    let refused = |error: &dyn std::fmt::Debug| PdfError::Refused(format!("{error:?}"));
    let standard = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1);
    let configuration = standard.finish().map_err(|error| refused(&error))?;
    let mut document =
        Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let mut leaves: Vec<Vec<Identifier>> = vec![Vec::new(); laid.nodes.len()];
    for marks in &laid.pages {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).expect("A4 is a size");
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        for mark in marks {
            let tagged = surface.start_tagged(match (&mark.what, mark.node) {
                (What::Line { .. }, Some(_)) => ContentTag::Span(SpanTag::empty()),
                (What::Line { .. }, None) => artifact(ArtifactType::PaginationOther),
                (What::Rule { .. }, _) => artifact(ArtifactType::Layout),
            });
            draw(&mut surface, mark, fonts);
            surface.end_tagged();
            if let Some(node) = mark.node {
                leaves[node].push(tagged);
            }
        }
        surface.finish();
        page.finish();
    }
    document.set_outline(outline(&laid));
    document.set_tag_tree(tree(&laid, &leaves));
    document.set_metadata(metadata(paper));
    document.finish().map_err(|error| refused(&error))
}

fn artifact(kind: ArtifactType) -> ContentTag<'static> {
    ContentTag::Artifact(Artifact::with_kind(kind))
}

fn grey(style: Style) -> rgb::Color {
    // 7.0 to 1 on white: what is small must not be pale (WCAG 1.4.6).
    if style.grey { rgb::Color::new(89, 89, 89) } else { rgb::Color::new(0, 0, 0) }
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, fonts: &Fonts) {
    match &mark.what {
        What::Line { x, y, style, text } => {
            let face = fonts.face(style.bold);
            surface.set_fill(Some(Fill { paint: grey(*style).into(), ..Fill::default() }));
            surface.set_stroke(None);
            let glyphs = face.glyphs(text);
            let start = Point::from_xy(*x, *y);
            surface.draw_glyphs(start, &glyphs, face.font.clone(), text, style.size, false);
        }
        What::Rule { x, y, width } => {
            let mut path = PathBuilder::new();
            path.move_to(*x, *y);
            path.line_to(x + width, *y);
            if let Some(path) = path.finish() {
                surface.set_fill(None);
                surface.set_stroke(Some(Stroke {
                    paint: rgb::Color::new(150, 150, 150).into(),
                    width: 0.4,
                    opacity: NormalizedF32::ONE,
                    ..Stroke::default()
                }));
                surface.draw_path(&path);
            }
        }
    }
}

fn outline(laid: &Laid) -> Outline {
    let mut outline = Outline::new();
    for entry in &laid.outline {
        let place = XyzDestination::new(entry.page, Point::from_xy(0.0, entry.y));
        outline.push_child(OutlineNode::new(entry.title.clone(), place));
    }
    outline
}

/// The structure: every node with its lines, then what stands below it. Children come after their
/// parents, so that from the last to the first each is whole when it is put into its parent.
fn tree(laid: &Laid, leaves: &[Vec<Identifier>]) -> TagTree {
    let mut below: Vec<Vec<Tagged>> = vec![Vec::new(); laid.nodes.len()];
    let mut roots = Vec::new();
    for (place, node) in laid.nodes.iter().enumerate().rev() {
        let mut children: Vec<Tagged> = leaves[place].iter().copied().map(Tagged::from).collect();
        let mut groups = std::mem::take(&mut below[place]);
        groups.reverse();
        children.append(&mut groups);
        // An empty cell keeps its place, or the others would stand under wrong heads; what else is
        // empty says nothing.
        let is_cell = matches!(node.kind, Kind::ColumnHead | Kind::RowHead | Kind::Cell);
        if children.is_empty() && !is_cell {
            continue;
        }
        let group = Tagged::from(TagGroup::with_children(tag(&node.kind), children));
        match node.parent {
            Some(parent) => below[parent].push(group),
            None => roots.push(group),
        }
    }
    let mut tree = TagTree::new();
    for root in roots.into_iter().rev() {
        tree.push(root);
    }
    tree
}

fn tag(kind: &Kind) -> TagKind {
    match kind {
        Kind::Heading { level, title } => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(title.clone())).into()
        }
        Kind::Paragraph => Tag::P.into(),
        Kind::Table => Tag::Table.into(),
        Kind::Row => Tag::TR.into(),
        Kind::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Kind::RowHead => Tag::TH(TableHeaderScope::Row).into(),
        Kind::Cell => Tag::TD.into(),
    }
}

fn metadata(paper: &Paper) -> Metadata {
    Metadata::new()
        .title(paper.title.clone())
        .language(paper.lang.tag().to_owned())
        .creator("Bulle".to_owned())
        .creation_date(date(paper.at))
}

fn date(at: Timestamp) -> DateTime {
    let civil = at.to_zoned(TimeZone::UTC);
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    DateTime::new(u16::try_from(civil.year()).unwrap_or_default())
        .month(part(civil.month()))
        .day(part(civil.day()))
        .hour(part(civil.hour()))
        .minute(part(civil.minute()))
        .second(part(civil.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}
