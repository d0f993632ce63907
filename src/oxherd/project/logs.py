"""What must not stand in a log, wherever it comes from."""

import logging
import re

# Whoever has one of these links may use it.
LINK = re.compile(r"(/invitation/)[\w-]+")


class WithoutLinks(logging.Filter):
    """Cuts what is secret out of addresses."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        cut = LINK.sub(r"\1...", text)
        if cut != text:
            record.msg, record.args = cut, ()
        return True
