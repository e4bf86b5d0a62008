//! A picture of a page, as it is kept and compared.
//!
//! Its colours are coarse, 32 steps each of red, green and blue, so that files are small. Two pictures look the same where
//! each pixel of either has its like in the other: within one step of what lies at its place or beside it. So edges may be
//! smoothed otherwise, as by another version of a browser, and things may stand a pixel aside. Of pixels without their like
//! one in ten thousand is forgiven.

use std::collections::BTreeMap;

/// Red, green and blue, each in steps from 0 to [`STEP_MAX`].
type Colour = [u8; 3];

const STEP_MAX: u16 = 31;
/// By so many steps a colour may differ from its like.
const STEPS_FORGIVEN: u8 = 1;
/// One pixel in so many may be without its like.
const FORGIVEN_ONE_IN: usize = 10_000;
/// Two pictures of the same page may be of heights that differ by so much: half a page's pixel is rounded.
const HEIGHT_FORGIVEN: usize = 1;

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<Colour>,
}

/// What is not the same in two pictures.
#[derive(Debug)]
pub struct Difference {
    /// In words.
    pub says: String,
    /// The kept picture faintly, and in red what differs.
    pub shown: Picture,
}

impl Picture {
    /// Reads a PNG.
    pub fn read(bytes: &[u8]) -> Picture {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().expect("a PNG");
        let mut samples = vec![0; reader.output_buffer_size().expect("it fits into memory")];
        let info = reader.next_frame(&mut samples).expect("the PNG's pixels");
        let pixels = samples[..info.buffer_size()].chunks_exact(info.color_type.samples()).map(|pixel| match pixel {
            [red, green, blue, ..] => [*red, *green, *blue].map(step),
            [grey, ..] => [step(*grey); 3],
            [] => [0; 3],
        });
        Picture { width: info.width as usize, height: info.height as usize, pixels: pixels.collect() }
    }

    /// The picture as a PNG, with a palette where it has few colours.
    pub fn write(&self) -> Vec<u8> {
        let mut counts = BTreeMap::<Colour, usize>::new();
        for pixel in &self.pixels {
            *counts.entry(*pixel).or_default() += 1;
        }
        let mut out = Vec::new();
        let side = |length: usize| u32::try_from(length).expect("a picture's side");
        let mut encoder = png::Encoder::new(&mut out, side(self.width), side(self.height));
        encoder.set_compression(png::Compression::High);
        encoder.set_depth(png::BitDepth::Eight);
        let places: BTreeMap<Colour, u8> = counts.keys().copied().zip(0..=u8::MAX).collect();
        let samples: Vec<u8> = if counts.len() == places.len() {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(counts.keys().flat_map(|colour| colour.map(sample)).collect::<Vec<u8>>());
            encoder.set_filter(png::Filter::NoFilter);
            self.pixels.iter().map(|pixel| places[pixel]).collect()
        } else {
            encoder.set_color(png::ColorType::Rgb);
            self.pixels.iter().flat_map(|pixel| pixel.map(sample)).collect()
        };
        let mut writer = encoder.write_header().expect("a PNG's head");
        writer.write_image_data(&samples).expect("a PNG's pixels");
        writer.finish().expect("a PNG");
        out
    }

    /// What is not as in the picture that was kept; none where both look the same.
    pub fn difference(&self, kept: &Picture) -> Option<Difference> {
        if self.width != kept.width || self.height.abs_diff(kept.height) > HEIGHT_FORGIVEN {
            let says =
                format!("it is {} by {} pixels, and was {} by {}", self.width, self.height, kept.width, kept.height);
            return Some(Difference { says, shown: self.shown_against(kept) });
        }
        let without = (0..self.width * self.height.min(kept.height)).filter(|at| self.differs_at(kept, *at)).count();
        let forgiven = self.pixels.len() / FORGIVEN_ONE_IN;
        (without > forgiven).then(|| Difference {
            says: format!("{without} of {} pixels differ, {forgiven} are forgiven", self.pixels.len()),
            shown: self.shown_against(kept),
        })
    }

    /// Whether one of both has no like in the other at this place of what they have in common.
    fn differs_at(&self, kept: &Picture, at: usize) -> bool {
        let (new, old) = (self.pixels[at], kept.pixels[at]);
        new != old && !(kept.has_like(new, at) && self.has_like(old, at))
    }

