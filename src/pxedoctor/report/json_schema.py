"""Everything that --json prints, as one type and as its JSON Schema."""

import msgspec

from pxedoctor.report.document import (
    CausesDocument,
    DiagnosisDocument,
    ErrorDocument,
    ExplanationDocument,
    FindingExplanationDocument,
)
from pxedoctor.report.event_document import EventDocument
from pxedoctor.report.probe_document import ProbeDocument, ProbesDocument
from pxedoctor.report.trace_document import TraceDocument
from pxedoctor.report.treatment_document import HistoryDocument, TreatmentDocument
from pxedoctor.report.words.document import SayingsDocument

Document = (
    DiagnosisDocument
    | TreatmentDocument
    | HistoryDocument
    | ProbeDocument
    | ProbesDocument
    | TraceDocument
    | EventDocument
    | CausesDocument
    | ExplanationDocument
    | FindingExplanationDocument
    | SayingsDocument
    | ErrorDocument
)


def schema() -> str:
    """Indented."""
    return msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Document))).decode()
