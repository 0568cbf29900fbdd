"""What a record is reads no file, writes none and asks nobody: the rooms above do, with what is declared here."""

import ast

from ketenbalans.project import PROJECT_FOLDER

OUTSIDE = {"io", "os", "pathlib", "shutil", "socket", "subprocess", "tempfile", "urllib"}


def test_no_declaration_reaches_outside() -> None:
    reached = set()
    modules = list((PROJECT_FOLDER / "schemas").rglob("*.py"))
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            reached |= {(module.name, name) for name in names if name.partition(".")[0] in OUTSIDE}
    assert len(modules) > 40
    assert reached == set()
