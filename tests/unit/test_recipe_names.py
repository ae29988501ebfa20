"""What people called recipes."""

from pathlib import Path

import pytest

from lessonkit import recipe_names
from lessonkit.errors import LessonError


def test_a_recipe_has_the_name_that_somebody_gave_it(home: Path):
    assert recipe_names.names() == {}
    recipe_names.rename("a" * 12, "  My   best ")
    assert recipe_names.names() == {"a" * 12: "My best"}
    for name in ("x" * 41, "a\u202eb"):
        with pytest.raises(LessonError):
            recipe_names.rename("a" * 12, name)
    recipe_names.rename("a" * 12, "")
    assert recipe_names.names() == {}
    (home / "names.json").write_text("[]")
    assert recipe_names.names() == {}
