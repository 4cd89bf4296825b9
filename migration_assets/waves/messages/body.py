"""The body of a message in, the text of a wave file out: an envelope of SNS opened, JSON made YAML."""

import json
import re
from typing import Any

#: the strings of a JSON text, and the tabs between its values
_STRING_OR_TAB = re.compile(r'"(?:[^"\\]|\\.)*"|\t')
#: what a string of JSON may hold as it is, and YAML would refuse or read as a line break
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def wave_text(body: str) -> bytes:
    """What is written into the place; a body that is no JSON object is passed on as it is."""
    said = _object(body)
    if said is not None and _is_envelope(said):
        body = said["Message"]
        said = _object(body)
    text = body if said is None else _STRING_OR_TAB.sub(_as_yaml, body)
    # half a pair of surrogates becomes what no reader of UTF-8 takes
    return text.encode("utf-8", "surrogatepass")


def _is_envelope(said: dict[str, Any]) -> bool:
    return said.get("Type") == "Notification" and "TopicArn" in said and isinstance(said.get("Message"), str)


def _object(text: str) -> dict[str, Any] | None:
    """None for all else; the reader of YAML then says what is wrong with it."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _as_yaml(found: re.Match[str]) -> str:
    """YAML knows neither tabs between values nor a character as two escapes."""
    if found[0] == "\t":
        return " "
    string = json.dumps(json.loads(found[0]), ensure_ascii=False)
    return _ESCAPED.sub(lambda character: f"\\u{ord(character[0]):04x}", string)
