//! Makes an input smaller that fails, as long as it does.

/// So many inputs are tried at most.
const TRIES: u32 = 4_000;

/// The smallest input that still fails, as far as leaving out pieces and making bytes plain leads.
pub(crate) fn shrink(input: Vec<u8>, fails: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let (mut smallest, mut tries) = (input, 0);
    let mut piece = smallest.len().div_ceil(2).max(1);
    loop {
        let (mut at, mut did_shrink) = (0, false);
        while at < smallest.len() && tries < TRIES {
            let end = (at + piece).min(smallest.len());
            let shorter = [&smallest[..at], &smallest[end..]].concat();
            tries += 1;
            if fails(&shorter) {
                (smallest, did_shrink) = (shorter, true);
                continue;
            }
            let mut plainer = smallest.clone();
            plainer[at..end].fill(0);
            tries += 1;
            if plainer != smallest && fails(&plainer) {
                (smallest, did_shrink) = (plainer, true);
            }
            at = end;
        }
        if tries >= TRIES || piece == 1 && !did_shrink {
            return smallest;
        }
        piece = (piece / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_needed_is_left_out_or_made_plain() {
        let input: Vec<u8> = (1..=200).collect();
        let mut fails = |input: &[u8]| input.len() >= 7 && input.contains(&99);
        let smallest = shrink(input, &mut fails);
        assert_eq!((smallest.len(), smallest.iter().filter(|byte| **byte != 0).count()), (7, 1));
    }
}
