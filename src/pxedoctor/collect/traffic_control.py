"""Understands which devices have filters on their way out; the filters themselves stay texts."""

from pxedoctor.access.answer import Answers, Text, run_question
from pxedoctor.collect.ask.traffic_control import (
    QDISCS,
    egress_filters,
    filters,
    ingress_filters,
    roots,
    with_clsact,
    with_ingress,
)
from pxedoctor.collect.texts import json_of, text_of, why_missing
from pxedoctor.model.fact import Missing
from pxedoctor.model.traffic_control import TcText


def parse(answers: Answers) -> tuple[TcText, ...] | Missing:
    value = json_of(answers, run_question(QDISCS))
    if isinstance(value, Missing):
        return why_missing(answers, run_question(QDISCS), "install iproute2") if value.status == "absent" else value
    if not isinstance(value, list):
        return Missing("failed", f"not a list: {run_question(QDISCS)}")
    listing = text_of(answers, run_question(QDISCS)) or ""
    root = roots(listing)
    asked = [(device, filters(device), False) for device in root]
    asked += [(device, egress_filters(device), False) for device in sorted(with_clsact(listing))]
    asked += [(device, ingress_filters(device), True) for device in sorted(with_ingress(listing))]
    texts: list[TcText] = []
    for device, argv, ingress in asked:
        if run_question(argv) not in answers:
            continue
        answer = answers[run_question(argv)]
        if not isinstance(answer, Text):
            return why_missing(answers, run_question(argv))
        carrier = "" if ingress else root.get(device, "")
        origin = " ".join(argv)
        texts.append(TcText(device=device, root=carrier, filters=answer.text, origin=origin, ingress=ingress))
    return tuple(texts)
