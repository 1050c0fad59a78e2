"""A copy of the program, to which a user's own model is added.

Owns which places that takes: the model's file and its row in the table, with its settings.
"""

import shutil
import textwrap
from pathlib import Path

from tests.engine.child import PROJECT

TABLE = Path("engine", "models", "__init__.py")
BEGIN_OF_TABLE = "    for model in (\n"
END_OF_TABLE = "    )\n}  # fmt: skip\n"


class Copy:
    """The folders of the program, copied to `place`."""

    def __init__(self, place: Path, *folders: str) -> None:
        self.place = place
        for folder in folders or ("engine",):
            shutil.copytree(PROJECT / folder, place / folder)

    def file(self, key: str) -> Path:
        """The file of the model `key`."""
        return self.place / "engine" / "models" / f"{key}.py"

    def add_model(self, key: str, source: str, row: str, *, first: bool = False) -> Path:
        """Add the model `key`, whose row is a call of `Model` with the arguments in `row`, as the last, or as the
        `first` of the table; its file."""
        file = self.file(key)
        file.write_text(textwrap.dedent(source).lstrip())
        table = self.place / TABLE
        before, edge, after = table.read_text().partition(BEGIN_OF_TABLE if first else END_OF_TABLE)
        assert edge, "the table of models begins or ends in another way"
        line = f'        Model(key="{key}", {row}),\n'
        table.write_text(f"{before}{edge}{line}{after}" if first else f"{before}{line}{edge}{after}")
        return file

    def edit_model(self, key: str, old: str, new: str) -> Path:
        """Change what stands once in the file of the model `key`; its file."""
        file = self.file(key)
        source = file.read_text()
        assert source.count(old) == 1
        file.write_text(source.replace(old, new))
        return file


def traits(worker: str, waits: str, serves: str, accepts: str) -> str:
    """What a model's row says of how it serves, and the rest of it, which says how it looks."""
    return (
        f'worker="{worker}", waits="{waits}", serves="{serves}", accepts="{accepts}", keep_alive=False, '
        'title="Of a student", idea="as at home", family=ONE_LOOP, icon="pencil", colour="#000000"'
    )


def line_of(file: Path, text: str) -> int:
    """The number of the one line of `file` in which `text` stands."""
    [number] = [number for number, line in enumerate(file.read_text().splitlines(), 1) if text in line]
    return number
