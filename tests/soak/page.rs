//! The page: what was seen over time, drawn, with a table of answers; and the samples as CSV.

use std::fmt::Write;
use std::path::Path;

use crate::asking::Answer;
use crate::chart::{Chart, Line, picture};
use crate::figures::{course, kinds, quantile, took};
use crate::sampling::Sample;

/// Into how many parts the time is cut for the courses of answers.
const PARTS: usize = 60;
const MEBIBYTE: f64 = 1_048_576.0;

/// Writes `index.html`, the picture alone as `soak.svg`, and `samples.csv` into a folder.
pub fn write(folder: &Path, about: &str, samples: &[Sample], answers: &[Answer]) {
    std::fs::create_dir_all(folder).expect("a folder");
    let svg = picture(about, &charts(samples, answers));
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>A long haul</title><style>body{{font-family:\
         sans-serif;max-width:60rem;margin:auto}}td{{padding:2px 12px;text-align:right}}</style></head><body>\n\
         <h1>A long haul</h1>\n{svg}{}</body></html>\n",
        table(answers)
    );
    for (name, text) in [("index.html", &html), ("soak.svg", &svg), ("samples.csv", &csv(samples))] {
        std::fs::write(folder.join(name), text).expect("written");
    }
    for row in rows(answers) {
        println!("soak: {}", row.join("  "));
    }
}

fn charts(samples: &[Sample], answers: &[Answer]) -> Vec<Chart> {
    let line = |name: &'static str, value: &dyn Fn(&Sample) -> f64| Line {
        name,
        points: samples.iter().map(|sample| (sample.at, value(sample))).collect(),
    };
    let rate = |name: &'static str, value: &dyn Fn(&Sample) -> f64| Line {
        name,
        points: samples
            .windows(2)
            .map(|two| (two[1].at, (value(&two[1]) - value(&two[0])) / (two[1].at - two[0].at).max(0.001)))
            .collect(),
    };
    let answered =
        |name: &'static str, kind: &str, share: f64| Line { name, points: course(answers, kind, share, PARTS) };
    vec![
        Chart {
            title: "Memory, MiB",
            lines: vec![
                line("anonymous", &|sample| sample.anonymous / MEBIBYTE),
                line("the state", &|sample| sample.state / MEBIBYTE),
                line("held of the past", &|sample| sample.past / MEBIBYTE),
                line("files mapped", &|sample| sample.mapped / MEBIBYTE),
            ],
        },
        Chart {
            title: "Descriptors and threads",
            lines: vec![
                line("descriptors", &|sample| sample.descriptors),
                line("threads", &|sample| sample.threads),
                line("files of the ledger", &|sample| sample.files),
            ],
        },
        Chart {
            title: "Disk, MiB",
            lines: vec![
                line("ledger", &|sample| sample.ledger / MEBIBYTE),
                line("checkpoints", &|sample| sample.checkpoints / MEBIBYTE),
                line("backup", &|sample| sample.backup / MEBIBYTE),
            ],
        },
        Chart {
            title: "Entries a second, and messages that wait",
            lines: vec![rate("entries/s", &|sample| sample.position), line("messages", &|sample| sample.lag)],
        },
        Chart { title: "Processor, cores", lines: vec![rate("in use", &|sample| sample.processor)] },
        Chart {
            title: "Short questions and commands, ms",
            lines: vec![
                answered("questions, median", "short", 0.5),
                answered("questions, p99", "short", 0.99),
                answered("commands, median", "command", 0.5),
                answered("commands, p99", "command", 0.99),
            ],
        },
        Chart {
            title: "Long questions, ms",
            lines: vec![
                answered("long, median", "long", 0.5),
                answered("long, most", "long", 1.0),
                answered("as of, median", "as of", 0.5),
                answered("as of, most", "as of", 1.0),
            ],
        },
        Chart {
            title: "What-ifs, and exports by another process, ms",
            lines: vec![answered("what-if", "what-if", 1.0), answered("export", "export beside", 1.0)],
        },
    ]
}

/// Of each kind how many answers there were and how long they took, in milliseconds, below a head.
fn rows(answers: &[Answer]) -> Vec<[String; 5]> {
    let mut rows = vec![["answers", "how many", "median, ms", "p99, ms", "most, ms"].map(str::to_owned)];
    for kind in kinds(answers) {
        let took = took(answers, kind);
        let at = |share| format!("{:.1}", quantile(&took, share) * 1_000.0);
        rows.push([kind.to_owned(), took.len().to_string(), at(0.5), at(0.99), at(1.0)]);
    }
    rows
}

fn table(answers: &[Answer]) -> String {
    let row = |cells: [String; 5]| format!("<tr><td>{}</td></tr>\n", cells.join("</td><td>"));
    format!("<table>\n{}</table>\n", rows(answers).into_iter().map(row).collect::<String>())
}

fn csv(samples: &[Sample]) -> String {
    let mut text = String::from(
        "seconds,anonymous,mapped,state,past,descriptors,threads,processor_seconds,position,lag,ledger,files,checkpoints,backup\n",
    );
    for of in samples {
        let _ = writeln!(
            text,
            "{:.1},{:.0},{:.0},{:.0},{:.0},{:.0},{:.0},{:.1},{:.0},{:.0},{:.0},{:.0},{:.0},{:.0}",
            of.at,
            of.anonymous,
            of.mapped,
            of.state,
            of.past,
            of.descriptors,
            of.threads,
            of.processor,
            of.position,
            of.lag,
            of.ledger,
            of.files,
            of.checkpoints,
            of.backup
        );
    }
    text
}
