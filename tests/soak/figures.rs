//! Figures of many values.

use crate::asking::Answer;

/// The value below which so large a share of them lies; 0 of none.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let at = (share * (values.len().max(1) - 1) as f64).round() as usize;
    values.get(at).copied().unwrap_or(0.0)
}

/// How long the answers of a kind took, in seconds.
pub fn took(answers: &[Answer], kind: &str) -> Vec<f64> {
    answers.iter().filter(|answer| answer.kind == kind).map(|answer| answer.took).collect()
}

/// For each of so many equal parts of the time the quantile of a kind's answers in milliseconds, at the middle of the part.
pub fn course(answers: &[Answer], kind: &str, share: f64, parts: usize) -> Vec<(f64, f64)> {
    let end = answers.iter().map(|answer| answer.at).fold(1.0, f64::max);
    let width = end / parts as f64;
    let of_part = |part: usize| {
        let within = answers.iter().filter(|answer| answer.kind == kind && (answer.at / width) as usize == part);
        let took: Vec<f64> = within.map(|answer| answer.took * 1_000.0).collect();
        (!took.is_empty()).then(|| ((part as f64 + 0.5) * width, quantile(&took, share)))
    };
    (0..parts).filter_map(of_part).collect()
}

/// The kinds there are, in the order in which they first came.
pub fn kinds(answers: &[Answer]) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    for answer in answers {
        if !kinds.contains(&answer.kind) {
            kinds.push(answer.kind);
        }
    }
    kinds
}
