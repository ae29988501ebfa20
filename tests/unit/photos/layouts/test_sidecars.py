"""Labels in files beside the photos, which come in a zip that anybody may have made."""

from __future__ import annotations

import json
import subprocess
import sys

from lessonkit.photos.layouts import sidecars
from lessonkit.photos.layouts.reading import Member

HOSTILE = """
from lessonkit.photos.layouts import sidecars, tables
of = 1 << 20
print(
    sidecars.from_cvat("a.xml", "<image >" * (of // 8)),
    sidecars.from_card("README.md", "class_label:" + "\\n" * of),
    sidecars._voc("<object <name>" + " " * of),
    sidecars._voc("<object " * (of // 8)),
    sidecars._yolo("1 " + "1" * of + "x"),
    sidecars._names("names: [\\n" * (of // 9), "data.yaml"),
    len(tables._PARTED.split(" " * of)),
)
"""


def test_files_made_to_be_read_for_hours_are_read_at_once() -> None:
    """`re` takes minutes for some of these, days for others, and holds up all that the worker does besides."""
    done = subprocess.run([sys.executable, "-c", HOSTILE], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["None", "None", "set()", "set()", "set()", "[]", "1"]


def test_label_studios_choices_may_have_an_apostrophe_in_them() -> None:
    tasks = [
        {
            "data": {"image": f"/d/{n}.jpg"},
            "annotations": [{"result": [{"value": {"choices": [breed]}}, {"value": 1}]}, 2],
        }
        for n, breed in enumerate(["King's dog", "pug", "King's dog"])
    ]
    table = sidecars.from_json("project.json", json.dumps(tasks))
    assert table is not None
    assert [kind for _, kind in table.rows] == ["King's dog", "pug", "King's dog"]


def test_numbers_of_yolo_get_names_from_a_file_that_is_not_too_large() -> None:
    files = {f"{n}.txt": f"{n} 0.5 0.5 0.1 0.1" for n in (0, 1)} | {"data.yaml": "names: [beagle, pug]"}
    photos = [Member(f"{n}.jpg", 1) for n in (0, 1)]

    def kinds(size: int) -> list[str]:
        members = [*photos, *(Member(name, size if name == "data.yaml" else 9) for name in files)]
        return [kind for _, kind in sidecars.beside_photos(members, lambda name: files[name].encode())[0].rows]

    assert kinds(20) == ["beagle", "pug"]
    assert kinds(sidecars.LARGEST_FILE + 1) == ["0", "1"]
