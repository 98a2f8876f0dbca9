"""What people say, as an assessment folder keeps it.

::

    attestations/<id>.yaml        one attestation
    attestations/files/<sha256>   the evidence that goes with them
    waivers.yaml                  a list of accepted deviations
"""

from __future__ import annotations

from assessor.inputs.evidence_files import MAX_FILE_BYTES, MAX_FILES, IncomingFile, inspect
from assessor.inputs.words_reading import load_words
from assessor.inputs.words_recording import record_attestation, record_waiver

__all__ = [
    "MAX_FILES",
    "MAX_FILE_BYTES",
    "IncomingFile",
    "inspect",
    "load_words",
    "record_attestation",
    "record_waiver",
]
