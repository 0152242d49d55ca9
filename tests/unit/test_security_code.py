"""What docs/security.md says of the whole source: no interpreter is fed, chance and ciphers are the inventory's, no log
line is made of input, no script parses HTML."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from local.config import ROOT

FOLDERS = ("invitations", "onboarding", "shared", "validation")
TREES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*.py"))
}
SCRIPTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*(ROOT / "invitations" / "page").glob("*.js"), *(ROOT / "portal" / "src").rglob("*.ts"))
}

# Deserializers, parsers and interpreters that must not meet anybody's input, and ways to start a program.
MODULES = re.compile(r"(pickle|marshal|shelve|yaml|xml|lxml|subprocess|pty|ctypes|ldap3?|sqlite3)(\.|$)")
CALLS = frozenset({"eval", "exec", "__import__", "os.system", "os.popen", "tempfile.mktemp"})
LEVELS = ("debug", "info", "warning", "error", "exception", "critical")
LOG = re.compile(rf"(log|logging|logger|logging\.getLogger\(.*\))\.({'|'.join(LEVELS)}|log)")
OUTPUT = re.compile(r"print|open|(.*\.)?write_(text|bytes)|logging\.\w*Handler|logging\.basicConfig")
REDIRECTS = frozenset(f"status_code={status}" for status in (301, 302, 303, 307, 308))
UNVERIFIED = re.compile(r"CERT_NONE|_create_unverified_context|check_hostname = False")
VERIFY = frozenset({"verify", "connection_verify"})
JITTER = frozenset({"invitations/operations/mails.py", "shared/store.py", "validation/operations.py"})
IN_A_SCRIPT = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|unsafeHTML|unsafeSVG|\beval\(|new Function|postMessage"
    r"|localStorage|indexedDB|document\.cookie|javascript:"
)

type Look = Callable[[ast.AST], Iterator[ast.AST]]


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Each call with what it calls, as it is written."""
    yield from ((ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def imports(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Each import with the full name of what it takes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{name.name}", node) for name in node.names)


def fixed(node: ast.expr) -> bool:
    """Whether a text is written in the source: literals and constants, put together."""
    match node:
        case ast.JoinedStr():
            return all(fixed(part.value) for part in node.values if isinstance(part, ast.FormattedValue))
        case ast.BinOp():
            return fixed(node.left) and fixed(node.right)
        case ast.Attribute():
            return node.attr == "pattern" or node.attr.isupper()
        case ast.Name():
            return node.id.isupper()
    return isinstance(node, ast.Constant)


def fed_interpreters(tree: ast.AST) -> Iterator[ast.AST]:
    yield from (node for name, node in imports(tree) if MODULES.match(name))
    yield from (call for name, call in calls(tree) if name in CALLS)


def patterns_of_input(tree: ast.AST) -> Iterator[ast.AST]:
    yield from (call for name, call in calls(tree) if re.fullmatch(r"re\.\w+", name) and not fixed(call.args[0]))


def careless_log_lines(tree: ast.AST) -> Iterator[ast.AST]:
    for name, call in calls(tree):
        if LOG.fullmatch(name) and (not isinstance(call.args[0], ast.Constant) or call.keywords):
            yield call


def other_outputs(tree: ast.AST) -> Iterator[ast.AST]:
    """Whatever writes elsewhere than to the log and the table."""
    yield from (call for name, call in calls(tree) if OUTPUT.fullmatch(name))
    yield from (node for name, node in imports(tree) if name.startswith("logging.handlers"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_stream(node))


def _is_stream(node: ast.AST) -> bool:
    return ast.unparse(node) in ("sys.stdout", "sys.stderr")


def other_ciphers(tree: ast.AST) -> Iterator[ast.AST]:
    for name, node in imports(tree):
        if name.startswith("cryptography.") and not name.endswith((".AESGCM", ".InvalidTag")):
            yield node
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and re.fullmatch(r"hashlib\.(?!sha256$)\w+", ast.unparse(node)):
            yield node


def other_chance(tree: ast.AST) -> Iterator[ast.AST]:
    yield from (node for name, node in imports(tree) if name.startswith("random."))
    yield from (call for name, call in calls(tree) if re.fullmatch(r"random\.(?!(random|uniform)$)\w+", name))


def unverified_hosts(tree: ast.AST) -> Iterator[ast.AST]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.expr) and _is_unverified(node))


def _is_unverified(node: ast.AST) -> bool:
    """Whatever says how certificates are looked at, unless it plainly says that they are."""
    match node:
        case ast.Attribute(attr=name, ctx=ast.Store()) | ast.Subscript(slice=ast.Constant(value=name), ctx=ast.Store()):
            return name in VERIFY
        case ast.Dict(keys=keys):
            return any(isinstance(key, ast.Constant) and key.value in VERIFY for key in keys)
        case ast.Call(keywords=given):
            return any(one.arg in VERIFY and ast.unparse(one.value) != "True" for one in given)
    return UNVERIFIED.search(ast.unparse(node)) is not None


def cookies_and_redirects(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() == "set-cookie":
            yield node
        if isinstance(node, ast.keyword) and ast.unparse(node) in REDIRECTS:
            yield node


LOOKS: tuple[tuple[Look, str], ...] = (
    (fed_interpreters, "import pickle"),
    (fed_interpreters, "from xml.etree import ElementTree"),
    (fed_interpreters, "import subprocess as started"),
    (fed_interpreters, "eval(text)"),
    (fed_interpreters, "os.system(text)"),
    (patterns_of_input, "re.compile(text)"),
    (patterns_of_input, 're.search(f"^{asked.name}", NAMES)'),
    (careless_log_lines, 'log.warning(f"refused {text}")'),
    (careless_log_lines, 'logging.getLogger(__name__).error("refused " + text)'),
    (careless_log_lines, 'log.error("refused", exc_info=True)'),
    (other_outputs, "print(text)"),
    (other_outputs, "Path(name).write_text(text)"),
    (other_outputs, "logging.FileHandler(name)"),
    (other_outputs, "sys.stderr.write(text)"),
    (other_ciphers, "from cryptography.hazmat.primitives.ciphers.modes import ECB"),
    (other_ciphers, "hashlib.md5(text)"),
    (other_ciphers, "hashlib.new(name)"),
    (other_chance, "random.randbytes(32)"),
    (other_chance, "from random import choices"),
    (unverified_hosts, "session.get(address, verify=False)"),
    (unverified_hosts, "session.get(address, verify=0)"),
    (unverified_hosts, "session.verify = False"),
    (unverified_hosts, 'limits["connection_verify"] = False'),
    (unverified_hosts, 'EmailClient(connection, **{"connection_verify": False})'),
    (unverified_hosts, "ssl._create_unverified_context()"),
    (unverified_hosts, "context.check_hostname = False"),
    (cookies_and_redirects, 'headers = {"Set-Cookie": text}'),
    (cookies_and_redirects, "HttpResponse(status_code=302)"),
)


@pytest.mark.parametrize("look", dict.fromkeys(look for look, _ in LOOKS), ids=lambda look: look.__name__)
def test_the_source_has_no(look: Look) -> None:
    found = {name: [ast.unparse(node) for node in look(tree)] for name, tree in TREES.items()}
    assert {name: nodes for name, nodes in found.items() if nodes} == {}


@pytest.mark.parametrize(("look", "line"), LOOKS)
def test_a_line_that_does_it_is_found(look: Look, line: str) -> None:
    assert list(look(ast.parse(line)))


def test_there_is_something_to_look_at() -> None:
    called = [name for tree in TREES.values() for name, _ in calls(tree)]
    assert sum(LOG.fullmatch(name) is not None for name in called) >= 8
    assert sum(name.startswith("re.") for name in called) >= 20
    assert len(SCRIPTS) >= 40


def test_only_pauses_are_made_of_chance_that_can_be_guessed() -> None:
    assert {name for name, tree in TREES.items() if "random" in dict(imports(tree))} == JITTER


def test_no_script_parses_html_runs_text_or_keeps_anything_beyond_its_tab() -> None:
    found = {name: IN_A_SCRIPT.findall(text) for name, text in SCRIPTS.items()}
    assert {name: words for name, words in found.items() if words} == {}
