"""Your own image on the Inspect page: drawn, uploaded, refused, and played with."""

import base64
import io
import zlib
from pathlib import Path
from struct import pack

import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.data import catalogue
from core.figures.images import grey
from tests.pages.inspect_visit import (  # noqa: F401 (fixtures)
    address,
    here,
    open_page,
    run_named,
    sent,
    texts,
    trained,
)


def own(folder: Path, way: str = "Upload") -> AppTest:
    app = open_page(run=run_named(folder, "LeNet-6-12").id, view="Own image")
    assert not app.exception
    return app if way == "Draw" else app.segmented_control(key="inspect_own_source").set_value(way).run()


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    app.file_uploader[0].upload(name, content, "image/png")
    return app.run()


def bomb(side: int = 13_000) -> bytes:
    """A PNG of 169 million black pixels in some 20 kB."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))

    squeezed = zlib.compress(bytes((side // 8 + 1) * side), 9)
    head = pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", squeezed) + chunk(b"IEND", b"")


def test_an_empty_canvas_invites_and_a_drawing_is_answered(here: Path) -> None:  # noqa: F811
    app = own(here, "Draw")
    assert "Draw a piece of clothing" in texts(app)
    drawn = torch.zeros(56, 56, dtype=torch.uint8)
    drawn[10:50, 20:36] = 255
    app.session_state["inspect_own_canvas"] = {"pixels": base64.b64encode(drawn.numpy().tobytes()).decode()}
    app.run()
    assert not app.exception
    assert "It says **" in texts(app)
    assert len(sent(app, "inspect_own_bars")) == 10
    assert app.session_state["inspect_own_pixels"].shape == (1, 28, 28)


def test_an_uploaded_photograph_of_a_test_image_is_inverted_cropped_and_recognised_alike(here: Path) -> None:  # noqa: F811
    pixels = catalogue.load("silhouettes").test.pixels[3]
    large = grey(255 - pixels).resize((140, 140), Image.Resampling.NEAREST)
    paper = Image.new("RGB", (300, 200), (255, 255, 255))
    paper.paste(large, (100, 20))
    app = upload(own(here), "mine.png", png(paper))
    assert not app.exception
    assert app.toggle(key="inspect_own_invert_True").value
    found = app.session_state["inspect_own_pixels"]
    assert found.float().mean() < 128 < (255 - found.float()).mean()  # bright on black again
    before = found.clone()
    app.toggle(key="inspect_own_invert_True").set_value(False).run()
    assert not app.exception
    assert not torch.equal(app.session_state["inspect_own_pixels"], before)


def test_what_is_no_picture_and_what_is_too_large_is_refused_with_its_reason(here: Path) -> None:  # noqa: F811
    app = upload(own(here), "notes.png", b"no picture at all")
    assert not app.exception
    assert "“notes.png” is no picture that can be read" in app.error[0].value
    content = bomb()
    assert len(content) < 30_000
    app = upload(own(here), "bomb.png", content)
    assert not app.exception
    assert "“bomb.png” has 13,000 × 13,000 pixels; up to 25,000,000" in app.error[0].value
    assert "inspect_own_pixels" not in app.session_state


def test_an_image_out_of_place_is_said_to_be_so_and_can_be_played_with(here: Path) -> None:  # noqa: F811
    noise = 255 * torch.randint(
        0, 2, (1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    app = upload(own(here), "noise.png", png(grey(noise)))
    for step in ("even", "crop", "margin"):
        app.toggle(key=f"inspect_own_{step}_True").set_value(False)
    app.run()
    assert not app.exception
    assert "This image is out of place" in app.warning[0].value
    app.button(key="inspect_own_brush").click().run()
    assert not app.exception
    assert address(app)["view"] == "Play" and address(app)["of"] == "own"
    assert "Your own image" in texts(app)
    assert all(
        "predicted class" in bar["title"] or not bar["strong"] for bar in sent(app, "inspect_play_bars")
    )


def test_with_the_training_images_looked_at_its_distance_is_told(here: Path) -> None:  # noqa: F811
    app = upload(own(here), "grey.png", png(grey(catalogue.load("silhouettes").test.pixels[3])))
    assert "once these were looked at" in texts(app)
    app.button(key="inspect_own_search").click().run()
    app.segmented_control(key="inspect_about").set_value("Neighbours").run()
    app.button(key="inspect_features_begin").click().run()
    app.segmented_control(key="inspect_group").set_value("Images").run()
    app.segmented_control(key="inspect_view_Images").set_value("Own image").run()
    assert not app.exception
    assert "| Distance |" in texts(app)
