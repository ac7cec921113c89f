"""Locale: Airflow 2 and 3 refuse to start, or garble names, without UTF-8."""

from __future__ import annotations

import codecs
import locale
import os
import sys

from airflow_wizard.host.probe import Ask, Probe, Seen


def probe(_: Ask) -> Seen:
    """``{encoding, lang, utf8}``: the encoding of file names and text, and the variable that decides it."""
    encoding = locale.getpreferredencoding(do_setlocale=False)
    lang = next((os.environ[n] for n in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(n)), "")
    both = {codecs.lookup(encoding).name, codecs.lookup(sys.getfilesystemencoding()).name}
    return {"locale": {"encoding": encoding, "lang": lang, "utf8": both == {"utf-8"}}}


PROBES = (Probe(("locale",), "LC_ALL, LC_CTYPE, LANG", "names with non-ASCII letters", 1.0, probe),)
