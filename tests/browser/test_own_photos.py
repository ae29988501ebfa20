"""Somebody's own zip in a real browser: sent, read, shown, asked about, made."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from lessonkit.photos.drawn.portrait import draw
from tests.browser.clicking import A_RUN, loaded, no_errors, settled, shot
from tests.browser.cutting import Relay
from tests.browser.serving import Server


def zipped(folder: Path, names: list[str]) -> Path:
    """A zip of drawn pets under these names, no two alike."""
    path = folder / "my-pets.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(names):
            photo = io.BytesIO()
            draw("Birman" if "Rex" in name else "pug", number, 96).save(photo, "JPEG")
            archive.writestr(name, photo.getvalue())
    return path


def test_a_zip_is_shown_as_it_would_be_labelled_and_asked_about(page: Page, server: Server, tmp_path: Path) -> None:
    names = [f"{pet}/{who}/{n}.jpg" for pet in ("Rex", "Tom") for who in ("Anna", "Ben") for n in range(7)]
    page.goto(f"{server.url}/data?dataset=drawn")
    settled(page)
    page.get_by_test_id("stExpander").get_by_text("Your own photos").click()
    page.locator('input[type="file"]').first.set_input_files(zipped(tmp_path, names))
    expect(page.get_by_text("my-pets.zip")).to_be_visible()
    page.get_by_role("button", name="Read it", exact=True).click()
    expect(page.get_by_text("more than one way")).to_be_visible(timeout=A_RUN)
    for side in ("Rex: 14 photos", "Tom: 14 photos", "Anna: 14 photos", "Ben: 14 photos"):
        expect(page.get_by_text(side)).to_be_visible()
    samples = page.get_by_alt_text("a photo labelled Rex")
    expect(samples).to_have_count(6)
    loaded(samples)
    shot(page, "own-photos-asked")
    no_errors(page)
    page.get_by_role("button", name=re.compile("This is meant")).first.click()
    expect(page.get_by_role("radiogroup").get_by_text("labelled by the outer folder")).to_be_visible(timeout=A_RUN)
    expect(page).to_have_url(re.compile("dataset=own-my-pets"))
    no_errors(page)
    made = server.home / "datasets" / "own-my-pets" / "photos"
    assert sorted(folder.name for folder in made.iterdir()) == ["Rex", "Tom"]
    assert sum(1 for _ in made.rglob("*.jpg")) == len(names)


FOLDERS = [f"{pet}/{n}.jpg" for pet in ("Rex", "Tom") for n in range(4)]


def test_a_file_chosen_while_the_connection_is_cut_is_said_to_be_lost(
    page: Page, server: Server, tmp_path: Path
) -> None:
    """As on a phone, whose chooser or camera stands in front of the page."""
    chosen, relay = zipped(tmp_path, FOLDERS), Relay(server.port)
    page.goto(f"{relay.url}/data?dataset=drawn")
    settled(page)
    page.get_by_test_id("stExpander").get_by_text("Your own photos").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_test_id("stFileUploaderDropzone").first.locator("button").click()
    relay.cut()
    page.get_by_test_id("stConnectionStatus").wait_for()
    chooser.value.set_files(chosen)
    lost = page.get_by_role("alert").filter(has_text="my-pets.zip: It did not arrive")
    expect(lost).to_be_visible()
    relay.mend()
    expect(page.get_by_test_id("stConnectionStatus")).to_have_count(0, timeout=A_RUN)
    expect(page).to_have_url(re.compile("dataset=drawn"))
    settled(page)
    choose = page.get_by_test_id("stFileUploaderDropzone").first.locator("button")
    expect(choose).to_be_enabled(timeout=A_RUN)
    with page.expect_file_chooser() as chooser:
        choose.click()
    chooser.value.set_files(chosen)
    expect(page.get_by_test_id("stFileChip").get_by_text("my-pets.zip")).to_be_visible(timeout=A_RUN)
    expect(lost).to_have_count(0)
    relay.close()


def test_an_upload_that_is_cut_on_its_way_is_said_in_plain_words(page: Page, server: Server, tmp_path: Path) -> None:
    page.goto(f"{server.url}/data?dataset=drawn")
    settled(page)
    page.get_by_test_id("stExpander").get_by_text("Your own photos").click()
    page.route("**/_stcore/upload_file/**", lambda route: route.abort("connectionreset"))
    page.locator('input[type="file"]').first.set_input_files(zipped(tmp_path, FOLDERS))
    chip = page.get_by_test_id("stFileChip")
    expect(chip).to_contain_text("It did not arrive: the connection was cut. Choose the file again.")
    expect(chip).not_to_contain_text("Axios")
