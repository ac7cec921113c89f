"""The person's web browser."""

from __future__ import annotations


def open_url(url: str) -> bool:
    """Open an address in the browser; False when there is none to open it."""
    import webbrowser

    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False
