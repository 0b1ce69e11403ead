//! A QR code in text: two modules in a character, black on white whatever the terminal's colours are.

use qrcode::{Color, EcLevel, QrCode};

/// The empty frame around the code, in modules (ISO/IEC 18004 wants four; cameras are content with two).
const FRAME: usize = 2;

/// `None` when the text is too long. Without `color` a dark terminal is assumed.
pub fn qr(text: &str, color: bool) -> Option<Vec<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (width, modules) = (code.width(), code.to_colors());
    let side = width + 2 * FRAME;
    let light = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(FRAME).filter(|at| *at < width);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => modules.get(y * width + x) == Some(&Color::Light),
            _ => y < side,
        }
    };
    let line = |y: usize| {
        let blocks: String = (0..side)
            .map(|x| match (light(x, y), light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            })
            .collect();
        if color { format!("\u{1b}[97;40m{blocks}\u{1b}[0m") } else { blocks }
    };
    Some((0..side).step_by(2).map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::qr;

    #[test]
    fn code_is_square_and_framed() {
        let lines = qr("https://example.com/device?user_code=WDJB-MJHT", false).unwrap();
        let width = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == width));
        assert_eq!(lines.len(), width.div_ceil(2));
        assert!(lines[0].chars().all(|c| c == '█') && lines[1].starts_with('█'));
        // The dark outer line of the finder pattern in the corner, below the frame.
        assert!(lines[1].chars().skip(2).take(7).all(|c| c == ' ' || c == '▄'));
        let colored = qr("x", true).unwrap();
        assert!(colored.iter().all(|line| line.starts_with("\u{1b}[97;40m") && line.ends_with("\u{1b}[0m")));
    }

    #[test]
    fn too_long_text_has_none() {
        assert!(qr(&"x".repeat(5000), false).is_none());
    }
}
