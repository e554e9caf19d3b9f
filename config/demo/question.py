"""The demo's question: one that the instructions leave open, with the customer's answer."""

from apps.accounts.selectors import Member
from apps.core.tenancy import tenant_tx
from apps.discussion.models import Thread
from apps.discussion.services import answer, ask
from apps.distribution.models import Task
from apps.projects.models import Project

PICTURE = "coffee.png"
QUESTION = "Does a cup count when only its handle shows at the edge of a print? In the mosaic there are many of these."
ANSWER = "Yes. Draw the part that you see, as the instructions say of objects that are cut off."


def ask_and_answer(project: Project, asks: Member, answers: Member) -> None:
    """Once: a question that is there stays as people left it."""
    with tenant_tx(asks.context):
        task = Task.objects.filter(project=project, unit__item__name=PICTURE).order_by("id").first()
        if task is None or Thread.objects.filter(project=project).exists():
            return
        thread_id = ask(task_id=task.pk, text=QUESTION).thread_id
    with tenant_tx(answers.context):
        answer(thread_id=thread_id, text=ANSWER)
