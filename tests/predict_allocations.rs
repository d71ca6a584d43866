//! Predicting takes no memory from the allocator. Alone in its file: it counts for the process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use sapwood::fasttext;

static COUNT: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are those that are asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn predictions_allocate_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = "La rivière était haute ce jour. 今天河水很高。 नदी आज ऊँची है।\nLong".repeat(50);
    let models = [
        "models/lid.176.ftz",
        "tests/data/fasttext/tree-words.bin",
        "tests/data/fasttext/softmax-words-pruned.ftz",
        "tests/data/fasttext/one-vs-all-quantized.ftz",
    ];
    for name in models {
        let (model, _) = fasttext::shared(&root.join(name)).unwrap();
        let mut best = Vec::new();
        let mut predict = || {
            assert!(model.predict(&text).is_some());
            for count in [1, 5] {
                model.predict_into(&text, count, &mut best);
                model.predict_pieces(&["short", &text, &text], count, &mut best);
                assert_eq!(best.len().min(1), 1);
            }
        };
        predict();
        let before = COUNT.load(Ordering::Relaxed);
        assert!(before > 0);
        predict();
        assert_eq!(COUNT.load(Ordering::Relaxed), before, "{name}");
    }
}
