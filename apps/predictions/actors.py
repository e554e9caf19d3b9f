"""What the scheduler does for inferences. The worker's own actors are in `gpu_worker`, which no app imports."""

from apps.jobs.periodic import after_wipe, periodic
from apps.predictions import services

periodic(every=5)(services.reap_inferences)
periodic(every=2)(services.dispatch)
after_wipe(services.resend_inferences)
