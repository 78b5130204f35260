"""The report's table: true numbers, and a CSV that a spreadsheet reads."""

import csv
import io

import pytest

from core.training.config import DataChoice, TrainingConfig
from core.training.reports.table import COLUMNS, details, report_csv, report_rows
from tests.core.training.reports.made import made_run


def test_a_row_has_what_a_course_report_asks_for() -> None:
    run = made_run(
        3,
        TrainingConfig(seed=5),
        parameters=431_080,
        train_loss=0.25,
        train_accuracy=0.91,
        validation_loss=0.3,
        validation_accuracy=0.89,
        test_loss=0.31,
        test_accuracy=0.885,
        test_seconds=0.5,
        test_images=1000,
        note="good",
    )
    (row,) = report_rows([run])
    # LeNet on 28 × 28: 20 kernels of 5 × 5 at 24 × 24 places, 50 of 20 · 5 · 5 at 8 × 8, 800 · 500, 500 · 10
    macs = 20 * 25 * 24 * 24 + 50 * 20 * 25 * 8 * 8 + 800 * 500 + 500 * 10
    assert row == {
        "run": 3,
        "name": "LeNet",
        "state": "completed",
        "network": "LeNet",
        "data set": "Silhouettes",
        "details": "",
        "train loss, running": 0.25,
        "train accuracy, running": 0.91,
        "validation loss": 0.3,
        "validation accuracy": 0.89,
        "test loss": 0.31,
        "test accuracy": 0.885,
        "epochs": 6,
        "training time": 12.0,
        "time per epoch": 2.0,
        "inference": pytest.approx(0.5),
        "MACs": macs,
        "FLOPs": 2 * macs,
        "parameters": 431_080,
        "device": "CPU",
        "precision": "float32",
        "seed": 5,
        "note": "good",
    }


def test_details_name_only_what_differs_and_has_no_column() -> None:
    runs = [
        made_run(1, TrainingConfig(optimizer="sgd", seed=1)),
        made_run(2, TrainingConfig(seed=2), network="LeNet_tiny", data=DataChoice("silhouettes", 0.1)),
    ]
    assert details(runs) == [
        "share of the data 100 %, optimizer SGD",
        "share of the data 10 %, optimizer Adam",
    ]
    assert details(runs[:1]) == [""]
    assert details([]) == []


def test_before_it_started_a_run_has_what_the_design_says_and_nothing_else() -> None:
    waiting = made_run(1, state="queued", device="", step=0, epoch=0, seconds=0.0)
    (row,) = report_rows([waiting])
    assert row["parameters"] == 431_080
    assert row["training time"] is row["time per epoch"] is row["test accuracy"] is None


def test_costs_are_those_of_the_images_format() -> None:
    (grey,) = report_rows([made_run(1, network="LeNet_tiny")])
    (wide,) = report_rows([made_run(2, network="LeNet_tiny", data=DataChoice("silhouettes", image=(1, 56)))])
    assert wide["MACs"] > 4 * grey["MACs"]  # four times as many places and more, for each kernel


def test_of_a_data_set_that_is_gone_the_costs_are_unknown() -> None:
    (row,) = report_rows([made_run(1, data=DataChoice("gone"))])
    assert (row["data set"], row["MACs"], row["FLOPs"]) == ("gone", None, None)


def test_the_csv_reads_back() -> None:
    runs = [
        made_run(1, note='says "so", twice\nand more', test_accuracy=0.9125, seconds=1234.5),
        made_run(2, note="=1+1", name="@home"),
    ]
    rows = list(csv.DictReader(io.StringIO(report_csv(runs), newline="")))
    assert list(rows[0]) == [column.header for column in COLUMNS]
    assert rows[0]["note"] == 'says "so", twice\nand more'
    assert rows[0]["test accuracy (0–1)"] == "0.9125"
    assert rows[0]["training time (s)"] == "1234.5"
    assert rows[1]["test accuracy (0–1)"] == ""
    # a spreadsheet would compute what begins with = or @
    assert (rows[1]["note"], rows[1]["name"]) == ("'=1+1", "'@home")


def test_a_csv_of_no_runs_has_its_header() -> None:
    assert report_csv([]).count("\n") == 1
