"""The file of rejected rows: each with its line and the reason, in the order of the file they are from."""

from __future__ import annotations

import json
import shutil
import tempfile
from array import array
from typing import Any, BinaryIO


class Rejects:
    """Writes to ``file``, which can be read back. What is written is there at once, whatever comes after."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.count = 0
        self._lines, self._starts = array("q"), array("q")

    def add(self, line: int, reason: str, row: dict[str, Any]) -> None:
        """Give ``row`` back; a lone surrogate in it as the escape that says the same in JSON."""
        kept = {"line": line, "reason": reason, "row": row}
        try:
            text = json.dumps(kept, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            text = json.dumps(kept).encode()
        self._lines.append(line)
        self._starts.append(self.file.tell())
        self.file.write(text + b"\n")
        self.file.flush()
        self.count += 1

    def put_in_order(self) -> None:
        """Sort what was written by line: some reasons are known only when all else is in."""
        order = sorted(range(self.count), key=lambda place: self._lines[place])  # stable: parts stay below their entry
        if order == list(range(self.count)):
            return
        with tempfile.TemporaryFile() as sorted_file:
            for place in order:
                self.file.seek(self._starts[place])
                sorted_file.write(self.file.readline())
            sorted_file.seek(0)
            self.file.seek(0)
            shutil.copyfileobj(sorted_file, self.file)
            self.file.flush()
