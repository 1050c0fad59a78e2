"""What was done by hand, and what came of it, in words.

Owns the sentences. Knows nothing of widgets.
"""

from PySide6.QtCore import QCoreApplication

from engine import texts
from gui import formatting
from gui.by_hand.escapes import shown
from gui.history.by_hand import OURS, Act, ClientByHand, Kind

translate = QCoreApplication.translate
SENT = texts.translate("by-hand", "sent %Ln byte(s)", "", -1)
RECEIVED = texts.translate("by-hand", "received %Ln byte(s)", "", -1)
MISSING = texts.translate("by-hand", "… and %Ln more byte(s), which are not kept", "", -1)
BEGINNING = 60
"""Characters of what was sent that are said beside a mark."""


def act_words(act: Act) -> str:
    """What was done, or what happened, as in `sent 12 bytes`."""
    match act.kind:
        case "sent":
            return translate("by-hand", SENT, "", act.count)
        case "received":
            return translate("by-hand", RECEIVED, "", act.count)
        case "failed":
            return translate("by-hand", "failed: {reason}").format(reason=act.error)
        case "opened":
            return translate("by-hand", "opened a connection to {address}").format(address=act.server_address)
        case "connected":
            return translate("by-hand", "connected")
        case "held":
            return translate("by-hand", "held: what comes back is not read")
        case "resumed":
            return translate("by-hand", "reads again")
        case "half-closed":
            return translate("by-hand", "half-closed: it sends nothing more")
        case "reset":
            return translate("by-hand", "reset the connection")
        case "closed":
            return translate("by-hand", "closed the connection")
        case "ended":
            return translate("by-hand", "the server has ended its side")
        case "was-reset":
            return translate("by-hand", "the server has reset the connection")
        case "refused":
            return translate("by-hand", "refused: nobody listens there")
        case "left":
            return translate("by-hand", "closed, as this run has ended")


def state_words(client: ClientByHand) -> str:
    """How the connection stands, in a few words."""
    if client.is_held and not client.is_over:
        return translate("by-hand", "held")
    return _state_words(client.state)


def _state_words(state: Kind) -> str:
    return {
        "opened": translate("by-hand", "connecting"),
        "connected": translate("by-hand", "open"),
        "half-closed": translate("by-hand", "half-closed"),
        "ended": translate("by-hand", "ended by the server"),
        "reset": translate("by-hand", "reset"),
        "closed": translate("by-hand", "closed"),
        "was-reset": translate("by-hand", "reset by the server"),
        "refused": translate("by-hand", "refused"),
        "failed": translate("by-hand", "failed"),
        "left": translate("by-hand", "closed: this run has ended"),
    }[state]


def state_sign(client: ClientByHand) -> str:
    """The state as one character."""
    if client.is_over:
        return "✕" if client.state in ("reset", "was-reset", "refused", "failed") else "○"
    if client.is_held:
        return "‖"
    return {"opened": "…", "connected": "●"}.get(client.state, "◐")


def client_name(number: int) -> str:
    """The name of a client, as in `client 2`."""
    return translate("by-hand", "client {n}").format(n=number)


def mark_lines(client: ClientByHand, act: Act) -> list[str]:
    """What a mark in the timeline says, line by line."""
    said = translate("by-hand", "{client} {act}").format(client=client_name(client.number), act=act_words(act))
    text = shown(act.data).replace("\n", "")
    return [said, *([text if len(text) <= BEGINNING else text[:BEGINNING] + "…"] if text else [])]


def since(client: ClientByHand, act: Act) -> str:
    """When it was, from the connection's beginning, as in `+1.204 s`."""
    return translate("by-hand", "+{seconds} s").format(seconds=formatting.rounded(act.time - client.began, 3))


def arrow(act: Act) -> str:
    """Who did it: this end, or the other."""
    return "→" if act.kind in OURS else "←"


def missing_words(act: Act) -> str:
    """That the end of what was sent or received is not kept; empty if it is."""
    missing = act.count - len(act.data)
    return translate("by-hand", MISSING, "", missing) if missing > 0 else ""
