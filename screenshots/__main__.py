"""``python -m screenshots``: draw every picture again."""

from __future__ import annotations

import sys

from screenshots.make_screenshots import main

sys.exit(main(sys.argv[1:]))
