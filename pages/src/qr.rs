//! QR codes of the referrer's links: drawn on a page, and to save as SVG or PNG.

use api::{Problem, question};
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, PreEscaped, html};
use qrcode::{Color, EcLevel, QrCode};

use super::visit::Visit;
use crate::site::Site;

/// Modules of quiet space on each side, as the standard wants.
const QUIET: usize = 4;
/// Pixels of a module in a PNG.
const MODULE_PIXELS: usize = 12;

pub(super) fn router() -> Router<Site> {
    Router::new().route("/codes/{code}/qr.svg", get(get_svg)).route("/codes/{code}/qr.png", get(get_png))
}

/// A square of dark and light modules with quiet space around.
struct Modules {
    width: usize,
    dark: Vec<bool>,
}

impl Modules {
    fn of(text: &str) -> Result<Modules, Problem> {
        let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M)
            .map_err(|error| Problem::internal(&error))?;
        let inner = code.width();
        let width = inner + 2 * QUIET;
        let mut dark = vec![false; width * width];
        for (at, color) in code.to_colors().into_iter().enumerate() {
            let (row, column) = (at / inner + QUIET, at % inner + QUIET);
            // Both lie within the width by construction.
            dark[row * width + column] = color == Color::Dark;
        }
        Ok(Modules { width, dark })
    }

    fn is_dark(&self, row: usize, column: usize) -> bool {
        self.dark.get(row * self.width + column).copied().unwrap_or(false)
    }

    /// The dark modules as one path: a rectangle a run.
    fn path(&self) -> String {
        let mut path = String::new();
        for row in 0..self.width {
            let mut column = 0;
            while column < self.width {
                let begins = column;
                while self.is_dark(row, column) && column < self.width {
                    column += 1;
                }
                if column > begins {
                    let run = column - begins;
                    path.push_str(&format!("M{begins} {row}h{run}v1h-{run}z"));
                }
                column += 1;
            }
        }
        path
    }
}

/// The QR code of a text, to stand on a page. It is dark on white on either side of the pages, as scanners want it.
pub(crate) fn draw(text: &str, says: &str) -> Markup {
    match Modules::of(text) {
        Ok(modules) => html! {
            svg.qr viewBox={ "0 0 " (modules.width) " " (modules.width) } role="img" aria-label=(says) shape-rendering="crispEdges" {
                rect width="100%" height="100%" fill="#fff" {}
                path d=(modules.path()) fill="#000" {}
            }
        },
        // A link that is too long for a QR code can still be copied.
        Err(_) => html! {},
    }
}

async fn link_of(visit: &Visit, code: String) -> Result<String, Problem> {
    visit.read_ledger(move |read| Ok(read.ask(&[], question::code(&code))?.row.link)).await
}

fn download(media_type: &'static str, ending: &str, code: &str, body: Vec<u8>) -> Response {
    // A code is written in A-Z, 0-9 and _ only.
    let disposition = HeaderValue::from_str(&format!("inline; filename=\"{code}.{ending}\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("inline"));
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(media_type)), (header::CONTENT_DISPOSITION, disposition)];
    (headers, body).into_response()
}

async fn get_svg(visit: Visit, Path(code): Path<String>) -> Result<Response, Problem> {
    let modules = Modules::of(&link_of(&visit, code.clone()).await?)?;
    let (width, pixels) = (modules.width, modules.width * MODULE_PIXELS);
    let svg = html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"))
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (width) } width=(pixels) height=(pixels) shape-rendering="crispEdges" {
            rect width="100%" height="100%" fill="#fff" {}
            path d=(modules.path()) fill="#000" {}
        }
    };
    Ok(download("image/svg+xml", "svg", &code, svg.into_string().into_bytes()))
}

async fn get_png(visit: Visit, Path(code): Path<String>) -> Result<Response, Problem> {
    let modules = Modules::of(&link_of(&visit, code.clone()).await?)?;
    let png = png_of(&modules).map_err(|error| Problem::internal(&error))?;
    Ok(download("image/png", "png", &code, png))
}

/// One bit a pixel, black on white.
fn png_of(modules: &Modules) -> Result<Vec<u8>, png::EncodingError> {
    let pixels = modules.width * MODULE_PIXELS;
    let row_bytes = pixels.div_ceil(8);
    let mut bits = Vec::with_capacity(row_bytes * pixels);
    for row in 0..modules.width {
        let mut line = vec![0_u8; row_bytes];
        for pixel in (0..pixels).filter(|pixel| !modules.is_dark(row, pixel / MODULE_PIXELS)) {
            // A set bit is white. The pixel lies within the row by construction.
            line[pixel / 8] |= 0x80 >> (pixel % 8);
        }
        for _ in 0..MODULE_PIXELS {
            bits.extend_from_slice(&line);
        }
    }
    let mut out = Vec::new();
    // A QR code has at most 185 modules with its quiet space.
    let side = u32::try_from(pixels).unwrap_or(u32::MAX);
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bits)?;
    writer.finish()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_draws_exactly_the_dark_modules() {
        let modules = Modules::of("https://example.test/?ref=ALPHA").expect("a QR code");
        let drawn: usize = modules
            .path()
            .split('M')
            .filter_map(|run| run.split_once('h')?.1.split_once('v')?.0.parse::<usize>().ok())
            .sum();
        assert_eq!(drawn, modules.dark.iter().filter(|dark| **dark).count());
        assert!((0..modules.width).all(|at| !modules.is_dark(QUIET - 1, at)), "quiet space");
        assert!((0..7).all(|at| modules.is_dark(QUIET, QUIET + at)), "a finder's edge");
    }

    #[test]
    fn a_png_has_the_pixels_of_its_modules() {
        let modules = Modules::of("ALPHA").expect("a QR code");
        let png = png_of(&modules).expect("a PNG");
        assert!(png.starts_with(b"\x89PNG"));
        assert_eq!(
            png.get(16..20),
            Some(&u32::try_from(modules.width * MODULE_PIXELS).expect("small").to_be_bytes()[..])
        );
    }
}
