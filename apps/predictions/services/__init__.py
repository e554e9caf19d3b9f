"""Ask for inferences, run them, keep what they found. The worker calls `runs` and `results`; people call `requests`."""

from apps.predictions.services.dispatching import Wanted, dispatch, request_inferences
from apps.predictions.services.merging import merge_regions
from apps.predictions.services.reaping import reap_inferences, resend_inferences
from apps.predictions.services.registry import deploy, mark_ready, register_version, stop_deployment
from apps.predictions.services.requests import DeploymentStopped, cancel_inference, request_inference
from apps.predictions.services.results import TileResult, finish_inference, write_tiles
from apps.predictions.services.runs import Run, RunLost, beat, claim_inference, fail_inference, requeue_inference

__all__ = [
    "DeploymentStopped",
    "Run",
    "RunLost",
    "TileResult",
    "Wanted",
    "beat",
    "cancel_inference",
    "claim_inference",
    "deploy",
    "dispatch",
    "fail_inference",
    "finish_inference",
    "mark_ready",
    "merge_regions",
    "reap_inferences",
    "register_version",
    "request_inference",
    "request_inferences",
    "requeue_inference",
    "resend_inferences",
    "stop_deployment",
    "write_tiles",
]
