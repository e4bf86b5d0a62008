//! Tables: columns that sort, pages that lead on, and what stands where there is nothing.

use api::{Problem, ProblemKind};
use maud::{Markup, html};

use super::figures;
use super::language::of_the_api;
use super::link::Link;
use super::visit::Visit;
use super::words::{marked, words};

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column<'a> {
    /// What it is called, with its unit.
    pub(crate) label: &'a str,
    /// The API's name to sort by; `None` where it does not sort.
    pub(crate) sort: Option<&'a str>,
    /// Whether it holds figures, which stand to the right.
    pub(crate) is_figure: bool,
    /// Whether it is called as the API calls it, in whatever language the page is.
    pub(crate) is_of_the_api: bool,
}

impl<'a> Column<'a> {
    /// A column of texts.
    pub(crate) const fn text(label: &'a str) -> Column<'a> {
        Column { label, sort: None, is_figure: false, is_of_the_api: false }
    }

    /// A column of figures.
    pub(crate) const fn figure(label: &'a str) -> Column<'a> {
        Column { label, sort: None, is_figure: true, is_of_the_api: false }
    }

    /// The same, called as the API calls it.
    pub(crate) const fn as_of_the_api(self) -> Column<'a> {
        Column { is_of_the_api: true, ..self }
    }

    /// The same, sorted by a column of the API.
    pub(crate) const fn sorted_by(self, sort: &'a str) -> Column<'a> {
        Column { sort: Some(sort), ..self }
    }
}

/// How a table is sorted now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sorting<'a> {
    /// The API's name of the column.
    pub(crate) by: &'a str,
    /// Whether it descends.
    pub(crate) is_descending: bool,
}

impl Sorting<'_> {
    /// Where a column is sorted by. It descends at the first click, as the API does by default; a click more turns it
    /// around.
    fn next(&self, visit: &Visit, sort: &str) -> Link {
        let next = if self.by == sort && self.is_descending { "asc" } else { "desc" };
        visit.here().without("cursor").with("sort", sort).with("order", next)
    }

    fn arrow(&self) -> Markup {
        html! { span aria-hidden="true" { @if self.is_descending { " ↓" } @else { " ↑" } } }
    }
}

/// A table.
pub(crate) struct Table<'a> {
    /// Its id, which is unique on the page.
    pub(crate) id: &'a str,
    /// What it shows; read out before it.
    pub(crate) caption: &'a str,
    /// Its columns.
    pub(crate) columns: &'a [Column<'a>],
    /// How it is sorted, where its columns sort.
    pub(crate) sorting: Option<Sorting<'a>>,
    /// Its rows: `tr` with a cell a column, the first a `th scope="row"`; cells of figures are `td.num`.
    pub(crate) rows: Markup,
}

