"""A machine is built anew when, and only when, its recipe would make another one."""

from pxedoctor.lab.machine.recipe import KERNELS, RECIPES, Recipe, recipe_named


def test_the_same_recipe_has_the_same_key() -> None:
    assert Recipe("bookworm").key == Recipe("bookworm").key


def test_a_package_more_is_another_machine() -> None:
    assert Recipe("bookworm", extra=("docker.io",)).key != Recipe("bookworm").key
    assert "docker.io" in Recipe("bookworm", extra=("docker.io",)).packages


def test_a_package_that_is_there_already_is_not_asked_for_twice() -> None:
    assert Recipe("sid", extra=("ufw",)).packages.count("ufw") == 1


def test_each_release_has_a_machine_of_its_own() -> None:
    assert len({recipe.key for recipe in RECIPES.values()}) == len(RECIPES)
    assert all(recipe.key.startswith(release) for release, recipe in RECIPES.items())


def test_another_kernel_takes_the_place_of_the_releases_own() -> None:
    for name, recipe in KERNELS.items():
        assert recipe_named(name) is recipe
        assert recipe.releases == (recipe.release, recipe.kernel_from)
        kernels = {package for package in recipe.packages if package.startswith("linux-image")}
        assert kernels == {recipe.kernel}
    assert Recipe("bookworm").releases == ("bookworm",)
    assert len({recipe.key for recipe in (*RECIPES.values(), *KERNELS.values())}) == len(RECIPES) + len(KERNELS)


def test_what_is_switched_off_is_not_masked_too() -> None:
    # A masked unit cannot be switched on by a story that is about it.
    recipe = Recipe("bookworm")
    assert not set(recipe.disabled) & set(recipe.masked) - {"ModemManager", "e2scrub_reap"}


def test_what_a_release_has_no_more_is_not_asked_of_it() -> None:
    assert set(Recipe("trixie").packages) - set(Recipe("sid").packages) == {"isc-dhcp-client"}
