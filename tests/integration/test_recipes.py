"""The recipes of CONTRIBUTING.md work: each patch applies, its tests pass, and it touches few files."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.compose import ROOT, clean_copy
from tests.support.recipes import Recipe, apply, python, recipes, run, sections

FILES = 3
"""Of the product, that a recipe may touch: what is known once is changed once."""
TESTS_FAILED = (1, 2)
"""pytest's exit codes for tests that failed or could not be imported."""

each_recipe = pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)


@pytest.fixture(scope="module")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of all recipes, from that of `make lint` where there is one: most modules are the same."""
    cache = tmp_path_factory.mktemp("mypy")
    if (made := ROOT / ".mypy_cache").is_dir():
        shutil.copytree(made, cache, dirs_exist_ok=True)
    return cache


def told(done: subprocess.CompletedProcess[str]) -> str:
    return f"{' '.join(map(str, done.args))}\n{done.stdout}{done.stderr}"


def its_tests(recipe: Recipe, copy: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return python(copy, "pytest", "-q", "-p", "no:cacheprovider", *options, *recipe.tests)


@pytest.mark.timeout(400)
@each_recipe
def test_a_recipes_own_tests_pass_with_its_patch_and_fail_without(recipe: Recipe, tmp_path: Path) -> None:
    copy = clean_copy(tmp_path / "copy")
    assert recipe.tests, "the patch brings no test"
    apply(recipe, copy, "--include=tests/*")
    without = its_tests(recipe, copy, "-x")
    assert without.returncode in TESTS_FAILED, told(without)

    apply(recipe, copy, "--exclude=tests/*")
    done = its_tests(recipe, copy)
    assert done.returncode == 0, told(done)


@pytest.mark.timeout(400)
@each_recipe
def test_what_a_recipe_adds_passes_the_checks(recipe: Recipe, tmp_path: Path, mypy_cache: Path) -> None:
    copy = clean_copy(tmp_path / "copy")
    apply(recipe, copy)
    python_files = [path for path in recipe.files if path.endswith(".py")]
    checks = [
        python(copy, "ruff", "format", "--no-cache", "--check", *python_files),
        python(copy, "ruff", "check", "--no-cache", *python_files),
        python(copy, "mypy", "--cache-dir", str(mypy_cache), *recipe.modules),
        run([str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], copy),
    ]
    assert [told(done) for done in checks if done.returncode != 0] == []


@each_recipe
def test_a_recipe_touches_at_most_three_files_of_the_product(recipe: Recipe) -> None:
    assert recipe.product
    assert len(recipe.product) <= FILES, recipe.product


@each_recipe
def test_a_recipes_section_names_its_patch_and_each_file_that_it_touches(recipe: Recipe) -> None:
    said = sections()[recipe.name]
    assert [path for path in (f"tests/recipes/{recipe.name}.patch", *recipe.files) if path not in said] == []


def test_each_section_of_the_recipes_has_a_patch() -> None:
    assert sorted(sections()) == [recipe.name for recipe in recipes()]


def test_a_patch_that_no_longer_applies_says_how_to_renew_it(tmp_path: Path) -> None:
    copy = clean_copy(tmp_path / "copy")
    text = (copy / "LICENSE").read_text()
    (copy / "NEW").write_text(text.replace("Apache", "Other", 1))
    patch = tmp_path / "old.patch"
    patch.write_text(
        run(["git", "diff", "--no-index", "LICENSE", "NEW"], copy).stdout.replace("b/NEW", "b/LICENSE")
    )
    recipe = Recipe(patch)
    apply(recipe, copy)
    with pytest.raises(AssertionError, match="git apply --3way"):
        apply(recipe, copy)  # what it would change is no longer there
