use super::*;

/// A softmax model of two labels over two words, made by hand.
fn tiny(loss: i32) -> Vec<u8> {
    let mut out = Vec::new();
    let ints = |out: &mut Vec<u8>, values: &[i32]| values.iter().for_each(|v| out.extend(v.to_le_bytes()));
    ints(&mut out, &[793_712_314, 12, 2, 5, 5, 1, 5, 1, loss, 3, 0, 0, 0, 100]);
    out.extend(1e-4f64.to_le_bytes());
    ints(&mut out, &[5, 3, 2]);
    out.extend(9i64.to_le_bytes());
    out.extend((-1i64).to_le_bytes());
    for (word, count, kind) in [
        ("</s>", 3i64, 0u8),
        ("hello", 2, 0),
        ("bonjour", 2, 0),
        ("__label__en", 2, 1),
        ("__label__fr", 1, 1),
    ] {
        out.extend(word.as_bytes());
        out.push(0);
        out.extend(count.to_le_bytes());
        out.push(kind);
    }
    let matrix = |out: &mut Vec<u8>, rows: i64, values: &[f32]| {
        out.push(0);
        out.extend(rows.to_le_bytes());
        out.extend(2i64.to_le_bytes());
        values.iter().for_each(|v| out.extend(v.to_le_bytes()));
    };
    matrix(&mut out, 3, &[0.0, 0.0, 4.0, 0.0, 0.0, 4.0]);
    matrix(&mut out, 2, if loss == 1 { &[-3.0, 3.0, 0.0, 0.0] } else { &[3.0, 0.0, 0.0, 3.0] });
    out
}

#[test]
fn a_models_words_decide_with_each_loss() {
    for loss in [1, 3, 4] {
        let identifier = Identifier::read(&tiny(loss)).unwrap();
        let (code, sure) = identifier.identify("hello hello\nhello");
        assert_eq!(code, if loss == 1 { "fr" } else { "en" }, "{loss}");
        assert!(sure > 0.9, "{loss}: {sure}");
    }
    assert_eq!(Identifier::read(&tiny(3)).unwrap().identify("bonjour").0, "fr");
}

#[test]
fn a_broken_model_is_refused_at_every_length_and_with_every_byte_changed() {
    let good = tiny(1);
    for end in 0..good.len() {
        assert_eq!(
            Identifier::read(&good[..end]).err().map(|e| e.code),
            Some("language_model_invalid"),
            "{end}"
        );
    }
    for at in 0..good.len() {
        for value in [0, 1, 0x7F, 0x80, 0xFF] {
            let mut bad = good.clone();
            bad[at] = value;
            if let Ok(identifier) = Identifier::read(&bad) {
                identifier.identify("hello bonjour x");
            }
        }
    }
    let missing = Identifier::load(Path::new("/no/such/model.ftz")).err();
    assert_eq!(missing.map(|e| e.code), Some("language_model_missing"));
}

#[test]
fn the_built_in_model_tells_scripts_and_languages() {
    let identifier = Identifier::builtin();
    for (code, text) in [
        ("zh-Hans", "根据宪法，制定本法，保护公民的权利。"),
        ("zh-Hant", "根據憲法，制定本法，保護公民的權利。"),
        ("ja", "日本国民は、正当に選挙された国会における代表者を通じて行動する。"),
        ("ko", "모든 국민은 법 앞에 평등하다."),
        ("ru", "Все люди рождаются свободными и равными в своём достоинстве и правах."),
        ("ar", "يولد جميع الناس أحراراً متساوين في الكرامة والحقوق"),
        ("en", "All human beings are born free and equal in dignity and rights."),
        ("de", "Alle Menschen sind frei und gleich an Würde und Rechten geboren."),
        ("fr", "Tous les êtres humains naissent libres et égaux en dignité et en droits."),
        ("es", "Todos los seres humanos nacen libres e iguales en dignidad y derechos."),
        ("pt", "Todos os seres humanos nascem livres e iguais em dignidade e em direitos."),
        ("it", "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti."),
        ("und", "123 — !!"),
    ] {
        assert_eq!(identifier.identify(text).0, code, "{text}");
    }
}
