#!/usr/bin/env bash
# Trains models/roots-lid.ftz, the language model for the 46 languages of ROOTS and their neighbours,
# and judges it. The folder CORPUS is what corpus.py makes: train.jsonl, valid.jsonl, heldout.jsonl,
# other.jsonl and independent.jsonl, with records {"text", "label", "source"}. The same corpus gives
# the same bytes, for any number of threads. Takes a core for two and a half minutes, and 1 GB.
#
# Usage: models/roots-lid/train.sh CORPUS [THREADS]
set -euo pipefail
corpus=$(realpath "${1:?name the folder of the corpus}")
threads=${2:-1}
cd "$(dirname "$0")/../.."
for part in train valid heldout independent other; do
    [ -s "$corpus/$part.jsonl" ] || {
        echo "$corpus/$part.jsonl is not there; models/roots-lid/README.md says how the corpus is made" >&2
        exit 1
    }
done
cargo build --release --features train
sapwood=${CARGO_TARGET_DIR:-target}/release/sapwood
roots=ak,ar,as,bm,bn,ca,en,es,eu,fon,fr,gu,hi,id,ig,ki,kn,lg,ln,ml,mr,ne,nso,ny,or,pa,pt,rn,rw,sn,st,sw,ta,te,tn,ts,tum,tw,ur,vi,wo,xh,yo,zh-Hans,zh-Hant,zu

# Single characters tell the two ways of writing Chinese apart; five tell neighbours apart. The
# figures were chosen on valid.jsonl. No evaluation set has a text in common with the training texts.
"$sapwood" train --for langid \
    --input "$corpus/train.jsonl" \
    --heldout "$corpus/heldout.jsonl" "$corpus/valid.jsonl" "$corpus/independent.jsonl" \
    --minn 1 --maxn 5 --min-count 10 --epoch 10 --lr 0.8 --balance 0.5 --max-bytes 4MB \
    --seed 0 --threads "$threads" --output models/roots-lid.ftz >/dev/null

evaluate() {
    "$sapwood" evaluate models/roots-lid.ftz --heldout "$corpus/$1.jsonl" "${@:3}" \
        --macro-over "$roots" --json >"models/roots-lid/$2.json"
}
evaluate heldout evaluation
# Messages of programs that no training text is from.
evaluate independent evaluation-independent
# Languages that the model does not know: what it takes them for when it is sure.
evaluate other evaluation-other --min-score 0.5
sha256sum models/roots-lid.ftz
