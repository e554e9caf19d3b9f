"""Ask for inferences, run them, keep what they found. The worker calls `runs` and `results`; people call `requests`."""

from apps.predictions.services.dispatching import Wanted, dispatch, request_inferences
from apps.predictions.services.external import ModelRunsHere, delivered_to, external_deployment, keep_delivered
from apps.predictions.services.merging import merge_regions
from apps.predictions.services.reaping import reap_inferences, resend_inferences
from apps.predictions.services.registry import deploy, mark_ready, register_version, stop_deployment
from apps.predictions.services.requests import (
    DeploymentStopped,
    ModelIsExternal,
    cancel_inference,
    request_inference,
    require_running,
)
from apps.predictions.services.results import TileResult, finish_inference, write_tiles
from apps.predictions.services.runs import Run, RunLost, beat, claim_inference, fail_inference, requeue_inference

__all__ = [
    "DeploymentStopped",
    "ModelIsExternal",
    "ModelRunsHere",
    "Run",
    "RunLost",
    "TileResult",
    "Wanted",
    "beat",
    "cancel_inference",
    "claim_inference",
    "delivered_to",
    "deploy",
    "dispatch",
    "external_deployment",
    "fail_inference",
    "finish_inference",
    "keep_delivered",
    "mark_ready",
    "merge_regions",
    "reap_inferences",
    "register_version",
    "request_inference",
    "request_inferences",
    "requeue_inference",
    "require_running",
    "resend_inferences",
    "stop_deployment",
    "write_tiles",
]
