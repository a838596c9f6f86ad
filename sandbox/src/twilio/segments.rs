//! How many SMS a text is billed as.

const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const GSM_EXTENDED: &str = "^{}\\[]~|€\u{c}";

/// Segments of `body` in GSM-7 when every character allows it, in UCS-2 otherwise.
pub(crate) fn count(body: &str) -> usize {
    let septets = body.chars().try_fold(Vec::new(), |mut widths, char| {
        widths.push(if GSM.contains(char) {
            1
        } else if GSM_EXTENDED.contains(char) {
            2
        } else {
            return None;
        });
        Some(widths)
    });
    match septets {
        Some(widths) => pack(&widths, 160, 153),
        None => pack(
            &body.chars().map(char::len_utf16).collect::<Vec<_>>(),
            70,
            67,
        ),
    }
}

/// An escape or surrogate pair is never split across two segments.
fn pack(widths: &[usize], single: usize, part: usize) -> usize {
    if widths.iter().sum::<usize>() <= single {
        return 1;
    }
    let (mut segments, mut used) = (1, 0);
    for width in widths {
        if used + width > part {
            segments += 1;
            used = 0;
        }
        used += width;
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn segments_follow_the_alphabet() {
        for (body, segments) in [
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            (format!("{}€{}", "a".repeat(152), "a".repeat(10)), 2),
            ("ж".repeat(70), 1),
            ("ж".repeat(71), 2),
            ("ж".repeat(135), 3),
            ("👍".repeat(35), 1),
            ("👍".repeat(36), 2),
            ("a".repeat(1600), 11),
        ] {
            assert_eq!(count(&body), segments, "{body}");
        }
    }
}
