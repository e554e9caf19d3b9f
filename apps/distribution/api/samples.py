"""The sample project over HTTP."""

from typing import Any

from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.distribution.services.samples import request_sample
from apps.jobs.api import JobOut, job_out


class SampleProjects(Api):
    @operation("project.create", "Make a sample project, by a job whose id it takes.", answers={202: JobOut})
    def post(self, request: Any, org: str) -> Result:
        """A few pictures, a recipe, and a line at work; joins a request that is under way."""
        return 202, job_out(request_sample())
