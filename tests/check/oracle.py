"""Answers questions with the real `packaging`: one JSON document in, one out."""
import json
import sys

from packaging import _manylinux, _musllinux, tags
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version


def version(text):
    try:
        parsed = Version(text)
    except InvalidVersion:
        return None
    return [str(parsed), parsed.is_prerelease, parsed.public, parsed.base_version]


def compare(pair):
    left, right = map(Version, pair)
    return (left > right) - (left < right)


def contains(question):
    specifier, candidate = question
    try:
        return Specifier(specifier).contains(candidate, prereleases=True)
    except InvalidSpecifier:
        return None


def specifier_set(question):
    specifiers, candidate = question
    try:
        return SpecifierSet(specifiers).contains(candidate, prereleases=True)
    except InvalidSpecifier:
        return None


def marker(question):
    text, environment = question
    return Marker(text).evaluate(environment)


def requirement(text):
    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        return None
    specifiers = sorted(f"{each.operator}{each.version}" for each in parsed.specifier)
    return [canonicalize_name(parsed.name), sorted(map(canonicalize_name, parsed.extras)), specifiers, parsed.url, parsed.marker is not None]


def platforms(system, floor):
    if system == "macos":
        return list(tags.mac_platforms(tuple(floor), "arm64"))
    if system == "windows":
        return ["win_arm64"]
    # What the module finds out about the machine it runs on is replaced by the target.
    is_glibc = system == "glibc"
    _manylinux._have_compatible_abi = lambda executable, archs: is_glibc
    _manylinux._get_glibc_version = lambda: tuple(floor)
    _musllinux._get_musl_version = lambda executable: None if is_glibc else _musllinux._MuslVersion(*floor)
    original = tags.sysconfig.get_platform
    tags.sysconfig.get_platform = lambda: "linux-aarch64"
    try:
        return list(tags._linux_platforms(is_32bit=False))
    finally:
        tags.sysconfig.get_platform = original


def supported(question):
    system, floor, minor, is_free_threaded = question
    where = platforms(system, floor)
    abi = f"cp3{minor}" + ("t" if is_free_threaded else "")
    interpreter = f"cp3{minor}"
    return [str(tag) for tag in [*tags.cpython_tags((3, minor), [abi], where), *tags.compatible_tags((3, minor), interpreter, where)]]


def wheel(filename):
    try:
        name, parsed, build, parsed_tags = parse_wheel_filename(filename)
    except (InvalidWheelFilename, InvalidVersion, ValueError):
        return None
    return [name, str(parsed), list(build), sorted(map(str, parsed_tags))]


def sdist(filename):
    try:
        name, parsed = parse_sdist_filename(filename)
    except (InvalidSdistFilename, InvalidVersion):
        return None
    return [name, str(parsed)]


answers = {"version": version, "compare": compare, "contains": contains, "set": specifier_set, "marker": marker,
           "requirement": requirement, "supported": supported, "wheel": wheel, "sdist": sdist}
print(json.dumps({kind: [answers[kind](question) for question in questions] for kind, questions in json.load(sys.stdin).items()}))