impl Table<'_> {
    /// The table. It scrolls within itself where it is wider than the page, and shows by a shade that it does.
    pub(crate) fn draw(&self, visit: &Visit) -> Markup {
        self.drawn(visit, "table-scroll")
    }

    /// The same, whose rows become cards on a narrow screen: at the top of each what its row is about and the cell of
    /// the class `matters`, which matters most; below them the others, each under its `data-label`; those of the class
    /// `wide` on lines of their own.
    pub(crate) fn draw_as_cards(&self, visit: &Visit) -> Markup {
        html! { (self.sort_menu(visit)) (self.drawn(visit, "table-scroll as-cards")) }
    }

    fn drawn(&self, visit: &Visit, class: &str) -> Markup {
        html! {
            section class=(class) aria-labelledby={ (self.id) "-caption" } tabindex="0" {
                table id=(self.id) {
                    caption id={ (self.id) "-caption" } { (self.caption) }
                    thead { tr { @for column in self.columns { (self.heading(visit, column)) } } }
                    tbody { (self.rows) }
                }
            }
        }
    }

    /// The ways to sort, where the headings that bear them are not shown.
    fn sort_menu(&self, visit: &Visit) -> Markup {
        let Some(sorting) = self.sorting else { return html! {} };
        let sorted = self.columns.iter().find(|column| column.sort == Some(sorting.by));
        html! {
            details.sort-menu {
                summary { (words!("tables-sorted-by", column = sorted.map_or(sorting.by, |column| column.label))) (sorting.arrow()) }
                ul {
                    @for column in self.columns {
                        @if let Some(sort) = column.sort { li { a href=(sorting.next(visit, sort)) { (column.label) @if sort == sorting.by { (sorting.arrow()) } } } }
                    }
                }
            }
        }
    }

    fn heading(&self, visit: &Visit, column: &Column<'_>) -> Markup {
        let class = column.is_figure.then_some("num");
        let (Some(sorting), Some(sort)) = (self.sorting, column.sort) else {
            let language = if column.is_of_the_api { of_the_api(column.label) } else { None };
            return html! { th scope="col" class=[class] lang=[language] { (column.label) } };
        };
        let is_sorted = sorting.by == sort;
        let direction = if sorting.is_descending { "descending" } else { "ascending" };
        html! {
            th scope="col" class=[class] aria-sort=[is_sorted.then_some(direction)] {
                a.sort href=(sorting.next(visit, sort)) {
                    (column.label)
                    @if is_sorted { (sorting.arrow()) }
                }
            }
        }
    }
}

/// How many rows there are, and the ways to the first and the next page. `next` is the list's `next_cursor`; the
/// way back is the browser's.
pub(crate) fn paging(visit: &Visit, total: u64, next: Option<&str>, what: &str) -> Markup {
    let first: Option<Link> = visit.parameter("cursor").map(|_| visit.here().without("cursor"));
    html! {
        nav.paging aria-label=(words!("tables-pages-of", what = what)) {
            p { (marked!("tables-in-all", count = figures::count(total), what = what)) }
            @if let Some(first) = first { a.button.small href=(first) { (words!("tables-first-page")) } }
            @if let Some(next) = next { a.button.small rel="next" href=(visit.here().with("cursor", next)) { (words!("tables-next-page")) } }
        }
    }
}

/// The number of the page that is asked for, from 1: the parameter `page`.
pub(crate) fn page_number(visit: &Visit) -> Result<usize, Problem> {
    let wrong = || Problem::of_field(ProblemKind::InvalidParameter, "page", "expected a page's number, from 1");
    let Some(text) = visit.parameter("page") else { return Ok(1) };
    text.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)
}

/// One of the numbered pages of rows that are all there.
pub(crate) struct Numbered<'r, T> {
    /// The rows of the page.
    pub(crate) shown: &'r [T],
    number: usize,
    pages: usize,
    total: usize,
}

impl<'r, T> Numbered<'r, T> {
    /// The page of a number; the last one where there are not so many.
    pub(crate) fn of(rows: &'r [T], page_rows: usize, number: usize) -> Numbered<'r, T> {
        let pages = rows.len().div_ceil(page_rows).max(1);
        let number = number.min(pages);
        let shown = rows.chunks(page_rows).nth(number - 1).unwrap_or_default();
        Numbered { shown, number, pages, total: rows.len() }
    }

    /// How many rows there are, and the ways to the page before and the next one.
    pub(crate) fn paging(&self, visit: &Visit, what: &str) -> Markup {
        let Numbered { number, pages, total, .. } = *self;
        let to = |number: usize| match number {
            1 => visit.here().without("page"),
            number => visit.here().with("page", number),
        };
        html! {
            nav.paging aria-label=(words!("tables-pages-of", what = what)) {
                p { (marked!("tables-in-all-page", count = figures::count(total as u64), what = what, number = number, pages = pages)) }
                @if number > 1 { a.button.small rel="prev" href=(to(number - 1)) { (words!("tables-previous-page")) } }
                @if number < pages { a.button.small rel="next" href=(to(number + 1)) { (words!("tables-next-page")) } }
            }
        }
    }
}
