import pytest

from migration_assets.contracts.globs import among, pattern


@pytest.mark.parametrize(
    ("glob", "matching", "others"),
    [
        ("*.whl", ["a.whl", ".whl"], ["a/b.whl", "a.whl/", "a.whlx"]),
        ("**/*.whl", ["a.whl", "x/a.whl", "x//y/a.whl"], ["a.whl2"]),
        ("a/**", ["a/", "a/b", "a/b/c", "a/\nb"], ["a", "ba/c"]),
        ("a**z", ["az", "a/b/z"], ["a/b/zy"]),
        ("?.txt", ["é.txt", "a.txt"], ["ab.txt", "/.txt"]),
        ("[a-c]*", ["a", "b1"], ["d", "/a"]),
        ("[!a-c]*", ["d", "^"], ["a", "/"]),
        ("[]x]", ["]", "x"], ["[]"]),
        ("x[!]]y", ["xay"], ["x]y", "x/y"]),
        ("{a,b/c}.txt", ["a.txt", "b/c.txt"], ["c.txt"]),
        ("a,b", ["a,b"], ["a", "b"]),
        (r"\*\{.txt", ["*{.txt"], ["a{.txt"]),
        ("a.b+(c)|$", ["a.b+(c)|$"], ["axb+(c)|$"]),
        ("", [""], ["a"]),
    ],
)
def test_a_glob_matches_whole_keys(glob: str, matching: list[str], others: list[str]) -> None:
    compiled = pattern(glob)

    assert [key for key in matching if not compiled.fullmatch(key)] == []
    assert [key for key in others if compiled.fullmatch(key)] == []


@pytest.mark.parametrize("glob", ["[a", "{a", "a}", "a\\", "[z-a]", "[!"])
def test_what_is_no_glob_is_said(glob: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        pattern(glob)


def test_what_is_excluded_is_not_meant_although_it_is_included() -> None:
    meant = among(["**/*.txt"], ["tmp/**"])

    assert [key for key in ("a.txt", "b/c.txt", "tmp/a.txt", "a.bin") if meant(key)] == ["a.txt", "b/c.txt"]
    assert among([], [])("anything")
    assert [key for key in ("a", "b") if among([], ["b"])(key)] == ["a"]
