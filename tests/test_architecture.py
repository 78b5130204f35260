"""The layout of the house is enforced: imports run one way, and core knows no Streamlit."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# pages → core.figures → core.{inspection, training} → core.{networks, data}; core.autograd stands alone
MAY_IMPORT = {
    "core.autograd": {"core.autograd"},
    "core.networks": {"core.networks"},
    "core.data": {"core.data"},
    "core.training": {"core.training", "core.networks", "core.data"},
    "core.inspection": {"core.inspection", "core.training", "core.networks", "core.data"},
    "core.figures": {
        "core.figures",
        "core.inspection",
        "core.training",
        "core.networks",
        "core.data",
        "core.autograd",
    },
}


def imports_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    files = list((ROOT / room.replace(".", "/")).rglob("*.py"))
    assert len(files) > 1
    for file in files:
        for name in imports_of(file):
            if name.split(".")[0] == "core":
                assert ".".join(name.split(".")[:2]) in MAY_IMPORT[room], f"{file} imports {name}"
            assert name.split(".")[0] not in {"streamlit", "pages"}, f"{file} imports {name}"


def test_a_page_imports_only_core_and_what_pages_share() -> None:
    for file in (ROOT / "pages").rglob("*.py"):
        own = f"pages.{file.relative_to(ROOT / 'pages').parts[0]}"
        for name in imports_of(file):
            if name.startswith("pages."):
                assert ".".join(name.split(".")[:2]) in {own, "pages.shared"}, f"{file} imports {name}"


def test_every_room_below_the_top_is_covered() -> None:
    rooms = {f"core.{path.parent.name}" for path in (ROOT / "core").glob("*/__init__.py")}
    assert rooms == set(MAY_IMPORT)


def test_no_file_directly_in_pages_can_be_opened_around_the_entry() -> None:
    assert [file.name for file in (ROOT / "pages").glob("*.py")] == ["__init__.py"]


def test_importing_all_of_core_brings_in_no_streamlit() -> None:
    program = (
        "import sys, pkgutil, importlib, core\n"
        "for module in pkgutil.walk_packages(core.__path__, 'core.'): importlib.import_module(module.name)\n"
        "assert 'streamlit' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=120)


@pytest.mark.parametrize("document", ["README.md", "docs/ARCHITECTURE.md"])
def test_a_document_names_only_files_that_are_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:core|pages|tests|docs|assets|benchmarks)/[\w/.]*)`", text))
    missing = [path for path in named if not (ROOT / path).exists()]
    assert named
    assert not missing
