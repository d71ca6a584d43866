use super::*;
use crate::fasttext::FastText;

/// Words of three made-up languages that share some.
const LANGUAGES: [(&str, &str); 3] = [
    ("ka", "kata kolo mina tuka kami noti kaso"),
    ("re", "zreh skro mina vruk prest krels noti"),
    ("io", "aoui ieo mina ouai noti eiau uioe"),
];

/// Texts that anyone who knows the words can tell apart; the rarer, the later the language.
fn corpus(texts: usize, seed: u64) -> Corpus {
    let mut random = random::Random::new(seed, "corpus");
    let mut corpus = Corpus::default();
    for (number, (label, words)) in (0..).zip(LANGUAGES) {
        let words: Vec<&str> = words.split(' ').collect();
        for _ in 0..texts >> number {
            let text: Vec<&str> =
                (0..6).filter_map(|_| words.get(random.below(words.len())).copied()).collect();
            corpus.texts.push(Text { text: text.join(" "), label: number });
        }
        corpus.labels.push(label.to_owned());
    }
    corpus
}

fn small() -> Parameters {
    Parameters {
        dimension: 8,
        buckets: 1000,
        min_count: 5,
        min_ngram_count: 2,
        ..Parameters::language()
    }
}

fn compression() -> Compression {
    Compression { cutoff: Cutoff::Rows(120), retrain: 2, ..Compression::default() }
}

fn trained(parameters: &Parameters, compression: Option<&Compression>) -> Trained {
    train(&corpus(200, 1), parameters, compression, &mut |_, _, _| {}).expect("a model")
}

#[track_caller]
fn assert_tells_apart(bytes: &[u8]) {
    let model = FastText::from_bytes(bytes).expect("a model");
    let unseen = corpus(60, 2);
    // Some texts are of words that are in all three languages.
    let wrong = unseen.texts.iter().filter(|text| {
        let prediction = model.predict(&text.text).expect("an answer");
        assert!(prediction.score.is_finite());
        *prediction.label != *unseen.labels[text.label as usize]
    });
    let wrong = wrong.count();
    assert!(wrong < 4, "{wrong} of {}", unseen.texts.len());
}

#[test]
fn every_loss_learns_and_every_form_is_read() {
    for loss in [Loss::Softmax, Loss::Hs, Loss::Ns, Loss::Ova] {
        let parameters = Parameters { loss, ..small() };
        assert_tells_apart(&trained(&parameters, None).bytes);
        assert_tells_apart(&trained(&parameters, Some(&compression())).bytes);
    }
    let smaller = Compression { norms: false, output: true, width: 3, ..compression() };
    assert_tells_apart(&trained(&small(), Some(&smaller)).bytes);
    let words =
        Parameters { min_count: 1, learning_rate: 0.8, epochs: 10, ..Parameters::quality() };
    assert_tells_apart(&trained(&words, None).bytes);
}

#[test]
fn the_bytes_depend_on_the_seed_and_not_on_the_threads() {
    for (loss, compression) in
        [(Loss::Softmax, Some(compression())), (Loss::Ns, None), (Loss::Hs, Some(compression()))]
    {
        let with = |seed, threads| {
            let parameters = Parameters { seed, threads, loss, ..small() };
            trained(&parameters, compression.as_ref()).bytes
        };
        let one = with(1, 1);
        assert!(one == with(1, 1) && one == with(1, 3), "{loss:?}");
        assert!(one != with(2, 1), "{loss:?}");
    }
}

#[test]
fn the_loss_falls() {
    let losses = trained(&small(), Some(&compression())).losses;
    let of = |purpose| {
        let losses = losses.iter().filter(move |&&(what, _)| what == purpose);
        losses.map(|&(_, loss)| loss).collect::<Vec<f64>>()
    };
    assert_eq!((of("train").len(), of("retrain").len(), of("settle").len()), (10, 2, 1));
    let train = of("train");
    assert!(train[9] < train[0] / 4.0, "{train:?}");
}

#[test]
fn a_size_is_kept_to_and_used() {
    for (norms, output, width) in [(true, false, 2), (false, false, 2), (true, true, 3)] {
        let whole = Compression { cutoff: Cutoff::None, norms, output, width, ..compression() };
        let bytes = trained(&small(), Some(&whole)).bytes.len() as u64 - 1500;
        let compression = Compression { cutoff: Cutoff::Bytes(bytes), ..whole };
        let made = trained(&small(), Some(&compression)).bytes.len() as u64;
        // A row more of a word would be too much.
        assert!(made <= bytes && made + 30 > bytes, "{made} of {bytes}");
    }
    let none = Compression { cutoff: Cutoff::Bytes(5000), ..compression() };
    let error = train(&corpus(9, 1), &small(), Some(&none), &mut |_, _, _| {});
    assert!(matches!(error, Err(TrainError::Bytes { bytes: 5000, .. })), "{error:?}");
}

#[test]
fn balancing_shows_rarer_labels_more_often() {
    let corpus = corpus(200, 1);
    let shown = |balance| {
        let parameters = Parameters { balance, ..small() };
        let training = Training::new(&corpus, &parameters, None).expect("texts");
        training.labels.iter().map(|(_, shown)| *shown).collect::<Vec<u64>>()
    };
    assert_eq!(shown(1.0), [200, 100, 50]);
    assert_eq!(shown(0.5), [200, 141, 100]);
    assert_eq!(shown(0.0), [200, 200, 200]);
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let refused = |corpus: &Corpus, parameters: &Parameters| {
        train(corpus, parameters, None, &mut |_, _, _| {}).map(|_| ()).unwrap_err().to_string()
    };
    let mut one = corpus(8, 1);
    one.texts.retain(|text| text.label == 0);
    assert!(refused(&one, &small()).contains("all texts have one label, `ka`"));
    assert!(refused(&Corpus::default(), &small()).contains("no text"));
    let wide = Parameters { dimension: 0, ..small() };
    assert!(refused(&corpus(8, 1), &wide).contains("dim must be 1 to 4096"));
    let turned = Parameters { characters: (4, 2), ..small() };
    assert!(refused(&corpus(8, 1), &turned).contains("maxn must be"));
    let rare = Parameters { min_count: 1_000_000, characters: (0, 0), ..small() };
    assert!(refused(&corpus(8, 1), &rare).contains("lower min-count"));
}
