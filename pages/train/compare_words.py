"""What differs between runs and what it brought, in sentences; whether it is more than chance."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd
import streamlit as st

from core.data.dataset import DataMissing
from core.inspection.class_accuracy import class_accuracies, largest_difference
from core.inspection.mcnemar import mcnemar
from core.inspection.predictions import Predictions
from core.inspection.run_predictions import run_predictions
from core.training.checkpoint import CheckpointDamaged
from core.training.config import DataChoice
from core.training.reports.curves import Curve
from core.training.reports.pairs import pair_sentence
from core.training.reports.seeds import compare_groups, seed_groups
from core.training.reports.words import MEANINGFUL
from core.training.runs.records import CheckpointRecord, Run
from pages.shared import server
from pages.shared.glossary import meaning
from pages.shared.markdown import plain

_VALIDATION = ("validation", "evaluated")
Curves = Sequence[Mapping[tuple[str, str], Curve]]


def draw(runs: Sequence[Run], curves: Curves) -> None:
    """Pairs, seeds and classes of `runs`, of which there are at least two."""
    predictions = _on_the_test_images(runs)
    sentences = {
        (i, j): _pair(runs[i], runs[j], curves[i], curves[j], predictions)
        for i, j in combinations(range(len(runs)), 2)
    }
    st.markdown("##### In pairs", help=meaning("McNemar's test"))
    st.markdown("\n".join(f"- {plain(text)}" for (i, _), text in sentences.items() if i == 0))
    others = [text for (i, _), text in sentences.items() if i > 0]
    if others:
        with st.expander(f"The other {len(others)} pairs" if len(others) > 1 else "The other pair"):
            st.markdown("\n".join(f"- {plain(text)}" for text in others))
    _caution(sum(_same_images(runs[i], runs[j], predictions) for i, j in sentences))
    _seeds(runs)
    _classes([run for run in runs if run.id in predictions], predictions)


def _pair(
    first: Run,
    second: Run,
    first_curves: Mapping[tuple[str, str], Curve],
    second_curves: Mapping[tuple[str, str], Curve],
    predictions: Mapping[str, Predictions],
) -> str:
    said = pair_sentence(first, second, first_curves[_VALIDATION], second_curves[_VALIDATION])
    if _same_images(first, second, predictions):
        test = mcnemar(predictions[first.id], predictions[second.id])
        said += " " + test.sentence(f"run {first.number}", f"run {second.number}")
    return said


def _same_images(first: Run, second: Run, predictions: Mapping[str, Predictions]) -> bool:
    """Whether both have looked at the test images, and those are the same."""
    same = first.request.data.dataset == second.request.data.dataset
    return same and {first.id, second.id} <= predictions.keys()


def _caution(tests: int) -> None:
    if tests > 2:
        st.caption(
            f"Of {tests} comparisons between equally good networks about {MEANINGFUL * tests:.1g} "
            f"would look like more than chance (less than {MEANINGFUL:.0%}), too.".replace("%)", " %)")
        )


def _on_the_test_images(runs: Sequence[Run]) -> dict[str, Predictions]:
    """What each finished run says about its test images, by its id, once a person asks for it."""
    tested = [run for run in runs if run.test_accuracy is not None]
    wanted = st.toggle(
        "Look at the test images",
        key="train_compare_tested",
        persist_state="session",
        disabled=not tested,
        help="Each finished network looks at the whole test split once more: which images only one of them "
        "recognises (McNemar's test), and how good they are on each class. It takes a second or two for each, "
        "the first time.",
    )
    found = {}
    if wanted:
        for run in tested:
            try:
                found[run.id] = _predictions_of(run)
            except (CheckpointDamaged, DataMissing) as missing:
                st.caption(f":material/info: Run {run.number}: {plain(str(missing))}")
        for run in runs:
            if run.test_accuracy is None:
                st.caption(f":material/pending: Run {run.number} ({run.state}) has seen no test image.")
    return found


def _predictions_of(run: Run) -> Predictions:
    record = server.run_store().latest_checkpoint(run.id)
    if record is None:
        raise CheckpointDamaged("Its weights are not there any more.")
    return _predictions(record.sha256, run.request.data, run, record)


@st.cache_resource(max_entries=64, show_spinner="The networks look at the whole test split")
def _predictions(sha: str, data: DataChoice, _run: Run, _record: CheckpointRecord) -> Predictions:
    return run_predictions(_run, _record, server.dataset(data.dataset, data.image))


def _seeds(runs: Sequence[Run]) -> None:
    """Mean and spread of runs that differ only in their seed, and whether such groups differ."""
    groups = seed_groups(runs)
    repeated = [group for group in groups if len(group.runs) > 1]
    st.markdown("##### Over seeds", help=meaning("Welch's t-test"))
    if not repeated:
        st.caption(
            "No two of these runs differ only in their seed, so nothing is known of how far chance alone moves "
            "them. Repeat one with another seed, and choose both."
        )
        return
    lines = [group.sentence() for group in groups]
    lines += [
        compare_groups(first, second)
        for first, second in combinations(groups, 2)
        if first in repeated or second in repeated
    ]
    st.markdown("\n".join(f"- {plain(line)}" for line in lines))


def _classes(runs: Sequence[Run], predictions: Mapping[str, Predictions]) -> None:
    """How many test images of each class the runs recognise; those on the first one's data set."""
    if not runs:
        return
    data = runs[0].request.data.dataset
    runs = [run for run in runs if run.request.data.dataset == data]
    names = [f"run {run.number}" for run in runs]
    classes = class_accuracies([predictions[run.id] for run in runs], server.dataset(data).classes)
    st.markdown("##### By class")
    st.markdown(plain(largest_difference(classes, names)))
    st.dataframe(
        pd.DataFrame(
            [{"class": each.name, **dict(zip(names, each.accuracies, strict=True))} for each in classes]
        ),
        key="train_compare_classes",
        hide_index=True,
        placeholder="—",
        column_config={
            name: st.column_config.ProgressColumn(format="percent", min_value=0.0, max_value=1.0)
            for name in names
        },
        alt="The share of the test images of each class that each run recognises",
    )