    /// Whether a colour lies within those of this place and its neighbours.
    fn has_like(&self, colour: Colour, at: usize) -> bool {
        let (x, y) = (at % self.width, at / self.width);
        let rows = y.saturating_sub(1)..(y + 2).min(self.height);
        let columns = x.saturating_sub(1)..(x + 2).min(self.width);
        let near = || rows.clone().flat_map(|y| columns.clone().map(move |x| self.pixels[y * self.width + x]));
        (0..3).all(|part| {
            let least = near().map(|pixel| pixel[part]).min().unwrap_or_default().saturating_sub(STEPS_FORGIVEN);
            let most = near().map(|pixel| pixel[part]).max().unwrap_or_default() + STEPS_FORGIVEN;
            (least..=most).contains(&colour[part])
        })
    }

    fn shown_against(&self, kept: &Picture) -> Picture {
        let (width, height) = (self.width.max(kept.width), self.height.max(kept.height));
        let red = [STEP_MAX as u8, 0, 0];
        let faint = |part: u8| STEP_MAX as u8 - (STEP_MAX as u8 - part) / 4;
        let pixels = (0..width * height).map(|at| {
            let (x, y) = (at % width, at / width);
            let both = x < self.width.min(kept.width) && y < self.height.min(kept.height);
            match both.then(|| kept.pixels[y * kept.width + x]) {
                Some(old) if self.width != kept.width => old.map(faint),
                Some(old) => {
                    if self.differs_at(kept, y * kept.width + x) {
                        red
                    } else {
                        old.map(faint)
                    }
                }
                None => red,
            }
        });
        Picture { width, height, pixels: pixels.collect() }
    }
}

/// A sample of eight bits as a step.
fn step(sample: u8) -> u8 {
    ((u16::from(sample) * STEP_MAX + 127) / 255) as u8
}

/// A step as a sample of eight bits.
fn sample(step: u8) -> u8 {
    ((u16::from(step) * 255 + STEP_MAX / 2) / STEP_MAX) as u8
}

/// A card with a border and lines of text, as pages have them.
#[cfg(test)]
fn drawn(text_at: usize, border: Colour, ink: Colour) -> Picture {
    let (width, height) = (240, 160);
    let pixels = (0..width * height).map(|at| {
        let (x, y) = (at % width, at / width);
        let is_border =
            (x == 10 || x == 229) && (10..150).contains(&y) || (y == 10 || y == 149) && (10..230).contains(&x);
        let is_text =
            (text_at..text_at + 90).contains(&x) && (30..130).contains(&y) && y % 12 < 6 && (x - text_at) % 5 < 2;
        match (is_border, is_text) {
            (true, _) => border,
            (_, true) => ink,
            _ => [31; 3],
        }
    });
    Picture { width, height, pixels: pixels.collect() }
}

const GREY: Colour = [28, 28, 29];
const INK: Colour = [3, 4, 6];

#[test]
fn a_picture_is_read_as_it_was_written() {
    let few = drawn(40, GREY, INK);
    let pixels = (0..600_usize).map(|at| [(at % 32) as u8, (at / 32) as u8, 7]).collect();
    for picture in [few, Picture { width: 30, height: 20, pixels }] {
        assert_eq!(Picture::read(&picture.write()), picture);
    }
}

#[test]
fn what_another_browser_may_smooth_otherwise_is_forgiven() {
    let kept = drawn(40, GREY, INK);
    let mut softer = kept.clone();
    for (at, pixel) in softer.pixels.iter_mut().enumerate() {
        let by = u8::from(at % 3 == 0);
        *pixel = pixel.map(|part| if at % 2 == 0 { (part + by).min(31) } else { part.saturating_sub(by) });
    }
    for same in [&kept, &softer, &drawn(41, GREY, INK)] {
        assert!(same.difference(&kept).is_none(), "{:?}", same.difference(&kept).map(|found| found.says));
    }
}

#[test]
fn what_a_person_sees_is_found() {
    let kept = drawn(40, GREY, INK);
    let mut longer = kept.clone();
    longer.pixels.extend(vec![[31; 3]; 2 * longer.width]);
    longer.height += 2;
    for (what, new) in [
        ("text that moved", drawn(43, GREY, INK)),
        ("a border that is lost", drawn(40, [31; 3], INK)),
        ("another colour", drawn(40, GREY, [3, 4, 14])),
        ("a page that is longer", longer),
    ] {
        let found = new.difference(&kept).unwrap_or_else(|| panic!("{what} is not found"));
        assert!(found.shown.pixels.contains(&[31, 0, 0]), "{what} is shown");
    }
}
